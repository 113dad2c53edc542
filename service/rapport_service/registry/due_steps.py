"""Next step of a wave: when it is due, and whether it waits for the server's clock."""

from datetime import datetime

from rapport_schemas.enums import WaveState
from rapport_service.charter.clock_leap import TickTimes, Window, must_wait
from rapport_service.registry.models import Wave


def next_step_at(wave: Wave, now: datetime) -> datetime:
    """When the next step of a wave is due, or was.

    A wave that is still planned when it would close is cancelled then.
    """
    match wave.state:
        case WaveState.PLANNED:
            return wave.announces_at if now < wave.closes_at else wave.closes_at
        case WaveState.ANNOUNCED:
            return wave.opens_at if now < wave.closes_at else wave.closes_at
        case WaveState.OPEN:
            return wave.closes_at
        case WaveState.CLOSED | WaveState.SEALING:
            return wave.seals_at
        case WaveState.SEALED | WaveState.CANCELLED:
            return wave.retires_at


def waits_for_clock(wave: Wave, times: TickTimes, now: datetime) -> bool:
    """Whether a step of a wave is due but follows a leap that is not confirmed.

    No step of a wave can be undone: none goes back a state.
    """
    due_at = next_step_at(wave, now)
    window = Window(wave.opens_at, wave.closes_at, wave.planned_at)
    return due_at <= now and must_wait(times, due_at, window)
