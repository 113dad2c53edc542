"""Opening of envelopes: in this process, or in several where there are many."""

import ctypes
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rapport_service.envelope.hpke import (
    EnvelopeUnopenableError,
    envelope_info,
    open_envelope,
)
from rapport_service.envelope.sealing_key import parse_private_pem, private_pem
from rapport_service.instrument.answers import Answers, AnswersInvalid, parse_plaintext
from rapport_service.instrument.bank import Instrument, instrument_by_digest

BATCH_SIZE = 1_000
"""Envelopes that go to another process at a time."""

MIN_PARALLEL_ENVELOPES = 5_000
"""From so many on, other processes open faster than they start."""


MAX_PROCESSES = 8
"""More of them need more memory than time that they save."""

_PR_SET_PDEATHSIG = 1
"""Option of Linux's prctl: the signal that a process gets when its parent dies."""


@dataclass(frozen=True)
class SealedEnvelope:
    """An envelope, and the ballot that it belongs to."""

    kid: str
    ballot_hash: bytes
    envelope: bytes


class Opener(Protocol):
    """Opens envelopes in their order; None stands for one that counts as invalid."""

    def __call__(self, envelopes: Iterable[SealedEnvelope]) -> Iterator[Answers | None]:
        """Yields what each of them holds."""


@dataclass(frozen=True)
class WaveOpener:
    """Opens the envelopes of one wave in this process."""

    key: EllipticCurvePrivateKey
    charter_digest: bytes
    instrument: Instrument

    def __call__(self, envelopes: Iterable[SealedEnvelope]) -> Iterator[Answers | None]:
        """Yields what each of them holds."""
        return map(self._open, envelopes)

    def _open(self, sealed: SealedEnvelope) -> Answers | None:
        info = envelope_info(sealed.kid, sealed.ballot_hash, self.charter_digest)
        try:
            plaintext = open_envelope(self.key, sealed.envelope, info)
            return parse_plaintext(self.instrument, plaintext)
        except (EnvelopeUnopenableError, AnswersInvalid):
            return None


@contextmanager
def open_with(opener: WaveOpener, count: int) -> Iterator[Opener]:
    """The fastest opener for about so many envelopes; it keeps their order.

    Other processes start afresh: one that were forked would share our connections to
    the database. The key goes to them through a pipe.
    """
    cores = min(len(os.sched_getaffinity(0)), MAX_PROCESSES)
    if count < MIN_PARALLEL_ENVELOPES or cores < 2:
        yield opener
        return
    with ProcessPoolExecutor(
        cores,
        mp_context=get_context("spawn"),
        initializer=_begin_worker,
        initargs=(
            private_pem(opener.key),
            opener.charter_digest,
            opener.instrument.digest,
        ),
    ) as pool:

        def open_in_order(
            envelopes: Iterable[SealedEnvelope],
        ) -> Iterator[Answers | None]:
            pending: deque[Future[list[Answers | None]]] = deque()
            remaining = iter(envelopes)
            while batch := list(islice(remaining, BATCH_SIZE)):
                pending.append(pool.submit(_open_batch, batch))
                if len(pending) > 2 * cores:  # no more in memory than that
                    yield from pending.popleft().result()
            while pending:
                yield from pending.popleft().result()

        yield open_in_order


_worker: list[WaveOpener] = []
"""The opener of a worker process, once it has begun."""


def _begin_worker(pem: bytes, charter_digest: bytes, instrument: str) -> None:
    # A worker whose job was killed would go on with the private key in its memory.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _worker[:] = [
        WaveOpener(
            parse_private_pem(pem), charter_digest, instrument_by_digest(instrument)
        )
    ]


def _open_batch(envelopes: Sequence[SealedEnvelope]) -> list[Answers | None]:
    return list(_worker[0](envelopes))
