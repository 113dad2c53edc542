"""Reference values on agreement: indices by group, and critical values of chance."""

from collections.abc import Callable
from functools import cache
from statistics import fmean, median
from typing import Any

from benchmarks.golden_tables import (
    Entry,
    expand_items,
    group_names,
    load_groups,
    load_statistics,
    load_table,
)
from rapport_service.stats.agreement import indices
from rapport_service.stats.agreement.critical_values import (
    r_wg_critical,
    r_wg_null_distribution,
)
from rapport_service.stats.icc import Groups

Index = Callable[[list[Any]], float | None]


def r_wg(entry: Entry) -> object:
    """r_wg of one variable, an item or a scale score."""
    args, name = entry["args"], entry["dataset"]
    variable = args["variable"].split(" ")[0]
    columns = load_table(name)
    values = []
    for group in dict.fromkeys(columns[args["group"]]):
        own = [
            value
            for value, name_of_group in zip(
                columns[variable], columns[args["group"]], strict=True
            )
            if name_of_group == group
        ]
        alone = Groups.from_values(own, [0] * len(own))
        variance = alone.within / (alone.people - 1)
        values.append(indices.r_wg(variance, args["ranvar"]))
    sizes = load_groups(name, variable, args["group"]).n.tolist()
    return _summary(values) | {"group": group_names(name, args["group"]), "n": sizes}


def r_wg_j(entry: Entry) -> object:
    """r_wg(J) of a scale."""
    null = entry["args"]["ranvar"]
    return _by_group(entry, lambda own: indices.r_wg_j(_variances(own), null))


def r_star(entry: Entry) -> object:
    """The linear, untruncated index."""
    null = entry["args"]["ranvar"]
    return _by_group(entry, lambda own: indices.r_star(_variances(own), null))


def ad_mean(entry: Entry) -> object:
    """Average deviation from the mean."""
    return _by_group(
        entry, lambda own: indices.mean_of_items(map(indices.ad_mean, own))
    )


def ad_median(entry: Entry) -> object:
    """Average deviation from the median."""
    return _by_group(
        entry, lambda own: indices.mean_of_items(map(indices.ad_median, own))
    )


def a_wg(entry: Entry) -> object:
    """a_wg of an item."""
    return _by_group(entry, lambda own: indices.mean_of_items(map(indices.a_wg, own)))


def r_wg_null_table(entry: Entry) -> object:
    """Distribution of r_wg of random answers, for each number of them."""
    categories, rows = entry["args"]["A"], []
    for n in (row["n"] for row in entry["value"]):
        critical = r_wg_critical(n, categories)
        assert critical is not None
        values, probabilities = r_wg_null_distribution(n, categories)
        rows.append(
            {
                "n": n,
                "rwg_crit_05": critical.value,
                "p_at_crit": critical.p,
                "p_ge_70": probabilities[values >= 0.7 - 1e-12].sum(),
                "mean": (values * probabilities).sum(),
                "p_total": probabilities.sum(),
            }
        )
    return rows


def _variances(histograms: list[Any]) -> list[float | None]:
    return [indices.item_variance(histogram) for histogram in histograms]


def _by_group(entry: Entry, index: Index) -> dict[str, object]:
    name, chosen = entry["dataset"], expand_items(entry["args"]["items"])
    by_team = _team_statistics(name, chosen)
    values = [index(list(own.histogram)) for own in by_team.values()]
    return _summary([value for value in values if value is not None]) | {
        "group": list(by_team),
        "n": [own.respondents_of("all") for own in by_team.values()],
    }


@cache
def _team_statistics(name: str, chosen: tuple[str, ...]) -> dict[str, Any]:
    return {
        group: load_statistics(name, chosen, where=("COMPID", group))
        for group in group_names(name, "COMPID")
    }


def _summary(values: list[float]) -> dict[str, object]:
    return {
        "n_groups": len(values),
        "mean": fmean(values),
        "median": median(values),
        "min": min(values),
        "max": max(values),
        "n_zero": sum(value == 0 for value in values),
        "n_ge_70": sum(value >= 0.7 for value in values),
        "value": values,
    }
