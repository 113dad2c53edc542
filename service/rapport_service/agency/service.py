"""Use cases and queries of organizations, their people, teams and clients."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, SubjectKind
from rapport_schemas.names import find_name_faults, normalize_name
from rapport_service.agency.audit import Actor, Change, Subject, append_entry
from rapport_service.agency.errors import (
    OrganizationInvalidError,
    TimeZoneInvalidError,
    UnknownOrganizationError,
    UnknownPersonError,
)
from rapport_service.agency.models import (
    ClientTeam,
    Organization,
    Person,
    Supervision,
    Team,
)
from rapport_service.agency.names import (
    require_external_id,
    require_name,
    require_unlike,
)
from rapport_service.agency.time_zones import is_time_zone, suggest_time_zones
from rapport_service.charter.limits import MIN_POOL_RANGE, MIN_RESPONDENTS_RANGE

_PUBLIC_ID = re.compile(r"[a-z][a-z0-9]{2,19}", re.ASCII)


def is_organization_id(text: str) -> bool:
    """Whether this could be an organization's public id at all. Pure."""
    return _PUBLIC_ID.fullmatch(text) is not None


def create_organization(
    session: Session,
    organization_id: str,
    name: str,
    time_zone: str,
    min_respondents: int,
    min_pool: int,
) -> None:
    """Makes an organization without any people.

    Raises:
        OrganizationInvalidError: the id is taken or ill-formed, or a minimum outside
            its range (5 to 25 each).
        TimeZoneInvalidError: there is no such time zone.
        DocumentInvalidError: the name has characters that cannot be seen, or too many.
    """
    name = require_name(name, "name")
    if not is_organization_id(organization_id):
        raise OrganizationInvalidError(
            "an id is 3 to 20 lower-case letters and digits and begins with a letter"
        )
    if session.get(Organization, organization_id) is not None:
        raise OrganizationInvalidError(f"the id {organization_id!r} is taken")
    _require_time_zone(time_zone)
    if min_respondents not in MIN_RESPONDENTS_RANGE or min_pool not in MIN_POOL_RANGE:
        raise OrganizationInvalidError("both minimums must be between 5 and 25")
    session.add(
        Organization(
            organization_id=organization_id,
            name=name,
            time_zone=time_zone,
            min_respondents=min_respondents,
            min_pool=min_pool,
        )
    )
    session.flush()


def get_organization(session: Session, organization_id: str) -> Organization:
    """The organization.

    Raises:
        UnknownOrganizationError: there is none with this id.
    """
    organization = session.get(Organization, organization_id)
    if organization is None:
        raise UnknownOrganizationError(organization_id)
    return organization


def update_organization(
    session: Session,
    organization_id: str,
    actor: Actor,
    now: datetime,
    *,
    min_pool: int | None = None,
    time_zone: str | None = None,
) -> Organization:
    """Changes settings that are given; charters that are frozen keep theirs.

    Each change is audited. What is as it was already is neither written nor audited.
    Waves that are planned follow a new time zone by ``waves.settings``, which calls
    this.

    Raises:
        UnknownOrganizationError: there is none with this id.
        OrganizationInvalidError: a minimum is out of range.
        TimeZoneInvalidError: there is no such time zone.
    """
    lock_organization(session, organization_id)
    organization = get_organization(session, organization_id)
    if min_pool is not None and min_pool not in MIN_POOL_RANGE:
        raise OrganizationInvalidError("min_pool must be between 5 and 25")
    wanted = {"min_pool": min_pool, "time_zone": time_zone}
    after = {
        name: value
        for name, value in wanted.items()
        if value is not None and value != getattr(organization, name)
    }
    if "time_zone" in after:
        _require_time_zone(str(time_zone))
    if not after:
        return organization
    subject = Subject(SubjectKind.ORGANIZATION, organization_id)
    before = {name: getattr(organization, name) for name in after}
    for name, value in after.items():
        setattr(organization, name, value)
    append_entry(
        *(session, organization_id, now, actor, AuditAction.SETTINGS_CHANGED),
        subject,
        [Change(subject, before, after)],
    )
    return organization


def _require_time_zone(name: str) -> None:
    if not is_time_zone(name):
        raise TimeZoneInvalidError(suggest_time_zones(name))


def organization_document(organization: Organization) -> dict[str, object]:
    """An organization as ``OrganizationSchema`` writes it."""
    return {
        "id": organization.organization_id,
        "name": organization.name,
        "time_zone": organization.time_zone,
        "min_respondents": organization.min_respondents,
        "min_pool": organization.min_pool,
    }


def lock_organization(session: Session, organization_id: str) -> None:
    """Locks the organization until the commit, against others that take this lock.

    For what is read whole and then written, as rosters and pulses are: two that do so
    at once would leave a mixture, or both of what excludes each other.
    """
    session.execute(
        select(Organization.organization_id)
        .where(Organization.organization_id == organization_id)
        .with_for_update(key_share=True)  # new rows may refer to it meanwhile
    )


def record_person(session: Session, organization_id: str, external_id: str) -> Person:
    """The person on record with this id; a new one, outside the roster, if none has.

    Raises:
        DocumentInvalidError: no person can have this id, or one has an id that is too
            like it.
    """
    external_id = require_external_id(external_id, "external_id")
    person = session.scalar(
        select(Person).where(
            Person.organization_id == organization_id,
            Person.external_id == external_id,
        )
    )
    if person is None:
        require_unlike(
            external_id, "external_id", _list_person_ids(session, organization_id)
        )
        person = Person(
            organization_id=organization_id,
            person_id=uuid4(),
            external_id=external_id,
            team_id=None,
            admin=False,
            auditor=False,
            away=False,
            listed=False,
        )
        session.add(person)
        session.flush()
    return person


def _list_person_ids(session: Session, organization_id: str) -> Iterable[str]:
    """The ids of everybody in the roster, and of administrators and auditors."""
    return session.scalars(
        select(Person.external_id).where(
            Person.organization_id == organization_id,
            Person.listed | Person.admin | Person.auditor,
        )
    )


def get_person(session: Session, organization_id: str, external_id: str) -> Person:
    """A person of the roster, an administrator or an auditor.

    Raises:
        UnknownPersonError: none of them.
    """
    person = get_recorded_person(session, organization_id, external_id)
    if not is_known(person):
        raise UnknownPersonError(external_id)
    return person


def is_known(person: Person) -> bool:
    """Whether a person is in the roster, an administrator or an auditor."""
    return person.listed or person.admin or person.auditor


def get_recorded_person(
    session: Session, organization_id: str, external_id: str
) -> Person:
    """A person on record, in the roster or no longer.

    Raises:
        UnknownPersonError: no person has this id.
    """
    name = normalize_name(external_id)
    if find_name_faults(name):  # no roster has it; PostgreSQL refuses a NUL
        raise UnknownPersonError(external_id)
    person = session.scalar(
        select(Person).where(
            Person.organization_id == organization_id, Person.external_id == name
        )
    )
    if person is None:
        raise UnknownPersonError(external_id)
    return person


def list_people(session: Session, organization_id: str) -> list[Person]:
    """Every person of the roster, by external id."""
    return list(
        session.scalars(
            select(Person)
            .where(Person.organization_id == organization_id, Person.listed)
            .order_by(Person.external_id)
        )
    )


def list_teams(session: Session, organization_id: str) -> list[Team]:
    """Every team of the roster, by external id."""
    return list(
        session.scalars(
            select(Team)
            .where(Team.organization_id == organization_id, Team.listed)
            .order_by(Team.external_id)
        )
    )


def list_recorded_teams(session: Session, organization_id: str) -> list[Team]:
    """Every team of the roster and every one that has left it, by external id."""
    return list(
        session.scalars(
            select(Team)
            .where(Team.organization_id == organization_id)
            .order_by(Team.external_id)
        )
    )


def load_supervisions(session: Session, organization_id: str) -> dict[UUID, set[UUID]]:
    """For each supervisor, the teams they were given, without those below."""
    supervised: dict[UUID, set[UUID]] = {}
    for row in session.scalars(
        select(Supervision).where(Supervision.organization_id == organization_id)
    ):
        supervised.setdefault(row.person_id, set()).add(row.team_id)
    return supervised


def get_external_id(session: Session, organization_id: str, person_id: UUID) -> str:
    """The external id of a person that is known to exist."""
    return session.get_one(Person, (organization_id, person_id)).external_id


def load_client_teams(
    session: Session, organization_id: str, client_id: UUID
) -> set[UUID]:
    """The subtrees that a client is limited to; empty means no limit."""
    return set(
        session.scalars(
            select(ClientTeam.team_id).where(
                ClientTeam.organization_id == organization_id,
                ClientTeam.client_id == client_id,
            )
        )
    )


class TreeNode(Protocol):
    """A team of a tree: the roster's, or that of a charter."""

    @property
    def team_id(self) -> UUID:
        """The team."""

    @property
    def parent_id(self) -> UUID | None:
        """The team above it."""


def expand_subtrees(teams: Iterable[TreeNode], roots: Iterable[UUID]) -> set[UUID]:
    """The roots and every team below them."""
    children: dict[UUID | None, list[UUID]] = {}
    known = set()
    for team in teams:
        known.add(team.team_id)
        children.setdefault(team.parent_id, []).append(team.team_id)
    subtree = {root for root in roots if root in known}
    waiting = list(subtree)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in subtree:
                subtree.add(child)
                waiting.append(child)
    return subtree
