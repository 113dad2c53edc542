"""The roster: an agency's teams and people as they are now, put as a whole."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rapport_service.agency.errors import RosterInvalidError
from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.agency.roster_rules import (
    Roster,
    RosterPerson,
    RosterRowDiffs,
    RosterTeam,
    compare_rosters,
    validate_roster,
)
from rapport_service.agency.service import (
    list_people,
    list_teams,
    load_supervisions,
    lock_organization,
)


def put_roster(
    session: Session, organization_id: str, roster: Roster
) -> RosterRowDiffs:
    """Makes the agency equal to the roster; putting it again changes nothing.

    Administrators stay although no roster names them: a roster can neither make an
    administrator nor remove one. Waves that were announced keep the people they had.

    Returns:
        What changed.

    Raises:
        RosterInvalidError: the roster contradicts itself; nothing was changed.
    """
    if errors := validate_roster(roster):
        raise RosterInvalidError(errors)
    lock_organization(session, organization_id)
    changes = compare_rosters(load_roster(session, organization_id), roster)
    team_ids = _put_teams(session, organization_id, roster.teams)
    _put_people(session, organization_id, roster.people, team_ids)
    return changes


def preview_roster(
    session: Session, organization_id: str, roster: Roster
) -> RosterRowDiffs:
    """The changes that putting the roster would make now; makes none of them.

    Raises:
        RosterInvalidError: the roster contradicts itself.
    """
    if errors := validate_roster(roster):
        raise RosterInvalidError(errors)
    return compare_rosters(load_roster(session, organization_id), roster)


def load_roster(session: Session, organization_id: str) -> Roster:
    """The roster as it is now."""
    teams = list_teams(session, organization_id)
    names = {team.team_id: team.external_id for team in teams}
    supervised = load_supervisions(session, organization_id)
    return Roster(
        teams=tuple(
            RosterTeam(
                team.external_id,
                team.name,
                None if team.parent_id is None else names[team.parent_id],
            )
            for team in teams
        ),
        people=tuple(
            RosterPerson(
                person.external_id,
                names[person.team_id],
                tuple(names[team] for team in supervised.get(person.person_id, ())),
            )
            for person in list_people(session, organization_id)
            if person.team_id is not None  # every listed person has a team
        ),
    )


def _put_teams(
    session: Session, organization_id: str, listed: tuple[RosterTeam, ...]
) -> dict[str, UUID]:
    rows = {
        row.external_id: row
        for row in session.scalars(
            select(Team).where(Team.organization_id == organization_id)
        )
    }
    ids = {
        team.external_id: rows[team.external_id].team_id
        if team.external_id in rows
        else uuid4()
        for team in listed
    }
    for team in _sort_parents_first(listed):
        parent_id = None if team.parent is None else ids[team.parent]
        row = rows.get(team.external_id)
        if row is None:
            session.add(
                Team(
                    organization_id=organization_id,
                    team_id=ids[team.external_id],
                    external_id=team.external_id,
                    name=team.name,
                    parent_id=parent_id,
                    listed=True,
                )
            )
            session.flush()  # a child's row needs its parent's
        else:
            row.name, row.parent_id, row.listed = team.name, parent_id, True
    for row in rows.values():
        row.listed = row.external_id in ids
    session.flush()
    return ids


def _put_people(
    session: Session,
    organization_id: str,
    listed: tuple[RosterPerson, ...],
    team_ids: dict[str, UUID],
) -> None:
    rows = {
        row.external_id: row
        for row in session.scalars(
            select(Person).where(Person.organization_id == organization_id)
        )
    }
    session.execute(
        delete(Supervision).where(Supervision.organization_id == organization_id)
    )
    new_supervisions: list[Supervision] = []
    for person in listed:
        team_id = team_ids[person.team]
        wanted = {team_ids[team] for team in person.supervises}
        row = rows.get(person.external_id)
        if row is None:
            row = Person(
                organization_id=organization_id,
                person_id=uuid4(),
                external_id=person.external_id,
                team_id=team_id,
                admin=False,
                listed=True,
            )
            session.add(row)
        else:
            row.team_id, row.listed = team_id, True
        new_supervisions += [
            Supervision(
                organization_id=organization_id, team_id=team, person_id=row.person_id
            )
            for team in wanted
        ]
    names = {person.external_id for person in listed}
    for row in rows.values():
        if row.listed and row.external_id not in names:
            row.team_id, row.listed = None, False
    session.flush()
    session.add_all(new_supervisions)


def _sort_parents_first(teams: Iterable[RosterTeam]) -> list[RosterTeam]:
    children: dict[str | None, list[RosterTeam]] = {}
    for team in teams:
        children.setdefault(team.parent, []).append(team)
    order = list(children.get(None, ()))
    for team in order:  # grows while it is walked: breadth first
        order += children.get(team.external_id, ())
    return order
