"""What a team's score can be: released, rolled up, withheld or pending."""

from dataclasses import dataclass
from datetime import datetime

from rapport_client.errors import UnexpectedReply
from rapport_client.members import Members


@dataclass(frozen=True)
class Figure:
    """One construct's figure.

    Attributes:
        score: 0 to 100.
        bound: ``at_most`` or ``at_least`` where the score was clamped, else None.
        favourable: percent of favourable answers; in the fine tier alone.
    """

    score: int
    bound: str | None
    favourable: int | None


@dataclass(frozen=True)
class Constructs:
    """The figures of a team; they come together or not at all."""

    trust: Figure
    communication: Figure
    overall: Figure


@dataclass(frozen=True)
class TeamName:
    """A team, as a score names it."""

    id: str
    name: str


@dataclass(frozen=True)
class Released:
    """The team's own figures.

    Attributes:
        team: whose score it is.
        wave: the wave's public id.
        release: the number of the release, from 1.
        tier: ``coarse`` (to the nearest 5) or ``fine`` (whole numbers).
        respondents: a band, such as ``10-19``.
        participation: a band of percent, such as ``85+``.
        constructs: the figures.
    """

    team: TeamName
    wave: str
    release: int
    tier: str
    respondents: str
    participation: str
    constructs: Constructs


@dataclass(frozen=True)
class RolledUp:
    """The figures of the nearest team above that has some.

    Attributes:
        team: the team that was asked for.
        source: the team above, whose figures these are.
        wave: the wave's public id.
        release: the number of the release, from 1.
        tier: ``coarse`` (to the nearest 5) or ``fine`` (whole numbers).
        respondents: a band, such as ``10-19``.
        participation: a band of percent, such as ``85+``.
        constructs: the figures.
    """

    team: TeamName
    source: TeamName
    wave: str
    release: int
    tier: str
    respondents: str
    participation: str
    constructs: Constructs


@dataclass(frozen=True)
class Withheld:
    """No figures: too few people answered, here and in every team above."""

    team: TeamName
    wave: str
    release: int


@dataclass(frozen=True)
class Pending:
    """No figures yet: the wave is sealed at ``seals_at``, or soon after."""

    team: TeamName
    wave: str
    seals_at: datetime


Score = Released | RolledUp | Withheld | Pending


def read(score: Members) -> Score:
    """Reads a score.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    team, wave = _team(score.nested("team")), score.text("wave")
    match score.text("status"):
        case "released":
            return Released(
                team=team,
                wave=wave,
                release=score.integer("release"),
                tier=score.text("tier"),
                respondents=score.text("respondents"),
                participation=score.text("participation"),
                constructs=_constructs(score.nested("constructs")),
            )
        case "rolled_up":
            return RolledUp(
                team=team,
                source=_team(score.nested("from")),
                wave=wave,
                release=score.integer("release"),
                tier=score.text("tier"),
                respondents=score.text("respondents"),
                participation=score.text("participation"),
                constructs=_constructs(score.nested("constructs")),
            )
        case "withheld":
            return Withheld(team, wave, score.integer("release"))
        case "pending":
            return Pending(team, wave, score.instant("seals_at"))
        case other:
            raise UnexpectedReply(f"a score of a status not known here: {other}")


def _team(team: Members) -> TeamName:
    return TeamName(team.text("id"), team.text("name"))


def _constructs(constructs: Members) -> Constructs:
    return Constructs(
        trust=_figure(constructs.nested("trust")),
        communication=_figure(constructs.nested("communication")),
        overall=_figure(constructs.nested("overall")),
    )


def _figure(figure: Members) -> Figure:
    return Figure(
        score=figure.integer("score"),
        bound=figure.text_or_none("bound"),
        favourable=figure.integer_or_none("favourable"),
    )
