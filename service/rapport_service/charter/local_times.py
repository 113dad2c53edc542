"""Local times that do not exist or come twice, where the clock changes. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rapport_schemas.enums import ClockChange


@dataclass(frozen=True)
class UnusualTime:
    """A local time that a change of the clock skips or repeats.

    Attributes:
        local_time: as it was asked for, without a zone.
        kind: whether the clock skips or repeats it.
        at: the instant that is meant.
    """

    local_time: datetime
    kind: ClockChange
    at: datetime


def find_clock_change(local_time: datetime, zone: ZoneInfo) -> ClockChange | None:
    """How a change of the clock affects a local time; None if it does not."""
    first, second = (
        local_time.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1)
    )
    assert first is not None
    assert second is not None
    if first == second:
        return None
    return ClockChange.SKIPPED if first < second else ClockChange.REPEATED


def find_unusual_times(
    local_times: Iterable[datetime], zone: ZoneInfo
) -> Iterator[UnusualTime]:
    """Those of some local times that the clock skips or repeats, in their order.

    A skipped time means the instant that it would be without the change: 02:30 is
    03:30. A repeated one means the first of the two.
    """
    for local_time in local_times:
        kind = find_clock_change(local_time, zone)
        if kind is not None:
            at = local_time.replace(tzinfo=zone, fold=0).astimezone(UTC)
            yield UnusualTime(local_time, kind, at)
