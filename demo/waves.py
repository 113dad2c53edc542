"""Waves that last seconds, as short as this computer allows."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from demo.installation import Installation


@dataclass(frozen=True)
class Wave:
    """A planned wave and its instants."""

    id: str
    opens_at: datetime
    closes_at: datetime
    seals_at: datetime


def plan_wave(
    installation: Installation,
    organization: str,
    *,
    draw: timedelta,
    answer: timedelta,
    send: timedelta,
) -> Wave:
    """Plans a wave that is announced as soon as the command to plan it has run.

    Args:
        installation: the installation.
        organization: the id of the organization.
        draw: from the announcement to the opening.
        answer: from the opening to the close.
        send: from the close to the seal.
    """
    lead = timedelta(seconds=2 + 2 * installation.command_seconds)
    announces_at = _round_up_to_second(datetime.now(UTC) + lead)
    opens_at = _round_up_to_second(announces_at + draw)
    closes_at = _round_up_to_second(opens_at + answer)
    seals_at = _round_up_to_second(closes_at + send)
    wave_id = installation.rapport(
        *("wave", "plan", organization),
        *("--announces-at", announces_at.isoformat()),
        *("--opens-at", opens_at.isoformat()),
        *("--closes-at", closes_at.isoformat()),
        *("--seals-at", seals_at.isoformat()),
    )
    return Wave(wave_id, opens_at, closes_at, seals_at)


def plan_short_wave(
    installation: Installation, organization: str, enrolment_seconds: float
) -> Wave:
    """Plans a wave as short as this machine allows.

    Args:
        installation: the installation.
        organization: the id of the organization.
        enrolment_seconds: the time in which the fleet enrolled, with one request for
            each device. To draw and to send take some five.
    """
    online = timedelta(seconds=math.ceil(4 + 8 * enrolment_seconds))
    offline = timedelta(seconds=math.ceil(4 + 2 * enrolment_seconds))
    return plan_wave(
        installation, organization, draw=online, answer=offline, send=online
    )


def wait_until(instant: datetime) -> None:
    """Sleeps until an instant has passed."""
    time.sleep(seconds_until(instant) + 0.05)


def seconds_until(instant: datetime) -> float:
    """How long it is until an instant; 0 if it has passed."""
    return max(0.0, (instant - datetime.now(UTC)).total_seconds())


def wait_for(state: str, has_happened: Callable[[], bool], seconds: float) -> None:
    """Polls until something has happened.

    Raises:
        TimeoutError: it did not in this time.
    """
    deadline = time.monotonic() + seconds
    while not has_happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not {state} within {seconds:.0f} seconds")
        time.sleep(0.2)


def _round_up_to_second(instant: datetime) -> datetime:
    """The next whole second, since a charter has whole seconds."""
    return datetime.fromtimestamp(math.ceil(instant.timestamp()), UTC)
