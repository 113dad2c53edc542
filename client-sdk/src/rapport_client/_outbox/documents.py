"""Documents that were fetched and passed their checks, by the path they came from."""

from rapport_client._outbox.namespace import Namespace
from rapport_client._protocol.pull import TaggedDocument

DOCUMENT_KIND = "document"


class Documents:
    """A namespace's copies; only the poll book's list ever changes.

    Args:
        space: a person's, for the poll book's list; the shared one for what everybody
            may fetch, so that a gateway asks for a charter once.
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
