"""Rosters: from and to documents, their rules, and the differences of two. Pure.

A roster can have 200,000 people, so its rows are named tuples: small, quick to compare.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from rapport_schemas.errors import ErrorCode, FieldError, join_pointer
from rapport_schemas.names import clash_key, find_clashes
from rapport_service.agency.errors import RemovalsUnconfirmedError, RosterInvalidError
from rapport_service.encoding import base64url

MAX_LEVELS = 20
"""How many levels of teams may lie below the agency. Real trees have under ten."""

ONE_ROOT = "must have exactly one team without a parent, which is the agency itself"

MAX_UNCONFIRMED_REMOVALS, MAX_UNCONFIRMED_SHARE = 10, 10
"""Ten people, or one in ten if that is more, may be removed without confirmation."""


class RosterTeam(NamedTuple):
    """A team as the agency's own system names it."""

    external_id: str
    name: str
    parent: str | None


class RosterPerson(NamedTuple):
    """A person, their team, the teams they supervise, whether they are not asked."""

    external_id: str
    team: str
    supervises: tuple[str, ...] = ()
    away: bool = False


Row = TypeVar("Row", RosterTeam, RosterPerson)


@dataclass(frozen=True)
class Roster:
    """The whole agency. A person missing from it is no longer in the agency."""

    teams: tuple[RosterTeam, ...]
    people: tuple[RosterPerson, ...]


@dataclass(frozen=True)
class ChangeCounts:
    """How many rows a roster added, changed and removed."""

    added: int = 0
    changed: int = 0
    removed: int = 0


class RowDiff(NamedTuple, Generic[Row]):
    """A row that a roster adds (no before), removes (no after) or changes."""

    before: Row | None
    after: Row | None


@dataclass(frozen=True)
class RosterRowDiffs:
    """Rows that a roster would change, in the columns of a roster and no other.

    ``people_before`` is how many people the agency has without these changes.
    """

    teams: list[RowDiff[RosterTeam]]
    people: list[RowDiff[RosterPerson]]
    people_before: int

    @property
    def counts(self) -> tuple[ChangeCounts, ChangeCounts]:
        """How many there are, among the teams and among the people."""
        return _count_changes(self.teams), _count_changes(self.people)


def compare_rosters(before: Roster, after: Roster) -> RosterRowDiffs:
    """The difference of two rosters, by external id. Pure."""
    return RosterRowDiffs(
        _diff_rows(before.teams, after.teams),
        _diff_rows(_normalize_people(before.people), _normalize_people(after.people)),
        len(before.people),
    )


def validate_roster(roster: Roster) -> list[FieldError]:
    """Everything that keeps a roster from being one tree with its people. Pure."""
    parents = {team.external_id: team.parent for team in roster.teams}
    if sum(parent is None for parent in parents.values()) != 1:
        errors = [FieldError("/teams", ErrorCode.NOT_ONE_ROOT, ONE_ROOT)]
    else:
        errors = []
    if not roster.teams:  # and so no team for any of the people
        return errors
    errors += _find_duplicates("teams", roster.teams)
    errors += _find_duplicates("people", roster.people)
    cycles, too_deep = _find_cycles(parents), _find_too_deep(parents)
    for index, team in enumerate(roster.teams):
        pointer = join_pointer("teams", index, "parent")
        if team.parent is not None and team.parent not in parents:
            errors.append(_unknown_team(pointer))
        elif team.external_id in cycles:
            cycle = "must not lead back to the team itself"
            errors.append(FieldError(pointer, ErrorCode.CYCLE, cycle))
        elif team.external_id in too_deep:
            depth = f"must not put it more than {MAX_LEVELS} levels below the agency"
            errors.append(FieldError(pointer, ErrorCode.TOO_DEEP, depth))
    for index, person in enumerate(roster.people):
        if person.team not in parents:
            errors.append(_unknown_team(join_pointer("people", index, "team")))
        errors += [
            _unknown_team(join_pointer("people", index, "supervises", position))
            for position, team in enumerate(person.supervises)
            if team not in parents
        ]
    return errors


def find_like_administrators(
    roster: Roster, administrators: Iterable[str]
) -> Iterator[FieldError]:
    """The people whose id could be taken for that of an administrator. Pure."""
    by_key = {clash_key(name): name for name in administrators}
    for index, person in enumerate(roster.people):
        name = person.external_id
        other = by_key.get(clash_key(name), name)
        if other != name:
            yield FieldError(
                join_pointer("people", index, "external_id"),
                ErrorCode.REPEATED,
                f"is {name}, which is too like {other}, an administrator",
            )


def removals_to_confirm(diff: RosterRowDiffs) -> int:
    """Count of removals that must be confirmed; 0 if they are few. Pure.

    Half a file is a valid roster too.
    """
    _, people = diff.counts
    few = max(MAX_UNCONFIRMED_REMOVALS, diff.people_before // MAX_UNCONFIRMED_SHARE)
    return people.removed if people.removed > few else 0


def require_confirmed_removals(diff: RosterRowDiffs, confirmed: int | None) -> None:
    """Refuses to remove many people unless their very number is confirmed. Pure.

    Raises:
        RemovalsUnconfirmedError: it is not; says how many they are.
    """
    removals = removals_to_confirm(diff)
    if removals not in {0, confirmed}:
        raise RemovalsUnconfirmedError(removals, diff.people_before)


def roster_from_document(document: Mapping[str, Any]) -> Roster:
    """The roster in a document that its schema has checked.

    Raises:
        RosterInvalidError: it contradicts itself.
    """
    roster = Roster(
        teams=tuple(
            RosterTeam(team["external_id"], team["name"], team["parent"])
            for team in document["teams"]
        ),
        people=tuple(
            RosterPerson(
                person["external_id"],
                person["team"],
                tuple(person["supervises"]),
                person["away"],
            )
            for person in document["people"]
        ),
    )
    if errors := validate_roster(roster):
        raise RosterInvalidError(errors)
    return roster


def roster_document(roster: Roster) -> dict[str, object]:
    """The document of a roster, rows and supervised teams by external id."""
    return {
        "teams": [team._asdict() for team in sorted(roster.teams)],
        "people": [
            person._asdict() for person in sorted(_normalize_people(roster.people))
        ],
    }


def dump_roster(roster: Roster) -> bytes:
    """The one form in which a roster is served, so that equal rosters are equal bytes.

    JSON in UTF-8 without white space, members and rows in the order of
    ``roster_document``.
    """
    return json.dumps(
        roster_document(roster), ensure_ascii=False, separators=(",", ":")
    ).encode()


def roster_digest(roster: Roster) -> str:
    """The digest of a roster's one form, which is its ETag."""
    return base64url.digest(dump_roster(roster))


def roster_diff_document(
    diff: RosterRowDiffs, rights: Mapping[str, Sequence[str]] | None
) -> dict[str, object]:
    """The counts of a roster's changes; for a dry run the changed rows as well.

    Args:
        diff: the changes.
        rights: of a dry run, the administrators and auditors among the people that
            change; None if the roster was put.
    """
    teams, people = diff.counts
    counted: dict[str, object] = {"teams": asdict(teams), "people": asdict(people)}
    if rights is not None:
        counted["diff"] = {
            "teams": [_row_diff_document(row) for row in diff.teams],
            "people": [_row_diff_document(row) for row in diff.people],
            **rights,
        }
    return counted


def _row_diff_document(row: RowDiff[Row]) -> dict[str, object]:
    return {
        "before": None if row.before is None else row.before._asdict(),
        "after": None if row.after is None else row.after._asdict(),
    }


def _normalize_people(people: Iterable[RosterPerson]) -> Iterator[RosterPerson]:
    """People with the teams they supervise in one order, each once."""
    for person in people:
        yield (
            person._replace(supervises=tuple(sorted(set(person.supervises))))
            if len(person.supervises) > 1
            else person
        )


def _diff_rows(before: Iterable[Row], after: Iterable[Row]) -> list[RowDiff[Row]]:
    old: dict[str, Row] = {row.external_id: row for row in before}
    new: dict[str, Row] = {row.external_id: row for row in after}
    changed = {
        key: RowDiff(old.get(key), row)
        for key, row in new.items()
        if old.get(key) != row
    }
    removed = {key: RowDiff(row, None) for key, row in old.items() if key not in new}
    return [row for _, row in sorted((changed | removed).items())]


def _count_changes(rows: Sequence[RowDiff[Row]]) -> ChangeCounts:
    added = sum(row.before is None for row in rows)
    removed = sum(row.after is None for row in rows)
    return ChangeCounts(added, len(rows) - added - removed, removed)


def _find_cycles(parents: dict[str, str | None]) -> set[str]:
    """Every team whose parents lead back to it; looks at each team once."""
    cycles: set[str] = set()
    seen: set[str] = set()
    for team in parents:
        path: dict[str, int] = {}
        at: str | None = team
        while at is not None and at not in seen:
            path[at] = len(path)
            seen.add(at)
            at = parents.get(at)
        if at in path:
            cycles |= {name for name, step in path.items() if step >= path[at]}
    return cycles


def _find_too_deep(parents: dict[str, str | None]) -> set[str]:
    """The teams one level too far below the agency; teams below those are left out."""
    children: dict[str | None, list[str]] = {}
    for team, parent in parents.items():
        children.setdefault(parent, []).append(team)
    level = children.get(None, [])
    for _ in range(MAX_LEVELS + 1):
        level = [child for team in level for child in children.get(team, ())]
    return set(level)


def _find_duplicates(where: str, rows: Sequence[Row]) -> Iterator[FieldError]:
    """Every row whose external id people could take for that of a row before it."""
    for index, earlier in find_clashes(row.external_id for row in rows):
        name = rows[index].external_id
        yield FieldError(
            join_pointer(where, index, "external_id"),
            ErrorCode.REPEATED,
            "must not be the id of an earlier row"
            if name == earlier
            else f"is {name}, which is too like {earlier} of an earlier row",
        )


def _unknown_team(pointer: str) -> FieldError:
    return FieldError(pointer, ErrorCode.UNKNOWN_TEAM, "names no team of this roster")
