"""Cache of a wave's public documents: stored, or fetched and checked."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from rapport_client._ballots import ballot_key
from rapport_client._http import Request, Response, drive
from rapport_client._outbox.namespace import Documents
from rapport_client._protocol.pull import (
    TaggedDocument,
    charter_path,
    fetch,
    instrument_path,
    key_path,
)
from rapport_client._pulses import charter, instrument

T = TypeVar("T")


class DocumentCache:
    """Charters, instruments and ballot keys; none is used or stored unchecked.

    Args:
        documents: those that the device has stored.
        ballot_box: the origin to fetch the others from, without credentials.
        send: carries a request.
    """

    def __init__(
        self,
        documents: Documents,
        ballot_box: str,
        send: Callable[[Request], Response],
    ) -> None:
        self._documents = documents
        self._ballot_box = ballot_box
        self._send = send

    def charter(self, wave: str, digest: str) -> charter.Charter:
        """A wave's charter, if it has the digest that the poll book named.

        A charter is frozen when its wave is announced, so a stored one is never
        replaced: a digest named later must be the same.

        Raises:
            CharterRefused: names the check that failed.
        """
        check = partial(charter.parse_charter, digest=digest, wave=wave)
        return self._get_or_fetch(charter_path(wave), check)

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
        body = drive(fetch(self._ballot_box, path), self._send)
        document = check(body)
        self._documents.keep(path, TaggedDocument(body, None))
        return document
