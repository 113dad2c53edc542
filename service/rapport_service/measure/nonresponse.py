"""What the people who did not answer could change.

An interval speaks of chance. It does not know why somebody kept silent, so beside it
stand three plain figures that assume nothing about the silent.
"""

from rapport_service.measure.intervals import Interval

LOW_COVERAGE = 0.5


def tipping_point(shift: float, respondents: int, eligible: int) -> float | None:
    """Return how far the silent would have to differ to move the score by a shift.

    shift * N / (N - n), in the unit of the shift.

    Args:
        shift: A change that would matter, such as the smallest detectable one.
        respondents: n.
        eligible: N; a roster that lags behind (N < n) counts as everyone answering.

    Returns:
        The difference between the mean of the silent and the score; None if everyone
        answered, when nothing is left to tip.
    """
    silent = eligible - respondents
    return shift * eligible / silent if silent > 0 else None


def bounds(points: float, respondents: int, eligible: int) -> Interval:
    """Return where the score of all would lie whatever the silent think.

    Reference: Manski 1989, J Hum Resour 24:343.

    Args:
        points: The score of those who answered, 0 to 100.
        respondents: n, one at least.
        eligible: N; a roster that lags behind counts as everyone answering.

    Returns:
        From all of the silent at 0 to all of them at 100 points.
    """
    everyone = max(eligible, respondents)
    known, silent = respondents * points, everyone - respondents
    return Interval(known / everyone, (known + 100 * silent) / everyone)


def low_coverage(rate: float) -> bool:
    """Return whether fewer than half of the eligible responded."""
    return rate < LOW_COVERAGE
