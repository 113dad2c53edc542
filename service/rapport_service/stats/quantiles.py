"""Quantiles of the distributions that intervals and tests are made of.

`scipy.special` has them as plain functions; `scipy.stats` would triple the import time.
"""

from scipy import special

CONFIDENCE = 0.95
"""The coverage of every interval."""


def normal_quantile(p: float) -> float:
    """Return the p-quantile of the standard normal distribution."""
    return float(special.ndtri(p))


def t_quantile(p: float, df: float) -> float:
    """Return the p-quantile of Student's t with df degrees of freedom."""
    return float(special.stdtrit(df, p))


def t_p_value(t: float, df: float) -> float:
    """Return the two-sided p-value of a t statistic with df degrees of freedom."""
    return float(2 * special.stdtr(df, -abs(t)))


def f_quantile(p: float, df1: float, df2: float) -> float:
    """Return the p-quantile of Fisher's F with df1 and df2 degrees of freedom."""
    return float(special.fdtri(df1, df2, p))
