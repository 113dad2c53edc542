"""References: the things and ids that are accepted where a team or a wave is meant."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote
from uuid import UUID

from rapport_client._resources.calls import get
from rapport_client._resources.operation import Exchange
from rapport_client.errors import TeamNotFound
from rapport_client.models import (
    DeclaredMarker,
    Marker,
    Person,
    PlannedWave,
    RecurringPulse,
    ServiceClient,
    Team,
    TeamReference,
)

AnyTeam: TypeAlias = Team | TeamReference | UUID | str
"""A team, its id, or its external id; a text that is a UUID is an id."""

AnyWave: TypeAlias = PlannedWave | str
"""A wave, or its id, such as ``acme.5b0e9d7e-...``."""

AnyPulse: TypeAlias = RecurringPulse | UUID | str
"""A pulse, or its id."""

AnyMarker: TypeAlias = DeclaredMarker | Marker | UUID | str
"""A marker, or its id."""

AnyClient: TypeAlias = ServiceClient | str
"""A program, or its id."""

AnyPerson: TypeAlias = Person | str
"""A person of the roster, or their external id."""


def resolve_team(team: AnyTeam) -> Exchange[str]:
    """The id of a team; asks the service for that of an external id.

    Raises:
        TeamNotFound: the caller may read no team with this external id.
        TypeError: it is no reference to a team.
    """
    if isinstance(team, Team | TeamReference):
        return team.id
    if isinstance(team, UUID):
        return str(team)
    if not isinstance(team, str):
        raise TypeError(_message("team", "a Team, its id or its external id", team))
    if is_uuid(team):
        return team
    reply = yield from get("teams", "the list of teams", external_id=team)
    for listed in reply.objects("teams"):
        return listed.text("id")
    raise TeamNotFound(
        status=HTTPStatus.NOT_FOUND,
        code="team-not-found",
        title="Team not found.",
        detail=f"You can read no team whose external id is {team!r}.",
        retry="no",
        request_id=None,
        errors=(),
        document={},
    )


def wave_id(wave: AnyWave) -> str:
    """The id of a wave; raises TypeError for what is no reference to one."""
    if isinstance(wave, UUID):
        raise TypeError(_message("wave", "a PlannedWave or its id", wave))
    return _id_of(wave, "wave", PlannedWave)


def pulse_id(pulse: AnyPulse) -> str:
    """The id of a pulse; raises TypeError for what is no reference to one."""
    return _id_of(pulse, "pulse", RecurringPulse)


def marker_id(marker: AnyMarker) -> str:
    """The id of a marker; raises TypeError for what is no reference to one."""
    return _id_of(marker, "marker", DeclaredMarker, Marker)


def client_id(client: AnyClient) -> str:
    """The id of a program; raises TypeError for what is no reference to one."""
    if isinstance(client, UUID):
        raise TypeError(_message("client", "a ServiceClient or its id", client))
    return _id_of(client, "client", ServiceClient)


def read_external_id(person: AnyPerson) -> str:
    """The external id of a person; raises TypeError for what is no reference to one."""
    if isinstance(person, Person):
        return person.external_id
    if not isinstance(person, str):
        raise TypeError(_message("person", "a Person or an external id", person))
    return person


def quoted(reference: str) -> str:
    """A reference as a part of a path.

    Raises:
        ValueError: it would change the path.
    """
    if reference in {"", ".", ".."}:
        raise ValueError(f"{reference!r} is no id")
    return quote(reference, safe="")


def utc_text(instant: datetime) -> str:
    """An instant as the service reads it: UTC, whole seconds, a fraction rounded up.

    Raises:
        TypeError: it is no datetime.
        ValueError: it has no time zone.
    """
    if not isinstance(instant, datetime):
        raise TypeError(f"a time must be a datetime, not {type(instant).__name__}")
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} needs a time zone, such as datetime.UTC")
    if instant.microsecond:
        instant = instant.replace(microsecond=0) + timedelta(seconds=1)
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID with its hyphens."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _id_of(reference: object, name: str, *classes: type[Any]) -> str:
    if isinstance(reference, classes):
        return str(reference.id)
    if not isinstance(reference, str | UUID):
        accepted = f"a {classes[0].__name__} or its id"
        raise TypeError(_message(name, accepted, reference))
    return str(reference)


def _message(name: str, accepted: str, given: object) -> str:
    return f"{name} must be {accepted}, not {type(given).__name__}"
