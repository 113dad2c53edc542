"""The roster: an agency's teams and people as they are now, put as a whole."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rapport_service.agency.errors import Mistake, RosterInvalidError
from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.agency.service import lock_roster


@dataclass(frozen=True)
class RosterTeam:
    """A team as the agency's own system names it."""

    external_id: str
    name: str
    parent: str | None


@dataclass(frozen=True)
class RosterPerson:
    """A person, the team they belong to, the teams whose subtree they supervise."""

    external_id: str
    team: str
    supervises: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roster:
    """The whole agency. Whoever is missing from it is no longer in the agency."""

    teams: tuple[RosterTeam, ...]
    people: tuple[RosterPerson, ...]


@dataclass(frozen=True)
class Change:
    """How many rows a roster added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0


def mistakes(roster: Roster) -> list[Mistake]:
    """Everything that keeps a roster from being one tree with its people. Pure."""
    found: list[Mistake] = []
    parents = {team.external_id: team.parent for team in roster.teams}
    found += _repeated("teams", (team.external_id for team in roster.teams))
    found += _repeated("people", (person.external_id for person in roster.people))
    if sum(parent is None for parent in parents.values()) != 1:
        found.append(
            Mistake("teams", "exactly one team has no parent: the agency itself")
        )
    for index, team in enumerate(roster.teams):
        if team.parent is not None and team.parent not in parents:
            found.append(
                Mistake(f"teams.{index}.parent", "names no team of this roster")
            )
        elif _circular(team.external_id, parents):
            found.append(
                Mistake(f"teams.{index}.parent", "leads back to the team itself")
            )
    for index, person in enumerate(roster.people):
        if person.team not in parents:
            found.append(
                Mistake(f"people.{index}.team", "names no team of this roster")
            )
        found += [
            Mistake(
                f"people.{index}.supervises.{place}", "names no team of this roster"
            )
            for place, team in enumerate(person.supervises)
            if team not in parents
        ]
    return found


def put_roster(
    session: Session, organization_id: str, roster: Roster
) -> tuple[Change, Change]:
    """Makes the agency equal to the roster; putting it again changes nothing.

    Administrators stay although no roster names them: a roster can neither make an
    administrator nor remove one. Waves that were announced keep the people they had.

    Returns:
        What changed among the teams, and among the people.

    Raises:
        RosterInvalidError: the roster contradicts itself; nothing was changed.
    """
    if found := mistakes(roster):
        raise RosterInvalidError(found)
    lock_roster(session, organization_id)
    team_ids, teams = _put_teams(session, organization_id, roster.teams)
    people = _put_people(session, organization_id, roster.people, team_ids)
    return teams, people


def _put_teams(
    session: Session, organization_id: str, listed: tuple[RosterTeam, ...]
) -> tuple[dict[str, UUID], Change]:
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
    added = changed = 0
    for team in _parents_first(listed):
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
            added += 1
        elif (row.name, row.parent_id, row.listed) != (team.name, parent_id, True):
            row.name, row.parent_id, row.listed = team.name, parent_id, True
            changed += 1
    gone = [row for row in rows.values() if row.listed and row.external_id not in ids]
    for row in gone:
        row.listed = False
    session.flush()
    return ids, Change(added, changed, len(gone))


def _put_people(
    session: Session,
    organization_id: str,
    listed: tuple[RosterPerson, ...],
    team_ids: dict[str, UUID],
) -> Change:
    rows = {
        row.external_id: row
        for row in session.scalars(
            select(Person).where(Person.organization_id == organization_id)
        )
    }
    supervised: dict[UUID, set[UUID]] = {}
    for held in session.scalars(
        select(Supervision).where(Supervision.organization_id == organization_id)
    ):
        supervised.setdefault(held.person_id, set()).add(held.team_id)
    session.execute(
        delete(Supervision).where(Supervision.organization_id == organization_id)
    )
    added = changed = 0
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
            added += 1
        else:
            had = supervised.get(row.person_id, set())
            if (row.team_id, row.listed, had) != (team_id, True, wanted):
                changed += 1
            row.team_id, row.listed = team_id, True
        new_supervisions += [
            Supervision(
                organization_id=organization_id, team_id=team, person_id=row.person_id
            )
            for team in wanted
        ]
    names = {person.external_id for person in listed}
    gone = [row for row in rows.values() if row.listed and row.external_id not in names]
    for row in gone:
        row.team_id, row.listed = None, False
    session.flush()
    session.add_all(new_supervisions)
    return Change(added, changed, len(gone))


def _parents_first(teams: Iterable[RosterTeam]) -> list[RosterTeam]:
    children: dict[str | None, list[RosterTeam]] = {}
    for team in teams:
        children.setdefault(team.parent, []).append(team)
    order = list(children.get(None, ()))
    for team in order:  # grows while it is walked: breadth first
        order += children.get(team.external_id, ())
    return order


def _circular(team: str, parents: dict[str, str | None]) -> bool:
    seen = {team}
    at = parents.get(team)
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at == team


def _repeated(where: str, names: Iterable[str]) -> list[Mistake]:
    return [
        Mistake(where, f"external_id {name!r} appears {count} times")
        for name, count in Counter(names).items()
        if count > 1
    ]
