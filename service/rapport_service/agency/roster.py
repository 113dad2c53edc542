"""The roster: an agency's teams and people as they are now, put as a whole.

Its rows go in and out in bulk: no object of the ORM is made for any of them.
"""

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID, uuid4

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.orm import Session

from rapport_service.agency.administrators import (
    AdministratorsLeftOutError,
    Right,
    list_holders,
)
from rapport_service.agency.errors import RosterChangedError, RosterInvalidError
from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.agency.roster_rules import (
    Roster,
    RosterPerson,
    RosterRowDiffs,
    RosterTeam,
    Row,
    RowDiff,
    compare_rosters,
    find_like_administrators,
    require_confirmed_removals,
    roster_digest,
)
from rapport_service.agency.service import lock_organization
from rapport_service.core.bulk import split_rows, upsert_rows


def put_roster(
    session: Session,
    organization_id: str,
    roster: Roster,
    expected_digests: Collection[str] | None = None,
    confirmed_removals: int | None = None,
) -> RosterRowDiffs:
    """Makes the agency equal to the roster; putting it again changes nothing.

    No roster makes an administrator or an auditor. Somebody who leaves the roster is
    none any more, but the last administrator cannot leave it; those whom no roster ever
    named stay. Charters that were frozen keep the people they count.

    Args:
        session: a transaction at the poll book's door.
        organization_id: the agency.
        roster: a valid one.
        expected_digests: the digests that the roster now may have, if given.
        confirmed_removals: how many people are to be removed, if they are many.

    Returns:
        What changed.

    Raises:
        RosterChangedError: the roster now is another one than expected.
        AdministratorsLeftOutError: nobody would be an administrator any more.
        RemovalsUnconfirmedError: many people would be removed, and nobody confirmed
            their number.
    """
    lock_organization(session, organization_id)
    diff = preview_roster(session, organization_id, roster, expected_digests)
    require_confirmed_removals(diff, confirmed_removals)
    team_ids = _apply_teams(session, organization_id, diff.teams)
    _apply_people(session, organization_id, diff.people, team_ids)
    _apply_supervisions(session, organization_id, diff.people, team_ids)
    return diff


def preview_roster(
    session: Session,
    organization_id: str,
    roster: Roster,
    expected_digests: Collection[str] | None = None,
) -> RosterRowDiffs:
    """The changes that putting the roster would make now; makes none of them.

    Raises:
        RosterChangedError: the roster now is another one than expected.
        RosterInvalidError: an id is too like that of an administrator.
        AdministratorsLeftOutError: nobody would be an administrator any more.
    """
    _require_unlike_administrators(session, organization_id, roster)
    current = load_roster(session, organization_id)
    diff = compare_rosters(current, roster)
    if (
        expected_digests is not None
        and (diff.teams or diff.people)  # else it was put already: a repeated request
        and roster_digest(current) not in expected_digests
    ):
        raise RosterChangedError
    _require_administrator(session, organization_id, diff)
    return diff


def _require_administrator(
    session: Session, organization_id: str, diff: RosterRowDiffs
) -> None:
    """Checks that the agency keeps an administrator, if it has one."""
    administrators = list_holders(session, organization_id, Right.ADMIN)
    if administrators and set(administrators) <= set(_removed_ids(diff.people)):
        raise AdministratorsLeftOutError(", ".join(administrators))


def _require_unlike_administrators(
    session: Session, organization_id: str, roster: Roster
) -> None:
    """Checks that no person can be taken for an administrator, or the reverse."""
    administrators = session.scalars(
        select(Person.external_id).where(
            Person.organization_id == organization_id, Person.admin | Person.auditor
        )
    )
    if errors := list(find_like_administrators(roster, administrators)):
        raise RosterInvalidError(errors)


def load_roster(session: Session, organization_id: str) -> Roster:
    """The roster as it is now, in no order."""
    teams = session.execute(
        select(Team.team_id, Team.external_id, Team.name, Team.parent_id).where(
            Team.organization_id == organization_id, Team.listed
        )
    ).all()
    names = {team.team_id: team.external_id for team in teams}
    supervised: dict[str, list[str]] = {}
    for person, team in session.execute(
        select(Person.external_id, Team.external_id)
        .join_from(Supervision, Person)
        .join_from(Supervision, Team)
        .where(Supervision.organization_id == organization_id)
    ):
        supervised.setdefault(person, []).append(team)
    people = session.execute(
        select(Person.external_id, Team.external_id, Person.away)
        .join_from(Person, Team)
        .where(Person.organization_id == organization_id, Person.listed)
    )
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
            RosterPerson(person, team, tuple(supervised.get(person, ())), away)
            for person, team, away in people
        ),
    )


def _apply_teams(
    session: Session, organization_id: str, diff: list[RowDiff[RosterTeam]]
) -> dict[str, UUID]:
    """Writes the teams that differ.

    Returns:
        The id of every team on record, by external id.
    """
    teams = select(Team.external_id, Team.team_id).where(
        Team.organization_id == organization_id
    )
    ids = {team.external_id: team.team_id for team in session.execute(teams)}
    listed = [row.after for row in diff if row.after is not None]
    ids |= {t.external_id: uuid4() for t in listed if t.external_id not in ids}
    upsert_rows(
        session,
        Team,
        (
            {
                "organization_id": organization_id,
                "team_id": ids[team.external_id],
                "external_id": team.external_id,
                "name": team.name,
                "parent_id": None if team.parent is None else ids[team.parent],
                "listed": True,
            }
            for team in _sort_parents_first(listed)
        ),
        key=("organization_id", "external_id"),
        updated=("name", "parent_id", "listed"),
    )
    for removed in split_rows(_removed_ids(diff)):
        session.connection().execute(
            update(Team)
            .where(
                Team.organization_id == organization_id, Team.external_id.in_(removed)
            )
            .values(listed=False)
        )
    return ids


def _apply_people(
    session: Session,
    organization_id: str,
    diff: list[RowDiff[RosterPerson]],
    team_ids: dict[str, UUID],
) -> None:
    """Writes the people that differ, but not whom they supervise."""
    upsert_rows(
        session,
        Person,
        (
            {
                "organization_id": organization_id,
                "person_id": uuid4(),
                "external_id": row.after.external_id,
                "team_id": team_ids[row.after.team],
                "admin": False,
                "auditor": False,
                "away": row.after.away,
                "listed": True,
            }
            for row in diff
            if row.after is not None
        ),
        key=("organization_id", "external_id"),
        updated=("team_id", "listed", "away"),
    )
    for removed in split_rows(_removed_ids(diff)):
        session.connection().execute(
            update(Person)
            .where(
                Person.organization_id == organization_id,
                Person.external_id.in_(removed),
            )
            .values(team_id=None, listed=False, admin=False, auditor=False, away=False)
        )


def _apply_supervisions(
    session: Session,
    organization_id: str,
    diff: list[RowDiff[RosterPerson]],
    team_ids: dict[str, UUID],
) -> None:
    """Writes which teams the people that differ supervise."""
    before = _list_supervisions(row.before for row in diff)
    after = _list_supervisions(row.after for row in diff)
    person_ids: dict[str, UUID] = {}
    for names in split_rows({person for person, _ in before ^ after}):
        people = select(Person.external_id, Person.person_id).where(
            Person.organization_id == organization_id, Person.external_id.in_(names)
        )
        person_ids |= {
            row.external_id: row.person_id for row in session.execute(people)
        }

    def ids(supervisions: set[tuple[str, str]]) -> Iterator[tuple[UUID, UUID]]:
        return ((team_ids[team], person_ids[person]) for person, team in supervisions)

    for ended in split_rows(ids(before - after)):
        session.connection().execute(
            delete(Supervision).where(
                Supervision.organization_id == organization_id,
                tuple_(Supervision.team_id, Supervision.person_id).in_(ended),
            )
        )
    upsert_rows(
        session,
        Supervision,
        (
            {"organization_id": organization_id, "team_id": team, "person_id": person}
            for team, person in ids(after - before)
        ),
        key=("organization_id", "team_id", "person_id"),
    )


def _list_supervisions(people: Iterable[RosterPerson | None]) -> set[tuple[str, str]]:
    """Pairs of a supervisor and a team, by external id."""
    return {
        (person.external_id, team)
        for person in people
        if person is not None
        for team in person.supervises
    }


def _removed_ids(diff: Iterable[RowDiff[Row]]) -> Iterator[str]:
    for row in diff:
        if row.before is not None and row.after is None:
            yield row.before.external_id


def _sort_parents_first(teams: list[RosterTeam]) -> list[RosterTeam]:
    """The teams, each after its parent if that is one of them."""
    children: dict[str | None, list[RosterTeam]] = {}
    names = {team.external_id for team in teams}
    for team in teams:
        parent = team.parent if team.parent in names else None
        children.setdefault(parent, []).append(team)
    order = list(children.get(None, ()))
    for team in order:  # grows while it is walked: breadth first
        order += children.get(team.external_id, ())
    return order
