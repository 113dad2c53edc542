"""The seal in its two steps, and the other ends of a wave."""

from rapport_service.db import Door, transaction
from rapport_service.waves import service
from rapport_service.waves.seal import begin_seal, seal
from tests.house_under_test import Agency


def pass_the_close(agency: Agency) -> None:
    """Lets time pass until the wave that was announced today is closed, not sealed."""
    agency.tick(days=2)
    agency.tick(days=7)


def begin(agency: Agency, wave: str) -> None:
    """Takes a closed wave as far as a job that dies before it splits the ballot box."""
    agency.house.clock.turn(days=7)
    with transaction(Door.SEAL) as session:
        begin_seal(session, agency.wave(wave), agency.house.clock())


def finish(agency: Agency, wave: str) -> None:
    """Seals a wave whose sealing has begun; leaves the tidying to others."""
    with transaction(Door.SEAL) as session:
        seal(session, agency.wave(wave))


def cancel(agency: Agency, wave: str, reason: str = "storm") -> None:
    """Cancels a wave as an administrator does."""
    with transaction(Door.SEAL) as session:
        service.cancel(
            session, agency.wave(wave), reason, "a test", agency.house.clock()
        )


def retire(agency: Agency) -> None:
    """Lets so much time pass that every wave of today retires."""
    agency.tick(days=500)
