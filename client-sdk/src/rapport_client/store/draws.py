"""Draws and ballots: a draw is committed before anybody is asked to sign it."""

from dataclasses import astuple, dataclass, field

from rapport_client.store.database import Database


@dataclass(frozen=True)
class Draw:
    """A ballot in the making.

    Attributes:
        wave: the wave's public id.
        team: the id of the person's group.
        kid: the key to draw under.
        charter: the digest of the charter that lists the key.
        epoch: the server's epoch when the draw was made.
        r: the ballot's 32 random bytes.
        salt: 48 random bytes.
        factor: the blinding factor, big-endian.
        blinded: what the service is asked to sign.
    """

    wave: str
    team: str
    kid: str
    charter: str
    epoch: str
    r: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    factor: bytes = field(repr=False)
    blinded: bytes


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
        cancelled: why the wave was cancelled, None while it is not.
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
    """The draws that wait for a signature, and the ballots that have one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def commit(self, draw: Draw) -> Draw:
        """Stores a draw, unless the wave has one.

        Returns:
            The draw that is stored now. A blinded value is never replaced: the service
            signs one per person and wave.
        """
        with self._database.write() as rows:
            rows.execute(
                "INSERT INTO draws (wave, team, kid, charter, epoch, r, salt, factor,"
                " blinded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (wave) DO NOTHING",
                astuple(draw),
            )
        return self.pending(draw.wave) or draw

    def pending(self, wave: str) -> Draw | None:
        """The wave's draw, while it has no signature."""
        rows = self._database.read(
            "SELECT wave, team, kid, charter, epoch, r, salt, factor, blinded"
            " FROM draws WHERE wave = ?",
            wave,
        )
        return Draw(*rows[0]) if rows else None

    def finish(self, draw: Draw, ballot: str) -> None:
        """Turns a draw into a ballot.

        Salt and blinding factor are erased: they have done their work, and they alone
        could prove which blinded value this ballot came from.
        """
        with self._database.write() as rows:
            rows.execute(
                "INSERT INTO ballots (wave, team, kid, charter, epoch, r, ballot)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (wave) DO NOTHING",
                (
                    draw.wave,
                    draw.team,
                    draw.kid,
                    draw.charter,
                    draw.epoch,
                    draw.r,
                    ballot,
                ),
            )
            rows.execute("DELETE FROM draws WHERE wave = ?", (draw.wave,))

    def ballot(self, wave: str) -> Ballot | None:
        """The wave's ballot."""
        rows = self._database.read(
            "SELECT wave, team, kid, charter, epoch, r, ballot, form, cancelled"
            " FROM ballots WHERE wave = ?",
            wave,
        )
        return Ballot(*rows[0]) if rows else None

    def usable(self) -> tuple[Ballot, ...]:
        """The ballots that are neither spent nor cancelled, by wave."""
        rows = self._database.read(
            "SELECT wave, team, kid, charter, epoch, r, ballot, form, cancelled"
            " FROM ballots WHERE cancelled IS NULL"
            " AND wave NOT IN (SELECT wave FROM outbox) ORDER BY wave"
        )
        return tuple(Ballot(*row) for row in rows)

    def choose_form(self, wave: str, form: int) -> int:
        """Fixes the wave's rotation form, unless it is fixed.

        Returns:
            The form that is fixed now.
        """
        with self._database.write() as rows:
            rows.execute(
                "UPDATE ballots SET form = ? WHERE wave = ? AND form IS NULL",
                (form, wave),
            )
            ((fixed,),) = rows.execute(
                "SELECT form FROM ballots WHERE wave = ?", (wave,)
            )
        chosen: int = fixed
        return chosen

    def cancel(self, wave: str, reason: str) -> None:
        """Marks a cancelled wave, if a ballot for it was drawn."""
        with self._database.write() as rows:
            rows.execute(
                "UPDATE ballots SET cancelled = ? WHERE wave = ? AND cancelled IS NULL",
                (reason, wave),
            )
