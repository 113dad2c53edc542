"""Teams that are too small for a score of their own, known before anybody is asked."""

from dataclasses import dataclass

from rapport_client.models.words import SizeReason


@dataclass(frozen=True)
class SizedTeam:
    """A team of the roster.

    Attributes:
        id: Rapport's id, a UUID; None if only a dry run has the team.
        external_id: the agency's id.
        name: as people know it.
    """

    id: str | None
    external_id: str
    name: str


@dataclass(frozen=True)
class TeamWithoutScore:
    """A team that has no score of its own, even if everybody answers.

    Attributes:
        team: the team.
        reason: ``too_small``: fewer people can answer than ``needed``;
            ``joins_larger_team``: they answer under the key of a team above, because a
            pool would be too small otherwise.
        eligible: how many people can answer in it and in the teams below it.
        needed: how many must be able to answer for a score.
        supervisors: how many of its people supervise it, and so answer above it.
        answers_with: the team above whose score has their answers; None where nobody
            can answer, or there is no score at all.
    """

    team: SizedTeam
    reason: SizeReason
    eligible: int
    needed: int
    supervisors: int
    answers_with: SizedTeam | None
