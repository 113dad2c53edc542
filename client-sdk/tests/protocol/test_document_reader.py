"""The reader of documents takes names and types from data classes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Annotated, Literal

import pytest

from rapport_client import UnexpectedReply
from rapport_client._json import JsonObject, Member, read, read_tagged


@dataclass(frozen=True)
class Range:
    low: int
    high: int


@dataclass(frozen=True)
class Reading:
    name: str
    count: int
    share: float
    certain: bool
    on: date
    at: datetime
    level: Literal["coarse", "fine"]
    range: Range | None
    ranges: tuple[Range, ...]
    by_name: Mapping[str, Range]
    source: Annotated[str, Member("from.name")]
    limits: Annotated[Range, Member("limits", renamed={"high": "upper"})]
    digests: Annotated[Mapping[str, str], Member("list", pairs=("team", "digest"))]
    extra: int = 7
    notes: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Sealed:
    status: str


RANGE = {"low": 1, "high": 2}
DOCUMENT = {
    "name": "North",
    "count": 3,
    "share": 1,
    "certain": True,
    "on": "2027-03-24",
    "at": "2027-03-24T08:00:00Z",
    "level": "fine",
    "range": RANGE,
    "ranges": [RANGE],
    "by_name": {"T1": RANGE},
    "from": {"name": "Agency"},
    "limits": {"low": 1, "upper": 9},
    "list": [{"team": "N", "digest": "D"}],
}


def json_object(**changes):
    return JsonObject({**DOCUMENT, **changes}, "the reading", UnexpectedReply)


def test_reader_fills_every_field_by_its_type():
    assert read(Reading, json_object()) == Reading(
        name="North",
        count=3,
        share=1.0,
        certain=True,
        on=date(2027, 3, 24),
        at=datetime(2027, 3, 24, 8, tzinfo=UTC),
        level="fine",
        range=Range(1, 2),
        ranges=(Range(1, 2),),
        by_name={"T1": Range(1, 2)},
        source="Agency",
        limits=Range(1, 9),
        digests={"N": "D"},
    )


def test_unknown_member_is_ignored():
    assert read(Reading, json_object(unheard_of=1)) == read(Reading, json_object())


def test_null_or_missing_member_is_none_or_the_default():
    members = {name: DOCUMENT[name] for name in DOCUMENT if name != "range"}

    reading = read(
        Reading,
        JsonObject(
            {**members, "extra": None, "notes": None}, "the reading", UnexpectedReply
        ),
    )

    assert (reading.range, reading.extra, reading.notes) == (None, 7, ())


def test_a_word_of_a_newer_service_is_kept():
    assert read(Reading, json_object(level="odd")).level == "odd"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": None}, "name is not a text"),
        ({"count": True}, "count is not a whole number"),
        ({"share": "1"}, "share is not a number"),
        ({"certain": 1}, "certain is not true or false"),
        ({"on": "20270324"}, "on is not a date"),
        ({"at": "2027-03-24"}, "at is not an instant in UTC"),
        ({"level": 3}, "level is not a text"),
        ({"range": []}, "range is not an object"),
        ({"range": {"low": 1}}, "range.high is not a whole number"),
        ({"ranges": None}, "ranges is not a list"),
        ({"ranges": [RANGE, {"low": "x"}]}, "ranges.1.low is not a whole number"),
        ({"by_name": {"T1": None}}, "by_name.T1 is not an object"),
        ({"from": None}, "from is not an object"),
        ({"from": {}}, "from.name is not a text"),
        ({"limits": RANGE}, "limits.upper is not a whole number"),
        ({"list": [{"team": "N"}]}, "list.0.digest is not a text"),
        ({"extra": "many"}, "extra is not a whole number"),
    ],
)
def test_malformed_member_is_named_by_its_dotted_path(changes, message):
    with pytest.raises(UnexpectedReply) as raised:
        read(Reading, json_object(**changes))

    assert str(raised.value) == f"the reading: {message}"


def test_tag_chooses_the_data_class():
    document = json_object(status="sealed")

    assert read_tagged(document, "status", {"sealed": Sealed}) == Sealed("sealed")


def test_unknown_tag_is_an_unexpected_reply():
    with pytest.raises(UnexpectedReply, match="status is not one of sealed: guessed"):
        read_tagged(json_object(status="guessed"), "status", {"sealed": Sealed})
