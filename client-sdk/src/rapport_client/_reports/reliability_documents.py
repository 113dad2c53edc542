"""Reads reliability reports."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from rapport_client._json import JsonObject
from rapport_client._reports.reliability import (
    AgreementCheck,
    Interval,
    ItemCheck,
    Reliability,
    ScaleCheck,
    TeamCheck,
)
from rapport_client._reports.score_documents import read_explanation

T = TypeVar("T")


def read(report: JsonObject) -> Reliability:
    """Reads a report.

    Raises:
        UnexpectedReply: malformed.
    """
    return Reliability(
        wave=report.text("wave"),
        release=report.integer("release"),
        opens_at=report.instant("opens_at"),
        closes_at=report.instant("closes_at"),
        waves=report.list_of_texts("waves"),
        checked=report.flag("checked"),
        scales=_read_checks(report.nested("scales"), _read_scale_check),
        teams=_read_checks(report.nested("teams"), _read_team_check),
        agreement=_read_checks(report.nested("agreement"), _read_agreement_check),
        explanation=read_explanation(report),
    )


def _read_checks(
    part: JsonObject, check: Callable[[JsonObject], T]
) -> Mapping[str, T | None]:
    """What was checked, by name; None where it could not be."""
    found = {name: part.nested_or_none(name) for name in part.raw}
    return {name: None if one is None else check(one) for name, one in found.items()}


def _read_scale_check(scale: JsonObject) -> ScaleCheck:
    items = scale.nested("items")
    return ScaleCheck(
        verdict=scale.text("verdict"),
        people_per_pair=scale.text("people_per_pair"),
        alpha=scale.number("alpha"),
        alpha_interval=_read_interval(scale.nested("alpha_interval")),
        omega=scale.number("omega"),
        of_those_shown=scale.number("of_those_shown"),
        approximate=scale.flag("approximate"),
        items={name: _read_item_check(items.nested(name)) for name in items.raw},
        weak_items=scale.list_of_texts("weak_items"),
    )


def _read_item_check(item: JsonObject) -> ItemCheck:
    return ItemCheck(item.number_or_none("item_rest"), item.number_or_none("loading"))


def _read_team_check(team: JsonObject) -> TeamCheck:
    by_people = team.nested("by_people")
    return TeamCheck(
        teams=team.integer("teams"),
        few=team.flag("few"),
        icc1=team.number("icc1"),
        icc1_interval=_read_interval_or_none(team.nested_or_none("icc1_interval")),
        icc2=team.number_or_none("icc2"),
        icc2_interval=_read_interval_or_none(team.nested_or_none("icc2_interval")),
        by_people={size: by_people.number(size) for size in by_people.raw},
    )


def _read_agreement_check(agreement: JsonObject) -> AgreementCheck:
    return AgreementCheck(
        teams=agreement.integer("teams"),
        clear=agreement.integer_or_none("clear"),
        r_wg=agreement.number_or_none("r_wg"),
        r_star=agreement.number_or_none("r_star"),
        a_wg=agreement.number_or_none("a_wg"),
        ad=agreement.number_or_none("ad"),
    )


def _read_interval_or_none(interval: JsonObject | None) -> Interval | None:
    return None if interval is None else _read_interval(interval)


def _read_interval(interval: JsonObject) -> Interval:
    return Interval(interval.number("low"), interval.number("high"))
