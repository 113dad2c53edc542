"""Reference values on groups of people: variance between them, and shrunken means."""

from statistics import fmean

from benchmarks.golden_tables import Entry, group_names, load_groups
from rapport_service.stats.icc import (
    Groups,
    GroupSize,
    OneWayAnova,
    icc1,
    icc1_interval,
    icc2,
    mean_reliability,
    one_way_anova,
)
from rapport_service.stats.shrinkage import (
    Method,
    RandomIntercept,
    fit_random_intercept,
    shrink,
)


def one_way_table(entry: Entry) -> object:
    """The table of a one-way analysis of variance."""
    found = _table(entry)
    return {
        "J": found.groups,
        "N": found.people,
        "MSB": found.between,
        "MSW": found.within,
        "F": found.f,
        "df1": found.groups - 1,
        "df2": found.people - found.groups,
        "nbar": found.mean_size,
        "n0": found.n0,
        "n_min": _groups(entry).n.min(),
        "n_max": _groups(entry).n.max(),
    }


def icc1_value(entry: Entry) -> object:
    """ICC(1)."""
    return icc1(_table(entry), _size(entry))


def icc2_value(entry: Entry) -> object:
    """ICC(2)."""
    return icc2(_table(entry))


def icc1_interval_ends(entry: Entry) -> object:
    """The interval of ICC(1)."""
    found = icc1_interval(_table(entry), _size(entry))
    assert found is not None
    return {"lo": found.low, "hi": found.high}


def random_intercept(entry: Entry) -> object:
    """A random intercept by REML or ML, and what tutorials print of it."""
    found, table = fit_random_intercept(_groups(entry), _method(entry)), _table(entry)
    assert found.icc1 is not None
    return {
        "mu": found.mu,
        "se_mu": found.mu_variance**0.5,
        "tau2": found.tau2,
        "sigma2": found.sigma2,
        "icc1": found.icc1,
        "icc2": found.icc2(table.mean_size),
        "loglik": found.log_likelihood,
        "J": table.groups,
        "N": table.people,
        "icc1_lme": found.icc1,
        "icc1_aov": icc1(table, "mean"),
        "icc2_lme_unweighted": fmean(mean_reliability(found.icc1, _groups(entry).n)),
    }


def empirical_bayes_means(entry: Entry) -> object:
    """Empirical-Bayes means of every group."""
    of = _groups(entry)
    found: RandomIntercept = fit_random_intercept(of, _method(entry))
    shrunk = shrink(of, found)
    return {
        "group": group_names(entry["dataset"], entry["args"]["group"]),
        "n": of.n.tolist(),
        "raw_mean": of.means.tolist(),
        "reliability": shrunk.reliability.tolist(),
        "eb_mean": shrunk.means.tolist(),
        "cond_var": shrunk.conditional.tolist(),
    }


def _groups(entry: Entry) -> Groups:
    args = entry["args"]
    return load_groups(entry["dataset"], args["variable"], args["group"])


def _table(entry: Entry) -> OneWayAnova:
    found = one_way_anova(_groups(entry))
    assert found is not None
    return found


def _size(entry: Entry) -> GroupSize:
    return "n0" if entry["args"]["k"] == "n0" else "mean"


def _method(entry: Entry) -> Method:
    return "ml" if ".ml" in entry["id"] else "reml"
