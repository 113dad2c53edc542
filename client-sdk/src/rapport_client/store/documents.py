"""Documents that were fetched and passed their checks, by the path they came from."""

from rapport_client.flows.pull import Tagged
from rapport_client.store.database import Database


class Documents:
    """The device's copies; only the poll book's list ever changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, path: str) -> Tagged | None:
        """The document that came from a path, if the device holds it."""
        rows = self._database.read(
            "SELECT body, etag FROM documents WHERE path = ?", path
        )
        return Tagged(*rows[0]) if rows else None

    def keep(self, path: str, document: Tagged) -> None:
        """Keeps a document; call it only with one that passed its checks."""
        with self._database.write() as rows:
            rows.execute(
                "INSERT OR REPLACE INTO documents (path, body, etag) VALUES (?, ?, ?)",
                (path, document.body, document.etag),
            )
