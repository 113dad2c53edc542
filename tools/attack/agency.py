"""Random agencies: trees, people whose attitudes last, phones, and changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from rapport_client import Answer

ROOT = "agency"
FEW_PHONES = "unit-few"
"""Unit of ten of whom one has a phone."""

MIN_UNIT, MAX_UNIT = 4, 12
PHONE_SHARE = 2 / 3
"""People with a phone; the others have none in any wave, as a third of staff."""

PUBLIC_ROLES = ("caseworker", "supervisor", "section supervisor", "director")

OMISSIONS = ("", "", "", "", "", "", "", "", "T", "C", "*", "**")
"""Items that people always skip: most of them none."""

SPECIAL_ANSWERS: tuple[Answer, ...] = ("na", "skip")


@dataclass(frozen=True)
class Member:
    """Person of a random agency.

    Attributes:
        name: external id; tells nothing of team or order.
        team: external id of the team.
        supervises: external ids of teams.
        has_phone: whether they enrol a phone when they join.
        trust: what they think of trust, on the answer scale; the same in all waves.
        communication: the same of communication.
        diligence: probability that they answer a wave.
        omits: first letter of the items that they always skip; ``*`` for all but the
            anchor, ``**`` for all, empty for none.
    """

    name: str
    team: str
    supervises: tuple[str, ...] = ()
    has_phone: bool = True
    trust: float = 3.0
    communication: float = 3.0
    diligence: float = 0.9
    omits: str = ""


@dataclass(frozen=True)
class AgencyPlan:
    """Tree and people of an agency at one time.

    Attributes:
        parents: by team, its parent; None for the root.
        members: by external id.
    """

    parents: Mapping[str, str | None]
    members: Mapping[str, Member]

    def subtree(self, team: str) -> set[str]:
        """A team and all teams below it."""
        children = [child for child, parent in self.parents.items() if parent == team]
        return {team}.union(*(self.subtree(child) for child in children))

    def members_of(self, team: str) -> list[Member]:
        """The people who are in a team itself."""
        return [each for each in self.members.values() if each.team == team]


@dataclass
class AgencyGenerator:
    """Draws agencies and lets them change from wave to wave.

    Args:
        rng: of the seed.
        sections: their number.
        units: the fewest and the most units of a section.
    """

    rng: Random
    sections: int = 2
    units: tuple[int, int] = (2, 3)
    _names: set[str] = field(default_factory=set)

    def generate(self) -> AgencyPlan:
        """Draw an agency: sections with units of 4 to 12, a supervisor for each."""
        parents: dict[str, str | None] = {ROOT: None}
        members: list[Member] = [self._draw_member(ROOT, (ROOT,))]
        for section in range(self.sections):
            name = f"section-{section}"
            parents[name] = ROOT
            members.append(self._draw_member(name, (name,)))
            for number in range(self.rng.randint(*self.units)):
                unit = f"unit-{section}-{number}"
                parents[unit] = name
                size = self.rng.randint(MIN_UNIT, MAX_UNIT)
                members.append(self._draw_member(unit, (unit,)))
                members += [self._draw_member(unit) for _ in range(size - 1)]
        parents[FEW_PHONES] = "section-0"
        for number in range(10):
            lonely = self._draw_member(FEW_PHONES)
            members.append(replace(lonely, has_phone=not number, diligence=0.5))
        self.rng.shuffle(members)
        return AgencyPlan(parents, {each.name: each for each in members})

    def generate_small(self, team_size: int, omits: str = "") -> AgencyPlan:
        """Draw two teams in which everybody answers, and a root of which three do.

        Args:
            team_size: people of a team.
            omits: items that the three at the root skip.
        """
        parents = {ROOT: None, "section-0": ROOT, "section-1": ROOT}
        members = [self._draw_member(ROOT, (ROOT,))]
        for team, size in (
            (ROOT, 8),
            ("section-0", team_size),
            ("section-1", team_size),
        ):
            members += [
                replace(
                    self._draw_member(team),
                    has_phone=team != ROOT or number < 3,
                    diligence=1.0,
                    omits=omits if team == ROOT else "",
                )
                for number in range(size)
            ]
        return AgencyPlan(parents, {each.name: each for each in members})

    def change(self, plan: AgencyPlan) -> AgencyPlan:
        """Let people join, leave and move, and perhaps a unit change its section."""
        members = dict(plan.members)
        staff = [
            each
            for each in members.values()
            if not each.supervises and each.team != FEW_PHONES
        ]
        for each in self.rng.sample(staff, self.rng.randint(1, 2)):
            del members[each.name]
        units = [team for team in plan.parents if team.startswith("unit-")]
        units.remove(FEW_PHONES)
        for unit in self.rng.sample(units, min(2, len(units))):
            joiner = self._draw_member(unit)
            members[joiner.name] = joiner
        remaining = [each for each in staff if each.name in members]
        for each in self.rng.sample(remaining, self.rng.randint(1, 2)):
            members[each.name] = replace(each, team=self.rng.choice(units))
        parents = dict(plan.parents)
        if self.rng.random() < 0.5:
            unit = self.rng.choice(units)
            parents[unit] = f"section-{self.rng.randrange(self.sections)}"
        return AgencyPlan(parents, members)

    def _draw_member(self, team: str, supervises: tuple[str, ...] = ()) -> Member:
        name = f"{self.rng.getrandbits(32):08x}"
        while name in self._names:
            name = f"{self.rng.getrandbits(32):08x}"
        self._names.add(name)
        attitude = self.rng.gauss(3.2, 0.8)
        return Member(
            name,
            team,
            supervises,
            has_phone=self.rng.random() < PHONE_SHARE,
            trust=attitude + self.rng.gauss(0, 0.4),
            communication=attitude + self.rng.gauss(0, 0.4),
            diligence=self.rng.choice((1.0, 0.9, 0.6)),
            omits=self.rng.choice(OMISSIONS),
        )


@dataclass(frozen=True)
class AnsweredPulse:
    """Answers that a person gave in one wave.

    Attributes:
        values: by item, in the order of the form.
        context: to the context question.
    """

    values: Mapping[str, Answer]
    context: str | None


def draw_answers(
    rng: Random, member: Member, items: Sequence[str], contexts: Sequence[str]
) -> AnsweredPulse:
    """Draw the answers of a person: what they think, with little noise."""
    values: dict[str, Answer] = {}
    for item in items:
        attitude = member.communication if item.startswith("C") else member.trust
        point = min(5, max(1, round(rng.gauss(attitude, 0.4))))
        values[item] = 6 - point if item.endswith("R") else point
        if is_omitted(member.omits, item):
            values[item] = "skip"
        elif rng.random() < 0.03:
            values[item] = rng.choice(SPECIAL_ANSWERS)
    return AnsweredPulse(values, rng.choice((*contexts, None)))


def is_omitted(omits: str, item: str) -> bool:
    """Return whether a person with such omissions always skips an item."""
    if omits == "*":
        return not item.startswith("A")
    return omits == "**" or (omits != "" and item.startswith(omits))
