"""Waves and pulses as documents of the wire."""

from rapport_service.encoding.timestamps import format_utc
from rapport_service.registry.models import Pulse, Wave


def wave_document(wave: Wave) -> dict[str, object]:
    """A wave as ``PlannedWaveSchema`` writes it."""
    return {
        "id": wave.public_id,
        "pulse_id": wave.pulse_id,
        "state": wave.state.value,
        "announces_at": format_utc(wave.announces_at),
        "opens_at": format_utc(wave.opens_at),
        "closes_at": format_utc(wave.closes_at),
        "seals_at": format_utc(wave.seals_at),
        "retires_at": format_utc(wave.retires_at),
        "reason": wave.cancel_reason,
    }


def pulse_document(pulse: Pulse) -> dict[str, object]:
    """A pulse as ``PulseSchema`` writes it."""
    return {
        "id": pulse.pulse_id,
        "first_opens": pulse.first_opens,
        "every_weeks": pulse.every_weeks,
        "open_days": pulse.open_days,
        "announce_days": pulse.announce_days,
        "grace_days": pulse.grace_days,
        "active": pulse.active,
    }
