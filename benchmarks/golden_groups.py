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
    table = _table(entry)
    return {
        "J": table.groups,
        "N": table.people,
        "MSB": table.between,
        "MSW": table.within,
        "F": table.f,
        "df1": table.groups - 1,
        "df2": table.people - table.groups,
        "nbar": table.mean_size,
        "n0": table.n0,
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
    ends = icc1_interval(_table(entry), _size(entry))
    assert ends is not None
    return {"lo": ends.low, "hi": ends.high}


def random_intercept(entry: Entry) -> object:
    """Random intercept by REML or ML, and the figures that tutorials print of it."""
    model, table = fit_random_intercept(_groups(entry), _method(entry)), _table(entry)
    assert model.icc1 is not None
    return {
        "mu": model.mu,
        "se_mu": model.mu_variance**0.5,
        "tau2": model.tau2,
        "sigma2": model.sigma2,
        "icc1": model.icc1,
        "icc2": model.icc2(table.mean_size),
        "loglik": model.log_likelihood,
        "J": table.groups,
        "N": table.people,
        "icc1_lme": model.icc1,
        "icc1_aov": icc1(table, "mean"),
        "icc2_lme_unweighted": fmean(mean_reliability(model.icc1, _groups(entry).n)),
    }


def empirical_bayes_means(entry: Entry) -> object:
    """Empirical-Bayes means of every group."""
    groups = _groups(entry)
    model: RandomIntercept = fit_random_intercept(groups, _method(entry))
    shrunk = shrink(groups, model)
    return {
        "group": group_names(entry["dataset"], entry["args"]["group"]),
        "n": groups.n.tolist(),
        "raw_mean": groups.means.tolist(),
        "reliability": shrunk.reliability.tolist(),
        "eb_mean": shrunk.means.tolist(),
        "cond_var": shrunk.conditional.tolist(),
    }


def _groups(entry: Entry) -> Groups:
    args = entry["args"]
    return load_groups(entry["dataset"], args["variable"], args["group"])


def _table(entry: Entry) -> OneWayAnova:
    table = one_way_anova(_groups(entry))
    assert table is not None
    return table


def _size(entry: Entry) -> GroupSize:
    return "n0" if entry["args"]["k"] == "n0" else "mean"


def _method(entry: Entry) -> Method:
    return "ml" if ".ml" in entry["id"] else "reml"
