"""Documents that were fetched and passed their checks, by the path they came from."""

from rapport_client.flows.pull import Tagged
from rapport_client.store.space import Space

KIND = "document"


class Documents:
    """A namespace's copies; only the poll book's list ever changes.

    Args:
        space: a person's, for the poll book's list; the shared one for what everybody
            may fetch, so that a gateway asks for a charter once.
    """

    def __init__(self, space: Space) -> None:
        self._space = space

    def get(self, path: str) -> Tagged | None:
        """The document that came from a path; None where it has to be fetched."""
        return self._space.cached(KIND, Tagged, path)

    def keep(self, path: str, document: Tagged) -> None:
        """Keeps a document; call it only with one that passed its checks.

        Raises:
            OutboxFull: the file has reached its cap.
        """
        self._space.database.must_have_room()
        with self._space.write() as rows:
            self._space.put(rows, KIND, document, path)
