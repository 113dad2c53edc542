"""Confidence interval of a share, such as that of favourable answers.

Reference: Wilson 1927, J Am Stat Assoc 22:209.
"""

from rapport_service.stats.intervals import (
    CONFIDENCE,
    Interval,
    normal_quantile,
    wilson_bounds,
)


def wilson_interval(count: float, n: int) -> Interval | None:
    """Return Wilson's 95 % interval of count/n, a share from 0 to 1.

    Reference value: tests and benchmarks compare it; no release uses it.

    Args:
        count: Answers of the kind, 0 to n; need not be whole for a mean of shares.
        n: All answers.

    Returns:
        The interval; None without an answer. A share of 0 or 1 still has some width.
    """
    if n == 0:
        return None
    low, high = wilson_bounds(count / n, n, normal_quantile((1 + CONFIDENCE) / 2))
    return Interval(max(low, 0.0), min(high, 1.0))
