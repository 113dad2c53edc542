"""Charters that this device has seen: their sealing keys, and when to look again.

One record for each wave, which all people on the file share. It is kept until the wave
retires.
"""

import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from rapport_client._outbox.namespace import Namespace
from rapport_client._pulses.charter import Charter
from rapport_client.errors import CharterRefused

MIN_SECONDS_TO_SECOND_LOOK = 60 * 60.0
MAX_SECONDS_TO_SECOND_LOOK = 24 * 60 * 60.0
"""Chance decides when a charter is fetched again, within these bounds."""

_SEEN_KIND = "seen_charter"
_CHANGED_MESSAGE = (
    "its charter is not the one that this device fetched first ({} then); do not answer"
    " this pulse here, and compare these 12 characters with a colleague's"
)


@dataclass(frozen=True)
class SeenCharter:
    """The first charter that this device accepted for a wave.

    Attributes:
        wave_id: the wave's public id.
        digest: of the charter.
        fingerprint: of the charter.
        sealing_key: the thumbprint of its sealing key.
        retires_at: when the wave retires, seconds since the epoch.
        look_again_at: when to fetch the charter again, seconds since the epoch; None
            after that was done.
        changed: whether the second look found another charter.
    """

    wave_id: str
    digest: str
    fingerprint: str
    sealing_key: str
    retires_at: float
    look_again_at: float | None
    changed: bool = False

    def assert_same(self, charter: Charter) -> None:
        """Refuses another charter for the wave, now or at the second look.

        Raises:
            CharterRefused: says so.
        """
        if self.changed or self.digest != charter.digest:
            raise CharterRefused(_CHANGED_MESSAGE.format(self.fingerprint))


class SeenCharters:
    """The charters that the device has seen, by wave.

    Args:
        shared: the namespace that the whole file shares.
    """

    def __init__(self, shared: Namespace) -> None:
        self._shared = shared

    def accept(self, charter: Charter, now: datetime) -> None:
        """Remembers a charter when it is first seen, and when to look again.

        Args:
            charter: one that passed its own checks.
            now: by the device's corrected clock.

        Raises:
            CharterRefused: its sealing key is that of another wave, or the wave had
                another charter before, or at the second look.
        """
        seen = self._shared.get_readable(_SEEN_KIND, SeenCharter, charter.wave_id)
        if seen is not None:
            seen.assert_same(charter)
            return
        thumbprint = charter.sealing_key.thumbprint
        with self._shared.write() as rows:
            if any(
                other.sealing_key == thumbprint and other.wave_id != charter.wave_id
                for other in self._shared.all(_SEEN_KIND, SeenCharter)
            ):
                raise CharterRefused(
                    "the charter has the sealing key of another pulse; each has its own"
                )
            self._put(
                rows,
                SeenCharter(
                    wave_id=charter.wave_id,
                    digest=charter.digest,
                    fingerprint=charter.fingerprint,
                    sealing_key=thumbprint,
                    retires_at=charter.retires_at.timestamp(),
                    look_again_at=now.timestamp() + _random_wait(),
                ),
            )

    def has_changed(self, wave_id: str) -> bool:
        """Whether a wave had another charter at the second look."""
        seen = self._shared.get_readable(_SEEN_KIND, SeenCharter, wave_id)
        return seen is not None and seen.changed

    def due(self, now: datetime) -> Iterator[SeenCharter]:
        """The charters that are to be fetched again now."""
        for seen in self._shared.all(_SEEN_KIND, SeenCharter):
            if seen.look_again_at is not None and now.timestamp() >= seen.look_again_at:
                yield seen

    def record_second_look(self, seen: SeenCharter, *, changed: bool) -> None:
        """Records the result of the second look."""
        with self._shared.write() as rows:
            self._put(rows, replace(seen, look_again_at=None, changed=changed))

    def forget_retired(self, now: datetime) -> None:
        """Erases the records of retired waves.

        Args:
            now: a trusted time, so that no jump of the device's clock erases one early.
        """
        retired = [
            seen
            for seen in self._shared.all(_SEEN_KIND, SeenCharter)
            if seen.retires_at <= now.timestamp()
        ]
        if not retired:
            return
        with self._shared.write() as rows:
            for seen in retired:
                self._shared.remove(rows, _SEEN_KIND, seen.wave_id)

    def _put(self, rows: sqlite3.Connection, seen: SeenCharter) -> None:
        self._shared.put(rows, _SEEN_KIND, seen, seen.wave_id)


def _random_wait() -> float:
    span = MAX_SECONDS_TO_SECOND_LOOK - MIN_SECONDS_TO_SECOND_LOOK
    return MIN_SECONDS_TO_SECOND_LOOK + secrets.SystemRandom().random() * span
