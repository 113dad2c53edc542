"""Reference values on a series of 16 weekly pulses with an event in it."""

from functools import cache

import numpy as np

from benchmarks.golden_tables import Entry, load_table
from rapport_service.stats.placebo_test import placebo_test, placements
from rapport_service.stats.regression import Regression, least_squares, newey_west
from rapport_service.stats.segmented_regression import slope_design
from rapport_service.stats.sufficient_statistics import Floats
from rapport_service.stats.trend import kendall, theil_sen, weighted_slope

TERMS = ("(Intercept)", "TIME", "TRANS", "RECOV")
EVENT = 11
ONE_SIDE = 3


def segmented(_: Entry) -> object:
    """A level and a slope before and after, with robust standard errors."""
    model, y = _model(EVENT), _series()[1]
    lag2 = newey_west(model, 2)
    squares = float(model.residuals @ model.residuals)
    return {
        "coef": _named(model.coefficients),
        "se_ols": _errors(model.covariance),
        "se_nw_lag1_adj": _errors(newey_west(model, 1)),
        "se_nw_lag2_adj": _errors(lag2),
        "se_nw_lag2_noadj": _errors(lag2 * model.freedom / len(y)),
        "sigma": model.sigma2**0.5,
        "r2": 1 - squares / float(((y - y.mean()) ** 2).sum()),
        "resid": model.residuals.tolist(),
    }


def growth(_: Entry) -> object:
    """The fixed effects of a growth model: everybody answered in every week."""
    return {"coef": _named(_model(EVENT).coefficients)}


def trend(_: Entry) -> object:
    """Slopes and the rank correlation with time."""
    x, y = _series()
    line, rank = weighted_slope(x, y, np.ones_like(y)), kendall(x.tolist(), y.tolist())
    assert line is not None
    return {
        "ols_slope": line.estimate,
        "ols_se": line.se,
        "theil_sen": theil_sen(x, y),
        "kendall_tau": rank.tau,
        "kendall_p": rank.p,
    }


def placebo(_: Entry) -> object:
    """The level change at the event among those at every other onset."""
    admissible = placements(len(_series()[1]), ends=False, min_phase=ONE_SIDE)
    result = placebo_test(admissible, (EVENT, None), lambda at: _t(_model(at[0])))
    return {
        "onsets": [start for start, _ in admissible],
        "abs_t": list(result.statistics),
        "observed": result.observed,
        "p": result.p,
    }


def _t(model: Regression) -> float:
    return float(model.coefficients[2] / model.covariance[2, 2] ** 0.5)


@cache
def _series() -> tuple[Floats, Floats]:
    weekly = load_table("banddat_weekly")
    return np.array(weekly["TIME"]), np.array(weekly["mean"])


def _model(start: int) -> Regression:
    x, y = _series()
    return least_squares(slope_design(x, start), y)


def _errors(covariance: Floats) -> dict[str, float]:
    return _named(np.sqrt(covariance.diagonal()))


def _named(values: Floats) -> dict[str, float]:
    return dict(zip(TERMS, values.tolist(), strict=True))
