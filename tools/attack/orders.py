"""Orders that a copy offers: of people, of ballots, of answers; and the true one.

Each order is a value for each person of a wave: where the rows that name them lie, or
what a column of these rows holds; or the same of the ballot or the answers that are
truly theirs. Equal values stay equal here; a test breaks ties at random.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from tools.attack.capture import Capture, Moment, Row, StoredFile
from tools.attack.phones import Sent
from tools.attack.stored import stored_answers

MIN_COVERAGE = 0.25
"""Share of a wave's people that an order must place, or it is no order of them.

A log that was cut at the last rewrite has those who came since then.
"""

MIN_OF_FILE = 4


class Side(StrEnum):
    """Thing that an order is of."""

    PEOPLE = "people"
    BALLOTS = "ballots"
    ANSWERS = "answers"
    ARRIVAL = "arrival"


Stratum = tuple[str, ...]
Places = Mapping[Stratum, Sequence[int | None]]
"""By stratum, the place of each of its people in an order; None where they are not."""


@dataclass
class Orders:
    """All orders of one wave in one copy.

    Attributes:
        moment: of the copy.
        strata: people by stratum.
        places: by side and name of the order.
        groups: by name of a column, for each released group: each row's value, and the
            voting team that the row is truly of.
    """

    moment: Moment
    strata: Mapping[Stratum, Sequence[str]]
    places: dict[Side, dict[str, Places]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    groups: dict[str, list[tuple[list[int], list[int]]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def read_orders(
    copy: Capture, seed: str, sent: Sequence[Sent], released_groups: Mapping[str, str]
) -> Orders:
    """Read every order of a wave's people, ballots and answers out of a copy.

    Args:
        copy: the operator's.
        seed: of the agency; part of the names of strata.
        sent: the truth: all that arrived in the wave.
        released_groups: by ballot key, the smallest released group around its team;
            empty before the seal.
    """
    by_key: dict[Stratum, list[str]] = defaultdict(list)
    for each in sent:
        by_key[seed, each.wave, each.kid].append(each.person)
    orders = Orders(copy.moment, {key: sorted(names) for key, names in by_key.items()})
    reader = _Reader(orders, copy, sent)
    reader.read_arrival()
    reader.read_tables()
    reader.read_files()
    if released_groups:
        reader.read_groups(released_groups)
    return orders


@dataclass
class _Reader:
    orders: Orders
    copy: Capture
    sent: Sequence[Sent]

    def __post_init__(self) -> None:
        wave = UUID(self.sent[0].wave.partition(".")[2])
        self.wave = wave.hex
        names = {each.person for each in self.sent}
        people = {
            str(row["person_id"]): str(row["external_id"])
            for row in self.copy.tables["people"]
        }
        self.people = {key: name for key, name in people.items() if name in names}
        self.ballots = {each.ballot_hash: each.person for each in self.sent}
        self.answers = self._match_answers()

    def _match_answers(self) -> dict[str, str]:
        """The author of each row of answers; of equal rows, in any order."""
        waiting: dict[tuple[object, object], list[str]] = defaultdict(list)
        for each in self.sent:
            waiting[each.form, stored_answers(each.answers)].append(each.person)
        authors = {}
        for row in self.copy.tables["answers"]:
            same = waiting[row["form"], row["answers"]]
            if row["wave_id"] == self.wave and same:
                authors[str(row["answer_id"])] = same.pop()
        return authors

    def read_arrival(self) -> None:
        self._add(Side.ARRIVAL, "arrival", {s.person: s.arrival for s in self.sent})

    def read_tables(self) -> None:
        for name, rows in self.copy.tables.items():
            for side, find in (
                (Side.PEOPLE, self._person_of),
                (Side.BALLOTS, self._ballot_of),
                (Side.ANSWERS, self._answers_of),
            ):
                own = [
                    (person, row)
                    for row in rows
                    if row.get("wave_id", self.wave) == self.wave
                    and (person := find(row)) is not None
                ]
                for column in own[0][1] if own else ():
                    self._add(
                        side,
                        f"{name}.{column}",
                        {person: row[column] for person, row in own},
                    )

    def _person_of(self, row: Row) -> str | None:
        return self.people.get(str(row.get("person_id")))

    def _ballot_of(self, row: Row) -> str | None:
        return next(
            (
                self.ballots[value]
                for value in row.values()
                if isinstance(value, bytes) and value in self.ballots
            ),
            None,
        )

    def _answers_of(self, row: Row) -> str | None:
        return self.answers.get(str(row.get("answer_id")))

    def read_files(self) -> None:
        """Read the places of people, ballots and answers in each file."""
        tokens: dict[Side, Mapping[Any, str]] = {
            Side.PEOPLE: self.people,
            Side.BALLOTS: self.ballots,
            Side.ANSWERS: self.answers,
        }
        for name, files in _group_files(self.copy.files).items():
            content = b"".join(file.content for file in files)
            for side, named in tokens.items():
                first, last = {}, {}
                for token, person in named.items():
                    places = find_token(content, token)
                    if places:
                        first[person], last[person] = places[0], places[-1]
                size = self.copy.page_size
                on_page = {person: at % size for person, at in last.items()}
                self._add(side, f"{name}, first place", first)
                self._add(side, f"{name}, last place", last)
                self._add(side, f"{name}, place on a page", on_page)

    def _add(self, side: Side, name: str, values: Mapping[str, object]) -> None:
        if len(values) < max(MIN_OF_FILE, MIN_COVERAGE * len(self.sent)):
            return
        if len({*map(repr, values.values())}) == 1:
            return
        ordered = sorted({*map(_sort_key, values.values())})
        rank = {key: place for place, key in enumerate(ordered)}
        self.orders.places[side][name] = {
            stratum: [
                rank[_sort_key(values[person])] if person in values else None
                for person in people
            ]
            for stratum, people in self.orders.strata.items()
        }

    def read_groups(self, released_groups: Mapping[str, str]) -> None:
        """Columns that might part a released group, or a wave, into voting teams."""
        keys = {each.person: each.kid for each in self.sent}
        for name, rows in self.copy.tables.items():
            by_group: dict[str, list[tuple[str, Row]]] = defaultdict(list)
            for row in rows:
                if row.get("wave_id", self.wave) != self.wave:
                    continue
                if (person := self._answers_of(row)) is not None:
                    by_group[released_groups.get(keys[person], "")].append(
                        (person, row)
                    )
                elif (person := self._ballot_of(row)) is not None:
                    by_group["wave"].append((person, row))
            for members in by_group.values():
                self._add_groups(name, members, keys)

    def _add_groups(
        self, table: str, members: Sequence[tuple[str, Row]], keys: Mapping[str, str]
    ) -> None:
        truth = _codes(keys[person] for person, _ in members)
        if len(set(truth)) < 2:
            return
        for column in members[0][1]:
            values = [row[column] for _, row in members]
            coded = _codes(map(repr, values))
            self.orders.groups[f"{table}.{column} equal"].append((coded, truth))
            ranks = {key: n for n, key in enumerate(sorted({*map(_sort_key, values)}))}
            pairs = [ranks[_sort_key(value)] // 2 for value in values]
            self.orders.groups[f"{table}.{column} adjacent"].append((pairs, truth))


def _group_files(files: Iterable[StoredFile]) -> dict[str, list[StoredFile]]:
    """Files by name of an order: the parts of a log of changes are one."""
    named: dict[str, list[StoredFile]] = defaultdict(list)
    for file in files:
        if file.kind == "log of changes":
            named[file.kind].append(file)
        elif file.kind == "database" or (
            file.kind == "index or other" and file.relation
        ):
            if not file.relation.startswith(("pg_", "sql_")):
                named[file.relation or file.kind].append(file)
        elif file.kind != "index or other":
            named[file.name].append(file)
    return named


def find_token(content: bytes, token: str | bytes) -> list[int]:
    """Return the first and the last place of an id or a hash, however it is written."""
    raw = bytes.fromhex(token) if isinstance(token, str) else token
    text = raw.hex()
    written = [raw, text.encode(), text.upper().encode()]
    if isinstance(token, str):
        written.append(str(UUID(token)).encode())
    places = []
    for form in written:
        at = content.find(form)
        if at >= 0:
            places += [at, content.rfind(form)]
    return sorted(places)


def _sort_key(value: object) -> tuple[bool, str, object]:
    """Sort values of one column: of any type, none last."""
    if isinstance(value, bool | int | float):
        return False, "number", value
    return value is None, type(value).__name__, value if value is not None else 0


def _codes(values: Iterable[object]) -> list[int]:
    numbers: dict[object, int] = {}
    return [numbers.setdefault(value, len(numbers)) for value in values]
