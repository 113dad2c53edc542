"""The public documents behind a wave: from the device, or fetched and checked."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from rapport_client.ballots import ballot_key
from rapport_client.flows.pull import (
    Tagged,
    charter_path,
    fetch,
    instrument_path,
    key_path,
)
from rapport_client.pulses import charter, instrument
from rapport_client.store.documents import Documents
from rapport_client.wire import Request, Response, drive

T = TypeVar("T")


class Library:
    """Charters, instruments and ballot keys; none is used or kept unchecked.

    Args:
        documents: those that the device holds.
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

        A charter is frozen when its wave is announced, so one that the device holds is
        never replaced: a digest named later must be the same.

        Raises:
            CharterRefused: names the check that failed.
        """
        check = partial(charter.check, digest=digest, wave=wave)
        return self._checked(charter_path(wave), check)

    def instrument(self, digest: str) -> instrument.Instrument:
        """The instrument of a charter.

        Raises:
            InstrumentRefused: names the check that failed.
        """
        check = partial(instrument.check, digest=digest)
        return self._checked(instrument_path(digest), check)

    def key(self, kid: str) -> ballot_key.BallotKey:
        """The ballot key that a charter lists.

        Raises:
            KeyRefused: names the check that failed.
        """
        return self._checked(key_path(kid), partial(ballot_key.check, kid=kid))

    def _checked(self, path: str, check: Callable[[bytes], T]) -> T:
        held = self._documents.get(path)
        if held is not None:
            return check(held.body)
        body = drive(fetch(self._ballot_box, path), self._send)
        document = check(body)
        self._documents.keep(path, Tagged(body, None))
        return document
