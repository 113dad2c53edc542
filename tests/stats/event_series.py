"""Waves, markers and series for tests of the effect of an event."""

from datetime import UTC, datetime, timedelta

from rapport_service.stats.event_effect import assess
from rapport_service.stats.event_phases import Episode, PhaseMarker
from rapport_service.stats.trend import Point, Window

FIRST = datetime(2026, 1, 5, tzinfo=UTC)
NOISE = (0.4, -0.8, 1.1, -0.2, 0.6, -1.0, 0.3, -0.5, 0.9, -0.7, 0.2, 0.5)


def at(day):
    return FIRST + timedelta(days=day)


def window(day, days=3):
    return Window(at(day), at(day + days))


def marker(kind, day, declared=-1):
    return PhaseMarker(kind, at(day), at(declared), f"{kind} {day}")


def crisis(start, end=None, declared=-1):
    closing = None if end is None else marker("crisis_end", end, declared)
    return Episode(marker("crisis_start", start, declared), closing)


def wave(number, score, se=2.0):
    return Point(window(14 * number), score, se)


def fortnightly_points(*levels_and_counts):
    """Points at levels that each last some waves, a little unlike each other."""
    values = [level for level, count in levels_and_counts for _ in range(count)]
    return [wave(i, value + NOISE[i % len(NOISE)]) for i, value in enumerate(values)]


def assess_levels(before, during, after=(0, 0)):
    """Assessment of three phases, each a level and a number of waves."""
    names = ("before", "during", "after")
    labels = [
        n
        for n, (_, count) in zip(names, (before, during, after), strict=True)
        for _ in range(count)
    ]
    return assess(fortnightly_points(before, during, after), labels)
