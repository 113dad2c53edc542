"""People of the roster, each with their team and the teams that they supervise."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.names import find_name_faults, normalize_name
from rapport_service.agency.errors import UnknownPersonError
from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.charter.document import team_reference
from rapport_service.core.paging import (
    WHOLE_LIST,
    Page,
    PageRequest,
    cut_page,
    key_of,
    select_page,
)

ORDER = (Person.external_id,)
"""The order of the list of people."""


@dataclass(frozen=True)
class RosterPlace:
    """A person's place in the roster; the teams they supervise are by external id."""

    external_id: str
    team: Team
    supervises: tuple[Team, ...]
    away: bool


def load_people(
    session: Session,
    organization_id: str,
    external_id: str | None = None,
    wanted: PageRequest = WHOLE_LIST,
) -> Page[RosterPlace]:
    """People of the roster, by external id; or the one who has it."""
    selected = select(Person.person_id).where(
        Person.organization_id == organization_id, Person.listed
    )
    if external_id is not None:
        selected = selected.where(Person.external_id == external_id)
    selected = select_page(selected, ORDER, wanted)
    supervised: dict[UUID, list[Team]] = {}
    for person_id, team in session.execute(
        select(Supervision.person_id, Team)
        .join_from(Supervision, Team)
        .where(
            Supervision.organization_id == organization_id,
            Supervision.person_id.in_(selected),
        )
        .order_by(Team.external_id)
    ):
        supervised.setdefault(person_id, []).append(team)
    people = session.execute(
        selected.add_columns(Person.external_id, Team, Person.away).join_from(
            Person, Team
        )
    )
    places = [
        RosterPlace(name, team, tuple(supervised.get(person_id, ())), away)
        for person_id, name, team, away in people
    ]
    return cut_page(places, wanted, lambda place: key_of(place, ORDER))


def load_person(
    session: Session, organization_id: str, external_id: str
) -> RosterPlace:
    """A person of the roster.

    Raises:
        UnknownPersonError: nobody in the roster has this external id.
    """
    name = normalize_name(external_id)
    if not find_name_faults(name):  # no roster has another; PostgreSQL refuses a NUL
        for person in load_people(session, organization_id, name).rows:
            return person
    raise UnknownPersonError(external_id)


def is_asked(session: Session, organization_id: str, person_id: UUID) -> bool:
    """Whether waves that are announced from now on ask a person, by today's roster.

    A person who supervises the whole agency has no group to answer in. This is what
    ``voting_groups.find_voting_team`` says, without the tree that it walks.
    """
    supervises_all = (
        select(Supervision.person_id)
        .join_from(Supervision, Team)
        .where(
            Supervision.organization_id == organization_id,
            Supervision.person_id == person_id,
            Team.parent_id.is_(None),
        )
    )
    asked = select(Person.person_id).where(
        Person.organization_id == organization_id,
        Person.person_id == person_id,
        Person.listed,
        Person.away.is_(False),
        ~supervises_all.exists(),
    )
    return session.scalar(asked) is not None


def person_document(person: RosterPlace) -> dict[str, object]:
    """A person as ``PersonSchema`` writes it."""
    return {
        "external_id": person.external_id,
        "team": team_reference(person.team),
        "supervises": [team_reference(team) for team in person.supervises],
        "away": person.away,
    }
