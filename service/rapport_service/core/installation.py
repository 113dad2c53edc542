"""The one row about this database: its epoch, its last tick and vacuum."""

from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from sqlalchemy import false, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from rapport_service.charter.clock_leap import TickTimes, note_tick
from rapport_service.core.db import Base


class VacuumScope(Enum):
    """The tables that are due: those where rows arrive, or every one."""

    ARRIVALS = auto()
    EVERYTHING = auto()


class Installation(Base):
    """One row about this database.

    ``epoch`` is renewed when the database is restored from a backup;
    ``installation_id`` never changes, and names it in sealing folders. ``vacuumed_at``
    is when tables were last rewritten in key order, and ``everything_due`` says that
    rows of any table were destroyed since. ``ticked_at`` and ``leap_seen_at`` are the
    ``TickTimes``.
    """

    __tablename__ = "installation"

    epoch: Mapped[UUID] = mapped_column(primary_key=True)
    installation_id: Mapped[UUID]
    vacuumed_at: Mapped[datetime | None]
    everything_due: Mapped[bool]
    ticked_at: Mapped[datetime | None]
    leap_seen_at: Mapped[datetime | None]


def get_epoch(session: Session) -> UUID:
    """The epoch of this database; another one means that it was restored."""
    return session.scalars(select(Installation.epoch)).one()


def get_installation_id(session: Session) -> UUID:
    """The identity of this database, the same before and after a restore."""
    return session.scalars(select(Installation.installation_id)).one()


def probe_write(session: Session) -> None:
    """A write that changes no row; the database refuses it where it takes none."""
    session.execute(update(Installation).where(false()).values(vacuumed_at=None))


def get_tick_times(session: Session) -> TickTimes:
    """The times of the clock that ticks have noted."""
    noted = session.execute(
        select(Installation.ticked_at, Installation.leap_seen_at)
    ).one()
    return TickTimes(*noted)


def store_tick(session: Session, now: datetime, *, confirmed: bool) -> TickTimes:
    """Notes a tick, one after the other where several run at once.

    Args:
        session: behind the seal's door.
        now: the clock of the tick.
        confirmed: an operator says that the clock is right.
    """
    row = session.scalars(select(Installation).with_for_update()).one()
    times = note_tick(
        TickTimes(row.ticked_at, row.leap_seen_at), now, confirmed=confirmed
    )
    row.ticked_at, row.leap_seen_at = times.ticked_at, times.leap_seen_at
    return times


def request_vacuum(session: Session) -> None:
    """Makes a vacuum of every table due at the next tick: something was destroyed.

    Args:
        session: behind the seal's door.
    """
    session.execute(update(Installation).values(vacuumed_at=None, everything_due=True))


def defer_vacuum(session: Session, vacuumed_at: datetime, scope: VacuumScope) -> None:
    """Makes another vacuum due, since one was not possible.

    Args:
        session: behind the seal's door.
        vacuumed_at: when the last vacuum is pretended to have been, so that the next
            one waits a bit.
        scope: what it was to rewrite.
    """
    session.execute(update(Installation).values(vacuumed_at=vacuumed_at))
    if scope is VacuumScope.EVERYTHING:
        session.execute(update(Installation).values(everything_due=True))


def claim_vacuum(
    session: Session, now: datetime, interval: timedelta
) -> VacuumScope | None:
    """The scope of a vacuum that is due and now the caller's; one of two gets it.

    One noted by a clock that was ahead, and is right again, does not count.
    """
    everything = session.scalar(
        update(Installation)
        .where(
            or_(
                Installation.vacuumed_at.is_(None),
                Installation.vacuumed_at <= now - interval,
                Installation.vacuumed_at > now + interval,
            )
        )
        .values(vacuumed_at=now)
        .returning(Installation.everything_due)
    )
    if everything is None:
        return None
    return VacuumScope.EVERYTHING if everything else VacuumScope.ARRIVALS


def finish_vacuum(session: Session, claimed_at: datetime) -> None:
    """Notes that every table was rewritten, unless more was destroyed meanwhile."""
    session.execute(
        update(Installation)
        .where(Installation.vacuumed_at == claimed_at)
        .values(everything_due=False)
    )
