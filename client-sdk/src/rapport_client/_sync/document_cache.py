"""Cache of a wave's public documents: stored, or fetched and checked."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from rapport_client._ballots import ballot_key
from rapport_client._outbox.namespace import Documents
from rapport_client._outbox.seen_charters import SeenCharters
from rapport_client._protocol.pull import (
    TaggedDocument,
    charter_path,
    instrument_path,
    key_path,
)
from rapport_client._pulses import charter, instrument
from rapport_client._pulses.charter import Charter
from rapport_client.errors import CharterRefused

T = TypeVar("T")


class DocumentCache:
    """Charters, instruments and ballot keys; none is used or stored unchecked.

    Args:
        documents: those that the device has stored.
        seen_charters: what the device remembers of charters.
        fetch: gets another document by its path, without credentials.
        now: the device's clock.
    """

    def __init__(
        self,
        documents: Documents,
        seen_charters: SeenCharters,
        fetch: Callable[[str], bytes],
        now: Callable[[], datetime],
    ) -> None:
        self._documents = documents
        self._seen_charters = seen_charters
        self._fetch = fetch
        self._now = now

    def accepted_charter(self, wave_id: str, digest: str) -> Charter:
        """The charter of a wave that is to be drawn for, or answered.

        Raises:
            CharterRefused: as ``charter`` does; or it has the sealing key of another
                wave, or a second look found another charter.
        """
        accepted = self.charter(wave_id, digest)
        self._seen_charters.accept(accepted, self._now())
        return accepted

    def charter(self, wave_id: str, digest: str) -> Charter:
        """A wave's charter, if it has the digest that the poll book named.

        A charter is frozen when its wave is announced, so a stored one is never
        replaced: a digest named later must be the same.

        Raises:
            CharterRefused: names the check that failed.
        """
        check = partial(charter.parse_charter, digest=digest, wave_id=wave_id)
        return self._get_or_fetch(charter_path(wave_id), check)

    def stored_charter(self, wave_id: str, digest: str) -> Charter | None:
        """The same if it is stored and passes its checks, else None."""
        stored = self._documents.get(charter_path(wave_id))
        if stored is None:
            return None
        try:
            return charter.parse_charter(stored.body, digest, wave_id)
        except CharterRefused:
            return None

    def instrument(self, digest: str) -> instrument.Instrument:
        """The instrument of a charter.

        Raises:
            InstrumentRefused: names the check that failed.
        """
        check = partial(instrument.parse_instrument, digest=digest)
        return self._get_or_fetch(instrument_path(digest), check)

    def key(self, kid: str) -> ballot_key.BallotKey:
        """The ballot key that a charter lists.

        Raises:
            KeyRefused: names the check that failed.
        """
        return self._get_or_fetch(
            key_path(kid), partial(ballot_key.parse_ballot_key, kid=kid)
        )

    def _get_or_fetch(self, path: str, check: Callable[[bytes], T]) -> T:
        stored = self._documents.get(path)
        if stored is not None:
            return check(stored.body)
        body = self._fetch(path)
        document = check(body)
        self._documents.keep(path, TaggedDocument(body, None))
        return document
