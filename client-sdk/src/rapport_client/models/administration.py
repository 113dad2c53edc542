"""The agency, its people, programs and markers, as administrators handle them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from rapport_client.models.scores import TeamReference
from rapport_client.models.team_sizes import TeamWithoutScore
from rapport_client.models.words import (
    ActorKind,
    AuditAction,
    ClientScope,
    MarkerKind,
    SubjectKind,
)


@dataclass(frozen=True)
class Actor:
    """Author of an action.

    Attributes:
        kind: what they are, such as ``person``.
        id: a person's external id, a program's id; None where there is none.
    """

    kind: ActorKind
    id: str | None


@dataclass(frozen=True)
class AuditSubject:
    """A thing that was changed.

    Attributes:
        kind: its sort.
        id: as the rest of the API has it, such as a person's external id.
    """

    kind: SubjectKind
    id: str


@dataclass(frozen=True)
class AuditChange(AuditSubject):
    """A change of one thing.

    Attributes:
        before: as it was, by member; None if it is new, or the action says it.
        after: as it is, by member; None if it has gone.
    """

    before: Mapping[str, object] | None
    after: Mapping[str, object] | None


@dataclass(frozen=True)
class AuditEntry:
    """One change by a person, a program or the command line.

    Attributes:
        id: a UUID.
        at: when it was made.
        actor: who made it.
        action: its kind.
        subject: what was changed.
        changes: what it consists of; at most 1,000.
        change_count: how many there are, also those that are not listed.
    """

    id: str
    at: datetime
    actor: Actor
    action: AuditAction
    subject: AuditSubject
    changes: tuple[AuditChange, ...]
    change_count: int


@dataclass(frozen=True)
class DeclaredMarker:
    """A marker, when it was declared, and when it was retracted.

    Attributes:
        id: Rapport's id, a UUID.
        kind: of the event.
        team_id: the id of the team; None for the whole agency.
        effective_on: the date of the event.
        confirmed: whether the date is final.
        label: what people call it.
        declared_at: when it was declared.
        declared_by: by whom; None for those who may not know.
        retracted_at: None if it was not.
    """

    id: str
    kind: MarkerKind
    team_id: str | None
    effective_on: date
    confirmed: bool
    label: str
    declared_at: datetime
    declared_by: Actor | None
    retracted_at: datetime | None


@dataclass(frozen=True)
class ServiceClient:
    """A program of the agency.

    Attributes:
        id: its id.
        name: what people call it.
        scopes: what it may do.
        team_ids: the only teams that it sees, with those below them; all if empty.
        revoked: whether it was revoked.
    """

    id: str
    name: str
    scopes: tuple[ClientScope, ...]
    team_ids: tuple[str, ...]
    revoked: bool


@dataclass(frozen=True)
class ClientSecret(ServiceClient):
    """A program with its new secret, which is shown only once.

    Attributes:
        secret: the secret.
        previous_secret_valid_until: when the secret before it stops working; None if
            there is none.
    """

    secret: str = field(repr=False)
    previous_secret_valid_until: datetime | None


@dataclass(frozen=True)
class Person:
    """A person of the roster.

    Attributes:
        external_id: the agency's id.
        team: their team.
        supervises: the teams that they supervise.
        away: whether they are not asked now.
    """

    external_id: str
    team: TeamReference
    supervises: tuple[TeamReference, ...]
    away: bool


@dataclass(frozen=True)
class EnrolmentCode:
    """A one-time code, which is shown only once.

    Attributes:
        code: the code.
        expires_at: until when it can be used.
        qr: the code as a picture (SVG).
    """

    code: str = field(repr=False)
    expires_at: datetime
    qr: str = field(repr=False)


@dataclass(frozen=True)
class Organization:
    """The agency and its settings.

    Attributes:
        id: its public id.
        name: as people know it.
        time_zone: its own clock, such as ``America/Denver``.
        min_respondents: the fewest respondents that a score may rest on.
        min_pool: the fewest people who share a ballot key.
        can_be_asked: whether enough people can answer for a wave to be announced.
        teams_without_score: the teams that are too small for a score of their own, by
            the roster as it is.
    """

    id: str
    name: str
    time_zone: str
    min_respondents: int
    min_pool: int
    can_be_asked: bool
    teams_without_score: tuple[TeamWithoutScore, ...]
