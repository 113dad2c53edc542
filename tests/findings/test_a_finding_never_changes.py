"""A finding depends on markers and releases alone, and once out it stays."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_service import b64
from rapport_service.charter.electorate import Node
from rapport_service.cli.tick import find_out
from rapport_service.db import Door, reading, transaction
from rapport_service.events.finding import Findings
from rapport_service.events.history import (
    Declared,
    History,
    ReleasedWave,
    Shown,
    days,
    midnight,
)
from rapport_service.record.models import Finding
from rapport_service.waves.findings import outstanding, publish
from tests.at_once import at_once
from tests.findings.asking import ask, told
from tests.findings.planted import (
    FIRST,
    Said,
    between,
    crisis,
    declare,
    fortnights,
    release,
    retract,
)
from tests.stored import rows_of


@pytest.fixture
def agency(house):
    return house.agency({"a": 10, "b": 10}, supervises={"director": ["agency"]})


def versions(agency):
    return [(row.version, row.document) for row in rows_of(Finding, agency)]


def test_a_second_tick_finds_nothing_new(agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 8))

    find_out(agency.id)
    before = versions(agency)
    find_out(agency.id)

    assert len(before) == 3  # one marker, three teams
    assert versions(agency) == before
    with reading(Door.SEAL) as session:
        assert outstanding(session, agency.id) is None


def test_a_wave_or_a_marker_makes_another_version_and_the_old_one_stays(agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 8))
    find_out(agency.id)
    first = versions(agency)

    release(agency, 14 * 8, {"agency": Said(50)})
    find_out(agency.id)
    second = versions(agency)
    declare(agency, "policy-change", FIRST + timedelta(days=300))
    find_out(agency.id)
    third = versions(agency)

    assert {version for version, _ in second} == {1, 2}
    assert {version for version, _ in third} == {1, 2, 3}
    assert [*first] == [row for row in third if row[0] == 1 and row in first]
    assert {*first} < {*second} < {*third}


def test_a_late_release_makes_another_version(agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 7))
    wave = release(agency, 14 * 7, {"agency": None})
    before = told(agency)

    release(agency, 14 * 7, {"agency": Said(50)}, number=2, wave=wave)
    after = told(agency)

    assert (before["version"], after["version"]) == (1, 2)
    assert after["phases"]["after"]["waves"] == before["phases"]["after"]["waves"] + 1


def test_what_concerns_one_team_makes_no_version_for_another(agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 8))
    find_out(agency.id)

    declare(agency, "staffing-shock", FIRST + timedelta(days=300), team="a")
    find_out(agency.id)

    assert [told(agency, team)["version"] for team in ("agency", "b")] == [1, 1]


def test_what_was_declared_and_retracted_again_is_no_return_to_an_old_version(agency):
    crisis(agency, 6, 11)
    fortnights(agency, (50, 6), (65, 5), (60, 6))
    before = told(agency)
    hasty = declare(agency, "policy-change", between(2))
    overlapped = told(agency, marker=before["markers"][0]["id"])

    retract(agency, hasty)
    after = told(agency)

    assert overlapped["reason"] == "overlapping"
    assert [one["version"] for one in (before, overlapped, after)] == [1, 2, 3]
    assert after["constructs"] == before["constructs"]


def test_two_ticks_at_once_make_one_version(house, agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 8))

    at_once(house, *[lambda: find_out(agency.id)] * 2)

    assert [version for version, _ in versions(agency)] == [1, 1, 1]


def test_a_tick_that_comes_late_with_old_news_changes_nothing(agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 8))
    with reading(Door.SEAL) as session:
        old = outstanding(session, agency.id)
    release(agency, 14 * 8, {"agency": Said(50)})
    find_out(agency.id)
    newest = versions(agency)

    for team in old.due:
        with transaction(Door.SEAL) as session:
            publish(session, old, team)

    assert versions(agency) == newest
    find_out(agency.id)
    assert versions(agency) == newest


def test_every_role_reads_the_same_bytes_under_the_digest_as_etag(agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 8), team="a")
    find_out(agency.id)
    tokens = [
        agency.reader_token("director"),
        agency.phone("a-1").tokens["access_token"],
        agency.admin_token(),
    ]

    replies = [ask(agency, "a", token=token) for token in tokens]
    (document,) = {reply.data for reply in replies}
    again = ask(agency, "a", **{"If-None-Match": replies[0].headers["ETag"]})

    assert replies[0].headers["ETag"] == f'"{b64.digest(document)}"'
    assert (again.status_code, again.data) == (304, b"")
    assert json.loads(document)["team"]["name"] == "Team a"


def test_a_team_of_somebody_else_is_no_team(agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 8))
    find_out(agency.id)

    reply = ask(agency, "b", token=agency.phone("a-1").tokens["access_token"])

    assert reply.get_json()["code"] == "team-not-found"


ZONE = ZoneInfo("America/New_York")
ROOT, TEAM, MARKERS = UUID(int=1), UUID(int=2), [UUID(int=n) for n in range(10, 16)]
NODES = {
    ROOT: Node(ROOT, None, "agency", "The agency"),
    TEAM: Node(TEAM, ROOT, "a", "Team a"),
}
KINDS = ["crisis_start", "crisis_end", "policy_change"]


@st.composite
def histories(draw):
    """Some markers and waves of an agency of two teams."""
    markers = []
    for marker in draw(st.sets(st.sampled_from(MARKERS), min_size=1)):
        on = FIRST + timedelta(days=draw(st.integers(-10, 250)))
        markers.append(
            Declared(
                kind=draw(st.sampled_from(KINDS)),
                effective=midnight(on, ZONE),
                declared_at=datetime(2027, draw(st.integers(1, 9)), 1, tzinfo=UTC),
                name=str(marker),
                stands=draw(st.booleans()),
                team_id=draw(st.sampled_from([None, ROOT, TEAM])),
                effective_on=on,
                confirmed=draw(st.booleans()),
                label="A date",
                declared_by="admin",
            )
        )
    waves = []
    for number in range(draw(st.integers(1, 16))):
        opens = datetime(2027, 1, 4, 9, tzinfo=UTC) + timedelta(days=14 * number)
        fine = draw(st.sets(st.sampled_from([ROOT, TEAM])))
        figure = draw(st.integers(0, 100)), draw(st.integers(1, 9))
        shown = Shown(
            constructs=dict.fromkeys(("trust", "communication", "overall"), figure),
            items={},
            dose=draw(st.none() | st.sampled_from(range(10, 95, 5))),
            participation="70-84",
        )
        waves.append(
            ReleasedWave(
                id=f"acme.{UUID(int=100 + number)}",
                opens_at=opens,
                window=days(opens, opens + timedelta(days=5), ZONE),
                known_at=opens + timedelta(days=12),
                eligible={ROOT: 24, TEAM: 12},
                shown=dict.fromkeys(fine, shown),
            )
        )
    return History(NODES, markers, [(one.id, 1) for one in waves], waves)


@settings(max_examples=60)
@given(histories(), st.randoms(use_true_random=False))
def test_no_order_of_rows_makes_a_difference(history, dice):
    markers, releases = [*history.markers], [*history.releases]
    dice.shuffle(markers)
    dice.shuffle(releases)
    shuffled = History(history.nodes, markers, releases, history.waves)

    for team in NODES:
        assert shuffled.basis(team) == history.basis(team)
        assert [*Findings(shuffled).of(team)] == [*Findings(history).of(team)]


@settings(max_examples=60)
@given(histories())
def test_every_marker_that_concerns_a_team_is_answered_once(history):
    for team in NODES:
        said = [*Findings(history).of(team)]
        answered = [one.marker for one in said]
        ends = [one.ended_by for one in said if one.ended_by is not None]

        assert sorted([*answered, *ends]) == sorted(
            UUID(marker.name) for marker in history.concerning(team)
        )


def test_what_other_agencies_do_makes_no_difference(house, agency):
    crisis(agency, 3, 6)
    fortnights(agency, (50, 8))
    before = told(agency)
    other = house.agency({"a": 10, "b": 10})
    crisis(other, 2, 5)
    fortnights(other, (70, 9))
    find_out(other.id)

    assert told(agency) == before
    with reading(Door.SEAL) as session:
        assert outstanding(session, agency.id) is None
