"""Exact joins: equal values, guessable hashes, and candidates for a group of rows.

A group of ballots or answers is linked to people by equal values, directly or through a
table that names neither. Whom it may be of are its candidates, narrowed by every table
that has a row of some people only, such as enrolled devices. Fewer than k candidates
name the author; a group without rows, or with as many as candidates, tells of each
candidate whether they answered.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb
from uuid import UUID

from tools.attack.capture import Capture, Row
from tools.attack.findings import Finding, Kind
from tools.attack.linking_values import (
    COMMON_COLUMNS,
    guessable_contents,
    guessable_hashes,
    is_linking,
    linking_values,
    to_bytes,
    written_forms,
)
from tools.attack.phones import Sent
from tools.attack.stored import stored_answers

K = 5


@dataclass(frozen=True)
class Claim:
    """Conclusion of an attacker about each candidate of a group.

    Attributes:
        rule: by which it was drawn; the same in all agencies.
        kind: of finding, if the rule never fails.
        is_true: whether it holds of each of them.
        chance: probability that it holds of as many people taken at random.
    """

    rule: str
    kind: Kind
    is_true: bool
    chance: float = 1.0


@dataclass
class Joiner:
    """Joins of one copy.

    Args:
        copy: the operator's.
        sent: the truth of one wave.
        released_groups: by ballot key, the smallest released group around its team, as
            the hex of its id; empty before the seal.
    """

    copy: Capture
    sent: Sequence[Sent]
    released_groups: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wave = UUID(self.sent[0].wave.partition(".")[2]).hex
        self.names = {
            str(row["person_id"]): str(row["external_id"])
            for row in self.copy.tables["people"]
        }
        self.answered = {each.person for each in self.sent}
        self.ballots = {each.ballot_hash: each.person for each in self.sent}
        self.people_rows = self._rows_of_people()
        self.secret_rows = self._secret_rows()
        self.filters = list(self._filters())
        self.values_of_people = {
            value
            for rows in self.people_rows.values()
            for _, row in rows
            for value in linking_values(row)
        }
        self.cached: dict[frozenset[object], list[tuple[str, set[str]]]] = {}

    def _rows_of_people(self) -> dict[str, list[tuple[str, Row]]]:
        named: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for table, rows in self.copy.tables.items():
            for row in rows:
                person = self.names.get(str(row.get("person_id")))
                if person is not None and row.get("wave_id", self.wave) == self.wave:
                    named[table].append((person, row))
        return named

    def _secret_rows(self) -> dict[str, list[tuple[str, Row]]]:
        """Rows of ballots and of answers of the wave, with their authors."""
        waiting: dict[tuple[object, object], list[str]] = defaultdict(list)
        for each in self.sent:
            waiting[each.form, stored_answers(each.answers)].append(each.person)
        secret: dict[str, list[tuple[str, Row]]] = defaultdict(list)
        for table, rows in self.copy.tables.items():
            for row in rows:
                if row.get("wave_id", self.wave) != self.wave:
                    continue
                same = waiting.get((row.get("form"), row.get("answers")))
                author = same.pop() if same else self._author_by_hash(row)
                if author is not None:
                    secret[table].append((author, row))
        return secret

    def _author_by_hash(self, row: Row) -> str | None:
        return next(
            (
                self.ballots[value]
                for value in row.values()
                if isinstance(value, bytes) and value in self.ballots
            ),
            None,
        )

    def _note(self, attack: str, kind: Kind, sentence: str) -> None:
        self.findings.append(Finding(attack, kind, self.copy.moment, sentence))

    def join_equal_values(self) -> None:
        """Look for values that rows of few people share with rows of their ballots."""
        owners: dict[object, set[str]] = defaultdict(set)
        for rows in self.people_rows.values():
            for person, row in rows:
                for value in linking_values(row):
                    owners[value].add(person)
        for table, rows in self.secret_rows.items():
            for column, groups in _grouped(rows).items():
                for value, members in groups.items():
                    authors = {author for author, _ in members}
                    for form in written_forms(value):
                        people = owners.get(form, set())
                        if authors <= people and len(people) < K:
                            self._note(
                                "equal values",
                                self._kind_of_group(column),
                                f"{table}.{column} of {len(members)} rows is also in"
                                f" rows that name {len(people)} people, their authors"
                                " among them",
                            )

    def join_hashes(self) -> None:
        """Hash everything that is known of people, and guess what digests are of."""
        stored = {
            form: (table, author)
            for table, rows in self.secret_rows.items()
            for author, row in rows
            for value in row.values()
            for form in written_forms(value)
        }
        for rows in self.people_rows.values():
            for person, row in rows:
                for value in linking_values(row):
                    for digest in guessable_hashes(to_bytes(value)):
                        if digest in stored and stored[digest][1] == person:
                            self._note(
                                "hashes of known values",
                                Kind.LINK,
                                f"a value in {stored[digest][0]} is a hash of what is"
                                " known of its author",
                            )
        for each in self.sent:
            for guess in guessable_contents(each):
                if any(digest in stored for digest in guessable_hashes(guess)):
                    self._note(
                        "brute force of digests",
                        Kind.PLAINTEXT,
                        "a stored digest is a hash of the answers alone, of which there"
                        " are few enough to try them all",
                    )

    def join_waves(self, others: Iterable[Row]) -> None:
        """Look for values that a person's rows of two waves have in common.

        Args:
            others: rows of ballots and answers of the other waves.
        """
        earlier: dict[object, int] = defaultdict(int)
        for row in others:
            for value in linking_values(row):
                earlier[value] += 1
        public = {value for row in self.copy.tables["teams"] for value in row.values()}
        for table, rows in self.secret_rows.items():
            for _, row in rows:
                for column, value in row.items():
                    if value in earlier and value not in public and value != self.wave:
                        self._note(
                            "values that come back in another wave",
                            Kind.SAME_ANSWERS if column == "answers" else Kind.LINK,
                            f"{table}.{column} is the same in two waves",
                        )

    def name_authors(self) -> None:
        """Narrow the candidates of each group of rows, by every table and key.

        A way to narrow them proves something only if it never loses an author.
        """
        for table, rows in self.secret_rows.items():
            for column, groups in _grouped(rows).items():
                sizes: dict[str, list[int]] = defaultdict(list)
                wrong: set[str] = set()
                for members in groups.values():
                    authors = {author for author, _ in members}
                    for path, people in self._candidates(members[0][1], column):
                        sizes[path].append(len(people))
                        if not authors <= people:
                            wrong.add(path)
                for path in sorted(sizes.keys() - wrong):
                    if min(sizes[path]) < K:
                        self._note(
                            "candidates of a group of rows",
                            self._kind_of_group(column),
                            f"rows of {table} with the same {column} have"
                            f" {min(sizes[path])} candidates: {path}",
                        )

    def count_groups(self) -> None:
        """Draw the conclusions that a group without rows, or a complete one, allows."""
        for table, rows in self.secret_rows.items():
            for column, groups in _grouped(rows).items():
                if len(groups) == len(rows):
                    continue  # every row has its own value: no groups
                for name, own in self.people_rows.items():
                    for key in self._linked_columns(own, groups):
                        self._count(
                            f"{table}.{column} = {name}.{key}", groups, own, key
                        )

    def count_small_groups(self) -> None:
        """Look for a team under which fewer than k answers lie after the seal."""
        if not self.copy.moment.is_sealed:
            return
        counts = Counter(
            row["team_id"]
            for row in self.copy.tables["answers"]
            if row["wave_id"] == self.wave
        )
        for count in counts.values():
            if count < K:
                self._note(
                    "few rows under a team",
                    Kind.FINER_GROUP,
                    f"{count} answers lie alone under a team",
                )

    def count_rows_of_people(self) -> None:
        """Conclude from the lack of a row of a person that they did not answer."""
        electors = {person for person, _ in self.people_rows["electorate"]}
        for table, rows in self.people_rows.items():
            present = {person for person, _ in rows}
            absent = electors - present
            if present and absent:
                kind = Kind.DRAWS if table == "draws" else Kind.NO_PHONE
                silent = len(electors - self.answered)
                chance = comb(silent, len(absent)) / comb(len(electors), len(absent))
                is_true = not absent & self.answered
                self.claims.append(Claim(f"no row in {table}", kind, is_true, chance))
        if self.copy.moment.is_sealed and self.people_rows.get("draws"):
            self._note(
                "draws that are kept",
                Kind.DRAWS,
                "draws of a sealed wave are still there",
            )

    def _linked_columns(
        self, own: Sequence[tuple[str, Row]], groups: Mapping[object, object]
    ) -> Iterator[str]:
        for column in own[0][1]:
            if column not in COMMON_COLUMNS and not column.startswith("("):
                values = {row[column] for _, row in own if is_linking(row[column])}
                if values & groups.keys():
                    yield column

    def _count(
        self,
        rule: str,
        groups: Mapping[object, Sequence[tuple[str, Row]]],
        own: Sequence[tuple[str, Row]],
        key: str,
    ) -> None:
        by_value: dict[object, set[str]] = defaultdict(set)
        for person, row in own:
            by_value[row[key]].add(person)
        for label, narrowed in self.filters:
            for value, people in by_value.items():
                left = people & narrowed
                if not left or not is_linking(value):
                    continue
                count = len(groups.get(value, ()))
                if count not in {0, len(left)}:
                    continue
                answering = len(narrowed & self.answered)
                like = answering if count else len(narrowed) - answering
                is_true = left <= self.answered if count else not left & self.answered
                self.claims.append(
                    Claim(
                        f"{'all' if count else 'none'}: {rule}, {label}",
                        self._kind_of_value(value),
                        is_true,
                        comb(like, len(left)) / comb(len(narrowed), len(left)),
                    )
                )

    def _kind_of_value(self, value: object) -> Kind:
        if not self.copy.moment.is_sealed:
            return Kind.COUNT_BY_KEY
        public = {*self.released_groups.values(), self.wave}
        return Kind.COUNT_BY_GROUP if value in public else Kind.LINK

    def _kind_of_group(self, column: str) -> Kind:
        is_key = column == "kid" and not self.copy.moment.is_sealed
        return Kind.COUNT_BY_KEY if is_key else Kind.LINK

    def _filters(self) -> Iterator[tuple[str, set[str]]]:
        """Sets of people whom some table tells apart from the others."""
        everybody = set(self.names.values())
        yield "anybody", everybody
        for table, rows in self.people_rows.items():
            present = {person for person, _ in rows}
            if present < everybody:
                yield f"with a row in {table}", present
            for column in rows[0][1] if rows else ():
                values = {repr(row[column]) for _, row in rows}
                for value in values if 1 < len(values) <= 3 else ():
                    chosen = {p for p, row in rows if repr(row[column]) == value}
                    yield f"{table}.{column} = {value}", chosen

    def _candidates(self, row: Row, column: str) -> Iterator[tuple[str, set[str]]]:
        for via, values in self._reached(row, column):
            linked = frozenset(values & self.values_of_people)
            if linked not in self.cached:
                self.cached[linked] = list(self._narrow(linked))
            for path, people in self.cached[linked]:
                yield f"{via}, {path}", people

    def _narrow(self, values: frozenset[object]) -> Iterator[tuple[str, set[str]]]:
        """Sets of people who have some of these values in a table."""
        for table, rows in self.people_rows.items():
            linked = [
                name
                for name in rows[0][1]
                if name not in COMMON_COLUMNS
                and any(r[name] in values for _, r in rows)
            ]
            for size in (1, 2):
                for names in combinations(linked, size):
                    base = {
                        person
                        for person, own in rows
                        if all(own[name] in values for name in names)
                    }
                    for label, narrowed in self.filters:
                        if self.answered <= narrowed:
                            by = " and ".join(names)
                            yield f"{table} by {by}, {label}", base & narrowed

    def _reached(self, row: Row, column: str) -> Iterator[tuple[str, set[object]]]:
        """Values that a group shares, and those one table further."""
        direct = {row[column], self.wave} if is_linking(row[column]) else {self.wave}
        yield column, direct
        for table, rows in self.copy.tables.items():
            if table in self.people_rows or table in self.secret_rows:
                continue
            further = {
                value
                for other in rows
                if column != "wave_id" and row[column] in linking_values(other)
                for value in linking_values(other)
            }
            if further:
                yield f"{column} through {table}", direct | further


def _grouped(
    rows: Sequence[tuple[str, Row]],
) -> dict[str, dict[object, list[tuple[str, Row]]]]:
    """Rows by the value of each column that could link."""
    grouped: dict[str, dict[object, list[tuple[str, Row]]]] = {}
    for column in rows[0][1]:
        if column in COMMON_COLUMNS or column.startswith("("):
            continue
        groups: dict[object, list[tuple[str, Row]]] = defaultdict(list)
        for author, row in rows:
            if is_linking(row[column]):
                groups[row[column]].append((author, row))
        if groups:
            grouped[column] = groups
    return grouped
