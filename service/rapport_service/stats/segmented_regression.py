"""Segmented regression: a level, and with enough waves a slope, for each phase.

The terms are those of Bliese and Lang 2016 (Organ Res Methods 19:562), Wagner et al.
2002 (J Clin Pharm Ther 27:299) and Bernal et al. 2017 (Int J Epidemiol 46:348).
"""

import numpy as np

from rapport_service.stats.sufficient_statistics import Floats


def level_design(waves: int, start: int, end: int | None = None) -> Floats:
    """Return the terms of a model with one level per phase.

    theta = b_0 + b_D * during + b_A * after.

    Args:
        waves: T.
        start: The number, from 0, of the first wave that is during.
        end: That of the first wave after; None without an after.

    Returns:
        (T, 3) or, without an after, (T, 2): constant, during, after.
    """
    order = np.arange(waves)
    terms = [np.ones(waves), (order >= start) & (order < _end_or_length(end, waves))]
    if end is not None:
        terms.append(order >= end)
    return np.column_stack(terms).astype(np.float64)


def slope_design(times: Floats, start: int, end: int | None = None) -> Floats:
    """Return the terms of a model with a level and a slope per phase.

    It has six terms: below some sixteen waves they are mostly noise. Reference value:
    tests and benchmarks compare it; no finding uses it.

    theta = b_0 + b_1 t + b_D D + b_4 (t - t_s) D + b_A A + b_5 (t - t_e) A, where t_s
    and t_e are the times of the first wave during and after.

    Args:
        times: (T,) of the waves, in any unit.
        start: The number, from 0, of the first wave that is during.
        end: That of the first wave after; None without an after.

    Returns:
        (T, 6): constant, t, during, its slope, after, its slope; without an after the
        first four.
    """
    order = np.arange(len(times))
    during = (order >= start) & (order < _end_or_length(end, len(times)))
    terms = [np.ones_like(times), times, during, (times - times[start]) * during]
    if end is not None:
        after = order >= end
        terms += [after, (times - times[end]) * after]
    return np.column_stack(terms).astype(np.float64)


def _end_or_length(end: int | None, waves: int) -> int:
    return waves if end is None else end
