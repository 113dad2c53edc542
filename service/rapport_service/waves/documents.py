"""Waves and pulses as documents of the wire."""

from collections.abc import Iterable

from rapport_service.charter.local_times import UnusualTime
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


def pulse_document(pulse: Pulse, time_zone: str) -> dict[str, object]:
    """A pulse as ``PulseSchema`` writes it, with the time zone of its organization."""
    return {
        "id": pulse.pulse_id,
        "first_opens": pulse.first_opens,
        "time_zone": time_zone,
        "every_weeks": pulse.every_weeks,
        "open_days": pulse.open_days,
        "announce_days": pulse.announce_days,
        "grace_days": pulse.grace_days,
        "active": pulse.active,
    }


def unusual_times_document(times: Iterable[UnusualTime]) -> dict[str, object]:
    """Local times that the clock skips or repeats, as a new pulse lists them."""
    return {
        "unusual_times": [
            {
                "local_time": time.local_time.isoformat(timespec="minutes"),
                "kind": time.kind.value,
                "at": format_utc(time.at),
            }
            for time in times
        ]
    }
