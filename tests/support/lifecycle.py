"""The seal in its two steps, and the other ends of a wave."""

from rapport_schemas.enums import WaveState
from rapport_service.core.db import Door, transaction
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.releases.seal import begin_seal
from rapport_service.waves import transitions
from tests.support.audit import TEST_ACTOR
from tests.support.service import Agency


def advance_past_close(agency: Agency) -> None:
    """Lets time pass until the wave that was announced today is closed, not sealed."""
    agency.tick(days=2)
    agency.tick(days=7)


def begin_sealing(agency: Agency, wave: str) -> None:
    """Begins the seal of a closed wave and stops there, as a job that dies does."""
    agency.service.clock.advance(days=7)
    with transaction(Door.SEAL) as session:
        begin_seal(session, agency.wave(wave), agency.service.clock())


def finish_sealing(agency: Agency, wave: str) -> None:
    """Seals a wave whose sealing has begun; does not vacuum."""
    assert run_sealing_job(agency.service.dependencies, organization_id=agency.id)
    assert agency.wave(wave).state == WaveState.SEALED


def cancel_wave(agency: Agency, wave: str, reason: str = "storm") -> None:
    """Cancels a wave as an administrator does."""
    with transaction(Door.SEAL) as session:
        transitions.cancel_wave(
            session, agency.wave(wave), reason, TEST_ACTOR, agency.service.clock()
        )


def retire_waves(agency: Agency) -> None:
    """Lets time pass until every wave of today has retired."""
    agency.tick(days=500)
