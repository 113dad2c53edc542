"""Draws and ballots of a person; a draw is on disk before it is sent to be signed."""

from dataclasses import dataclass, field, replace

from rapport_client._ballots.minting import Draw
from rapport_client._outbox.namespace import Namespace

_DRAW = "draw"
_BALLOT = "ballot"


@dataclass(frozen=True)
class Ballot:
    """A finished ballot.

    Attributes:
        wave: the wave's public id.
        team: the id of the person's group.
        kid: the key that it was drawn under.
        charter: the digest of the charter that lists the key.
        epoch: the server's epoch when the draw was made.
        r: the ballot's 32 random bytes.
        ballot: the JWT.
        form: the rotation form, once the questions have been shown.
        cancelled: why the wave was cancelled; None if it was not.
    """

    wave: str
    team: str
    kid: str
    charter: str
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
            stored = self.pending(draw.wave)
            if stored is None:
                self._namespace.put(rows, _DRAW, draw, draw.wave)
        return stored or draw

    def pending(self, wave: str) -> Draw | None:
        """The wave's draw, while it has no signature.

        None also where it is corrupt: it can never be finished, so another replaces it.
        """
        return self._namespace.get_readable(_DRAW, Draw, wave)

    def all_pending(self) -> list[Draw]:
        """Every draw that has no signature, by wave."""
        return sorted(self._namespace.all(_DRAW, Draw), key=lambda draw: draw.wave)

    def abandon(self, wave: str) -> None:
        """Erases a draw that can never be signed any more."""
        with self._namespace.write() as rows:
            self._namespace.remove(rows, _DRAW, wave)

    def finish(self, draw: Draw, ballot: str) -> None:
        """Turns a draw into a ballot.

        Salt and blinding factor are erased: they are not needed any more, and only they
        could prove which blinded value this ballot came from.
        """
        finished = Ballot(
            wave=draw.wave,
            team=draw.team,
            kid=draw.kid,
            charter=draw.charter,
            epoch=draw.epoch,
            r=draw.r,
            ballot=ballot,
            form=None,
            cancelled=None,
        )
        with self._namespace.write() as rows:
            if self._namespace.get_readable(_BALLOT, Ballot, draw.wave) is None:
                self._namespace.put(rows, _BALLOT, finished, draw.wave)
            self._namespace.remove(rows, _DRAW, draw.wave)

    def ballot(self, wave: str) -> Ballot | None:
        """The wave's ballot.

        Raises:
            OutboxDamaged: it does not open any more.
        """
        return self._namespace.get(_BALLOT, Ballot, wave)

    def ballots(self) -> list[Ballot]:
        """All ballots that are not cancelled and can be read, by wave."""
        ballots = self._namespace.all(_BALLOT, Ballot)
        return sorted(
            (ballot for ballot in ballots if ballot.cancelled is None),
            key=lambda ballot: ballot.wave,
        )

    def choose_form(self, wave: str, form: int) -> int:
        """Fixes the rotation form of a wave, unless it is fixed.

        Returns:
            The form that is fixed now.
        """
        with self._namespace.write() as rows:
            stored = self.ballot(wave)
            if stored is not None and stored.form is not None:
                return stored.form
            if stored is not None:
                self._namespace.put(rows, _BALLOT, replace(stored, form=form), wave)
        return form

    def cancel(self, wave: str, reason: str) -> bool:
        """Marks a wave as cancelled; whether it had a ballot and no mark yet."""
        with self._namespace.write() as rows:
            stored = self._namespace.get_readable(_BALLOT, Ballot, wave)
            if stored is None or stored.cancelled is not None:
                return False
            self._namespace.put(rows, _BALLOT, replace(stored, cancelled=reason), wave)
        return True
