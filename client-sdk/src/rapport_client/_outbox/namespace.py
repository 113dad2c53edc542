"""Namespaces in the outbox file: sealed records and fetched documents of a person."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Self, TypeVar

from rapport_client._outbox.database import Database
from rapport_client._outbox.keys import Vault
from rapport_client._protocol import base64url
from rapport_client._protocol.pull import TaggedDocument
from rapport_client.errors import OutboxDamaged

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    R = TypeVar("R", bound=DataclassInstance)
else:
    R = TypeVar("R")

_NAME = b"name"


class Namespace:
    """Sealed records under keyed names; the rows of one person are apart from others.

    A record is a data class of texts, numbers, bytes and None.

    Args:
        database: the file.
        key: the keyed hash of the person's name; empty for the records that the whole
            file shares.
        person: the name, where the namespace may have to be created.
    """

    def __init__(self, database: Database, key: bytes, person: str = "") -> None:
        self.database = database
        self.vault: Vault = database.vault
        self.key = key
        self._person = person

    @classmethod
    def for_person(cls, database: Database, person: str) -> Self:
        """The namespace of a person, created by the first write to it."""
        return cls(database, database.vault.name("person", person), person)

    @classmethod
    def shared(cls, database: Database) -> Self:
        """The namespace that all people on this file share."""
        return cls(database, b"")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; the first one creates the namespace.

        Later ones write its name again, so that a corrupt one does not stay.
        """
        with self.database.write() as rows:
            if self._person:
                sealed = self.vault.seal(self._person.encode(), self.key, _NAME)
                rows.execute(
                    "INSERT OR REPLACE INTO people VALUES (?, ?)", (self.key, sealed)
                )
            yield rows

    def name(self, *words: str) -> bytes:
        """The keyed name of a record of this person."""
        return self.vault.name("of", self.key.hex(), *words)

    def get(self, kind: str, record: type[R], *words: str) -> R | None:
        """The record of a kind and name."""
        name = self.name(*words)
        rows = self.database.read(
            "SELECT value FROM records WHERE kind = ? AND person = ? AND name = ?",
            kind,
            self.key,
            name,
        )
        return self._open_record(record, kind, name, rows[0][0]) if rows else None

    def get_readable(self, kind: str, record: type[R], *words: str) -> R | None:
        """The same for a record that can be replaced: None also where it is corrupt.

        A corrupt cache entry must not block an answer.
        """
        try:
            return self.get(kind, record, *words)
        except OutboxDamaged:
            return None

    def has(self, kind: str) -> bool:
        """Whether there is a nameless record of a kind, readable or corrupt."""
        rows = self.database.read(
            "SELECT 1 FROM records WHERE kind = ? AND person = ? AND name = ?",
            kind,
            self.key,
            self.name(),
        )
        return bool(rows)

    def all(self, kind: str, record: type[R]) -> list[R]:
        """All records of a kind, in no particular order.

        Corrupt ones are left out: they must not block the others.
        """
        rows = self.database.read(
            "SELECT name, value FROM records WHERE kind = ? AND person = ?",
            kind,
            self.key,
        )
        opened = []
        for name, value in rows:
            with suppress(OutboxDamaged):
                opened.append(self._open_record(record, kind, name, value))
        return opened

    def put(
        self,
        rows: sqlite3.Connection,
        kind: str,
        record: "DataclassInstance",
        *words: str,
    ) -> None:
        """Writes a record in place of any other of its kind and name."""
        name = self.name(*words)
        sealed = self.vault.seal(dump(record), kind.encode(), self.key, name)
        rows.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)",
            (kind, self.key, name, sealed),
        )

    def remove(self, rows: sqlite3.Connection, kind: str, *words: str) -> None:
        """Erases a record, if there is one."""
        rows.execute(
            "DELETE FROM records WHERE kind = ? AND person = ? AND name = ?",
            (kind, self.key, self.name(*words)),
        )

    def _open_record(self, record: type[R], kind: str, name: bytes, sealed: bytes) -> R:
        return load(record, self.vault.open(sealed, kind.encode(), self.key, name))


def list_people(database: Database) -> list[str]:
    """The names of all people who have a namespace in the file, sorted.

    A corrupt name is left out until its person uses the namespace again.
    """
    rows = database.read("SELECT person, name FROM people")
    names = (_open_name(database, *row) for row in rows)
    return sorted(name for name in names if name is not None)


def find_person_name(database: Database, key: bytes) -> str | None:
    """The name of a namespace; None where it is missing or corrupt."""
    rows = database.read("SELECT name FROM people WHERE person = ?", key)
    return _open_name(database, key, rows[0][0]) if rows else None


def _open_name(database: Database, key: bytes, sealed: bytes) -> str | None:
    try:
        return database.vault.open(sealed, key, _NAME).decode()
    except OutboxDamaged:
        return None


def dump(record: "DataclassInstance") -> bytes:
    """Writes a record as JSON; bytes become ``{"b64": ...}``."""
    return json.dumps(
        asdict(record), default=lambda b: {"b64": base64url.encode(b)}
    ).encode()


def load(record: type[R], data: bytes) -> R:
    """Reads a record that ``dump`` wrote; the seal has proved that it is unchanged."""
    members = json.loads(
        data,
        object_hook=lambda m: base64url.decode(m["b64"]) if m.keys() == {"b64"} else m,
    )
    return record(**members)


DOCUMENT_KIND = "document"


class Documents:
    """A namespace's copies of documents; only the poll book's list ever changes.

    Args:
        namespace: a person's, for the poll book's list; the shared one for public
            documents, so that a gateway fetches a charter once.
    """

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def get(self, path: str) -> TaggedDocument | None:
        """The document that came from a path; None where it has to be fetched."""
        return self._namespace.get_readable(DOCUMENT_KIND, TaggedDocument, path)

    def keep(self, path: str, document: TaggedDocument) -> None:
        """Keeps a document; call it only with one that passed its checks.

        Raises:
            OutboxFull: the file has reached its cap.
        """
        self._namespace.database.assert_has_room()
        with self._namespace.write() as rows:
            self._namespace.put(rows, DOCUMENT_KIND, document, path)
