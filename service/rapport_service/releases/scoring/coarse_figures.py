"""What a coarse document may be reckoned from: what it shows already.

A coarse score is rounded because few people made it. An interval or an arrow reckoned
from the score before rounding would take the rounding back: its middle lies at the
hidden score, and its width tells how alike the answers were. So for a coarse group both
are functions of the score as shown, the low ends of its two bands and the dispersion of
the whole organization. They tell a reader nothing that is not in the document, and they
err on the wide side, since a band's low end is the fewest people that it can mean.
"""

from dataclasses import dataclass
from typing import Self

from rapport_service.disclosure.bands import (
    min_of_participation_band,
    min_of_respondents_band,
    participation_band,
    respondents_band,
)
from rapport_service.disclosure.rounding import (
    COARSE_STEP,
    Bound,
    Construct,
    ShownInterval,
    coarse_score,
    round_outward,
)
from rapport_service.releases.scoring.figures import Figures
from rapport_service.releases.scoring.organization_parameters import (
    OrganizationParameters,
)
from rapport_service.stats.finite_population import Census
from rapport_service.stats.intervals import moderated_se, score_interval
from rapport_service.stats.scores import Score, to_points


@dataclass(frozen=True)
class CoarseFigure:
    """One construct of a coarse document.

    Attributes:
        score: points, a multiple of 5.
        bound: where the score was clamped.
        people: the fewest that the band of respondents can mean.
        percent: the least that the band of participation can mean.
    """

    score: int
    bound: Bound | None
    people: int
    percent: int

    @classmethod
    def of(cls, figures: Figures, name: Construct, categories: int) -> Self:
        """What a document shows of these figures, if it is a coarse one."""
        n = figures.n["any"]
        score, bound = coarse_score(
            to_points(figures.constructs[name].theta, categories)
        )
        return cls(
            score,
            bound,
            min_of_respondents_band(respondents_band(n)),
            min_of_participation_band(participation_band(n, figures.eligible)),
        )

    def interval(
        self, parameters: OrganizationParameters, name: Construct, categories: int
    ) -> ShownInterval:
        """The interval around the score as shown, open where the score was clamped."""
        dispersion = parameters.dispersion[name]
        census = observed_census(self.people, self.percent, parameters.rotation[name])
        found = score_interval(self._score(categories), categories, dispersion, census)
        if found is None:
            raise ValueError("a score that is shown has an interval")
        low, high = (to_points(end, categories) for end in (found.low, found.high))
        return round_outward(
            0 if self.bound == "at_most" else low,
            100 if self.bound == "at_least" else high,
            COARSE_STEP,
        )

    def score_and_se(self, dispersion: float, categories: int) -> tuple[float, float]:
        """The score and its standard error, on the answer scale, as far as shown."""
        score = self._score(categories)
        error = moderated_se(score, categories, dispersion)
        if score.theta is None or error is None:
            raise ValueError("a score that is shown has a value")
        return score.theta, error

    def _score(self, categories: int) -> Score:
        theta = 1 + self.score * (categories - 1) / 100
        return Score(self.people, self.people, theta, None)


def observed_census(
    people: float, percent: int, rotation: float | None
) -> Census | None:
    """How much of a group was observed, as its band of participation tells it.

    N itself would make an interval of no width say that everybody answered.

    Args:
        people: who answered anything.
        percent: the least that the band can mean.
        rotation: as a `Census` has it.
    """
    return Census(100 * people / percent, rotation) if percent else None
