"""Draws and ballots of a person; a draw is on disk before it is sent to be signed."""

import sqlite3
from dataclasses import dataclass, field, replace

from rapport_client._ballots.minting import Draw
from rapport_client._outbox.namespace import Namespace

_DRAW = "draw"
_BALLOT = "ballot"


@dataclass(frozen=True)
class Ballot:
    """A finished ballot.

    Attributes:
        wave_id: the wave's public id.
        voting_team_id: the id of the person's group.
        kid: the key that it was drawn under.
        charter_digest: the digest of the charter that lists the key.
        epoch: the server's epoch when the draw was made.
        r: the ballot's 32 random bytes.
        ballot: the JWT.
        form: the rotation form, from when the questions are shown until they are
            answered.
        cancelled: why the wave was cancelled; None if it was not.
    """

    wave_id: str
    voting_team_id: str
    kid: str
    charter_digest: str
    epoch: str
    r: bytes = field(repr=False)
    ballot: str = field(repr=False)
    form: int | None
    cancelled: str | None


class Draws:
    """A person's draws, which wait for a signature, and ballots, which have one."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def commit(self, draw: Draw) -> Draw:
        """Stores a draw, unless the wave has one.

        Returns:
            The draw that is stored now. A blinded value is never replaced: the service
            signs one per person and wave.

        Raises:
            OutboxFull: the file has reached its cap.
        """
        self._namespace.database.assert_has_room()
        with self._namespace.write() as rows:
            stored = self.pending(draw.wave_id)
            if stored is None:
                self._namespace.put(rows, _DRAW, draw, draw.wave_id)
        return stored or draw

    def pending(self, wave_id: str) -> Draw | None:
        """The wave's draw, while it has no signature.

        None also where it is corrupt: it can never be finished, so another replaces it.
        """
        return self._namespace.get_readable(_DRAW, Draw, wave_id)

    def all_pending(self) -> list[Draw]:
        """Every draw that has no signature, by wave."""
        return sorted(self._namespace.all(_DRAW, Draw), key=lambda draw: draw.wave_id)

    def abandon(self, wave_id: str) -> None:
        """Erases a draw that can never be signed any more."""
        with self._namespace.write() as rows:
            self._namespace.remove(rows, _DRAW, wave_id)

    def finish(self, draw: Draw, ballot: str) -> None:
        """Turns a draw into a ballot.

        Salt and blinding factor are erased: they are not needed any more, and only they
        could prove which blinded value this ballot came from.
        """
        finished = Ballot(
            wave_id=draw.wave_id,
            voting_team_id=draw.voting_team_id,
            kid=draw.kid,
            charter_digest=draw.charter_digest,
            epoch=draw.epoch,
            r=draw.r,
            ballot=ballot,
            form=None,
            cancelled=None,
        )
        with self._namespace.write() as rows:
            if self._namespace.get_readable(_BALLOT, Ballot, draw.wave_id) is None:
                self._namespace.put(rows, _BALLOT, finished, draw.wave_id)
            self._namespace.remove(rows, _DRAW, draw.wave_id)

    def ballot(self, wave_id: str) -> Ballot | None:
        """The wave's ballot.

        Raises:
            OutboxDamaged: it does not open any more.
        """
        return self._namespace.get(_BALLOT, Ballot, wave_id)

    def ballots(self) -> list[Ballot]:
        """All ballots that are not cancelled and can be read, by wave."""
        ballots = self._namespace.all(_BALLOT, Ballot)
        return sorted(
            (ballot for ballot in ballots if ballot.cancelled is None),
            key=lambda ballot: ballot.wave_id,
        )

    def choose_form(self, wave_id: str, form: int) -> int:
        """Fixes the rotation form of a wave, unless it is fixed.

        Returns:
            The form that is fixed now.
        """
        with self._namespace.write() as rows:
            stored = self.ballot(wave_id)
            if stored is not None and stored.form is not None:
                return stored.form
            if stored is not None:
                self._namespace.put(rows, _BALLOT, replace(stored, form=form), wave_id)
        return form

    def forget_form(self, rows: sqlite3.Connection, wave_id: str) -> None:
        """Erases the rotation form of a wave, in a transaction of the caller's."""
        stored = self.ballot(wave_id)
        if stored is not None:
            self._namespace.put(rows, _BALLOT, replace(stored, form=None), wave_id)

    def cancel(self, wave_id: str, reason: str) -> bool:
        """Marks a wave as cancelled; whether it had a ballot and no mark yet."""
        with self._namespace.write() as rows:
            stored = self._namespace.get_readable(_BALLOT, Ballot, wave_id)
            if stored is None or stored.cancelled is not None:
                return False
            self._namespace.put(
                rows, _BALLOT, replace(stored, cancelled=reason), wave_id
            )
        return True
