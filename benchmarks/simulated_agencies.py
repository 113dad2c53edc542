"""Simulated agencies over many waves, with a known truth, through the real scoring.

People stay: part of what each person feels lasts, the rest is new in each wave. Teams
drift on their own, and shocks move all of them at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import numpy as np

from rapport_service.charter.document import CharterTerms
from rapport_service.charter.voting_groups import TeamNode
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.releases.scoring.aggregation import statistics_layout
from rapport_service.stats.sufficient_statistics import Floats, SufficientStatistics

ROOT = UUID(int=1)
ITEMS = tuple(item.id for item in CURRENT_INSTRUMENT.items)
LAYOUT = statistics_layout(CURRENT_INSTRUMENT)
DIFFICULTY = np.array([0.3, -0.2, 0.1, 0.4, -0.5, -0.1, 0.2, -0.4, 0.0, 0.3, -0.3, 0.2])
FIRST_WAVE = datetime(2027, 1, 4, 9, tzinfo=UTC)
FORTNIGHT = timedelta(days=14)

STABLE_SHARE, TURNOVER, MISSING = 0.55, 0.03, 0.02
TEAM_SHOCK, TEAM_CORRELATION = 1.8, 0.5
POINTS = 25.0
"""Points of a score that one step of the answer scale is."""


@dataclass(frozen=True)
class Shape:
    """Form of a distribution of answers.

    Attributes:
        middle: of the answer scale, before it is cut off at 1 and 5.
        person: standard deviation of people.
        noise: standard deviation of a single answer.
    """

    middle: float
    person: float = 0.8
    noise: float = 0.75


SHAPES = (
    Shape(2.6),
    Shape(3.1),
    Shape(3.6),
    Shape(4.1),
    Shape(3.3, person=1.1, noise=0.6),
)


@dataclass(frozen=True)
class World:
    """Circumstances of a simulated agency.

    Attributes:
        sizes: members of each team.
        shape: of its answers.
        response: share of the members who answer.
        shock_sd: standard deviation of common shocks, in points.
        shock_correlation: of common shocks from wave to wave.
        effect: by wave, what an event adds, in points; of all teams or of each.
    """

    sizes: Sequence[int]
    shape: Shape
    response: float = 0.88
    shock_sd: float = 0.0
    shock_correlation: float = 0.0
    effect: Sequence[float] | Floats = ()


@dataclass(frozen=True)
class SimulatedWave:
    """Answers of a wave as statistics, and the truth behind them.

    Attributes:
        own: statistics by team.
        truth: by construct, the mean of all members over all questions, in points; (m,)
            of the teams.
    """

    own: Mapping[UUID, SufficientStatistics]
    truth: Mapping[str, Floats]


@dataclass
class Agency:
    """A simulated agency; each wave continues the one before."""

    world: World
    rng: np.random.Generator
    _stable: list[Floats] = field(default_factory=list)
    _levels: Floats = field(default_factory=lambda: np.zeros(0))
    _own: Floats = field(default_factory=lambda: np.zeros(0))
    _shock: float = 0.0
    _points: Floats = field(default_factory=lambda: np.zeros(0))
    _wave: int = 0

    def __post_init__(self) -> None:
        teams = len(self.world.sizes)
        self._levels = self.rng.normal(0, 0.28, teams)
        self._own = self.rng.normal(0, TEAM_SHOCK, teams)
        self._shock = self.rng.normal(0, 1) * self.world.shock_sd
        self._stable = [self._draw_people(size) for size in self.world.sizes]
        self._points = self._points_by_shift()

    @property
    def teams(self) -> list[UUID]:
        """The ids of the teams, in order."""
        return [UUID(int=2 + number) for number in range(len(self.world.sizes))]

    @property
    def charter(self) -> CharterTerms:
        """The terms of every wave's charter."""
        nodes = (
            TeamNode(ROOT, None, "agency", "Agency"),
            *(
                TeamNode(team, ROOT, f"t{number:02}", f"Team {number}")
                for number, team in enumerate(self.teams)
            ),
        )
        eligible = dict(zip(self.teams, self.world.sizes, strict=True))
        return simulated_charter(nodes, {ROOT: sum(self.world.sizes), **eligible})

    def waves(self, count: int) -> Iterator[SimulatedWave]:
        """Yields so many waves."""
        for _ in range(count):
            yield self._next_wave()

    def _next_wave(self) -> SimulatedWave:
        world, rng = self.world, self.rng
        if self._wave:
            rho = world.shock_correlation
            self._shock = rho * self._shock + np.sqrt(1 - rho**2) * (
                world.shock_sd * rng.normal()
            )
            self._own = TEAM_CORRELATION * self._own + np.sqrt(
                1 - TEAM_CORRELATION**2
            ) * rng.normal(0, TEAM_SHOCK, len(self._own))
        effect = world.effect[self._wave] if self._wave < len(world.effect) else 0.0
        moved = np.interp(self._own + self._shock + effect, self._points, _SHIFTS)
        self._wave += 1
        own, truths = {}, []
        for number, (team, size) in enumerate(
            zip(self.teams, world.sizes, strict=True)
        ):
            leaves = rng.random(size) < TURNOVER
            self._stable[number][leaves] = self._draw_people(int(leaves.sum()))
            answers = self._answers(number, self._levels[number] + moved[number])
            truths.append(
                [
                    answers[:, cut].mean()
                    for cut in (slice(0, 6), slice(6, 12), slice(0, 12))
                ]
            )
            own[team] = self._respond(answers)
        points = POINTS * (np.array(truths) - 1)
        names = ("trust", "communication", "overall")
        return SimulatedWave(own, dict(zip(names, points.T, strict=True)))

    def _answers(self, number: int, shift: float) -> np.ndarray:
        """(size, 12) answers of all members to all questions."""
        shape, stable = self.world.shape, self._stable[number]
        size = len(stable)
        transient = np.sqrt(1 - STABLE_SHARE) * self._person_parts(size)
        person = stable + transient
        spread = np.repeat(person, 6, axis=1)
        noise = self.rng.normal(0, shape.noise, (size, 12))
        drawn = shape.middle + shift + DIFFICULTY + spread + noise
        return np.asarray(np.clip(np.rint(drawn), 1, 5).astype(np.int64))

    def _respond(self, answers: np.ndarray) -> SufficientStatistics:
        """Statistics of the members who respond, each on a form drawn at random."""
        here = answers[self.rng.random(len(answers)) < self.world.response]
        forms = FORMS[self.rng.integers(len(FORMS), size=len(here))]
        shown = forms & (self.rng.random(here.shape) >= MISSING)
        codes = np.zeros((len(here), len(LAYOUT.items)), dtype=np.int64)
        codes[:, 0] = here[:, :2].mean(axis=1).round() if len(here) else 0
        codes[:, 1:] = np.where(shown, here, 0)
        return SufficientStatistics.from_rows(LAYOUT, codes, [None] * len(codes))

    def _draw_people(self, size: int) -> Floats:
        """(size, 2) what lasts of people's feelings, for trust and communication."""
        return np.asarray(np.sqrt(STABLE_SHARE) * self._person_parts(size))

    def _person_parts(self, size: int) -> Floats:
        common = self.rng.normal(0, self.world.shape.person * 0.9, (size, 1))
        apart = self.rng.normal(0, self.world.shape.person * 0.44, (size, 2))
        return np.asarray(common + apart)

    def _points_by_shift(self) -> Floats:
        """How many points the score moves where everybody moves by each shift."""
        rng, shape = np.random.default_rng(7), self.world.shape
        spread = np.hypot(shape.person, shape.noise)
        drawn = shape.middle + rng.normal(0, spread, (4000, 12)) + DIFFICULTY
        scores = np.array(
            [np.clip(np.rint(drawn + shift), 1, 5).mean() for shift in _SHIFTS]
        )
        return np.asarray(POINTS * (scores - np.interp(0.0, _SHIFTS, scores)))


_SHIFTS = np.linspace(-2.0, 2.0, 81)

FORMS = np.array(
    [
        [
            item in {shown.id for shown in CURRENT_INSTRUMENT.items_on_form(form)}
            for item in ITEMS
        ]
        for form in range(len(CURRENT_INSTRUMENT.forms))
    ]
)


def simulated_charter(
    nodes: Sequence[TeamNode], eligible: Mapping[UUID, int]
) -> CharterTerms:
    """The terms of a charter with this tree."""
    return CharterTerms(
        nodes=tuple(nodes),
        eligible=dict(eligible),
        min_respondents=5,
        instrument_digest=CURRENT_INSTRUMENT.digest,
        sealing_key="",
    )
