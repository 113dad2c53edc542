"""A finding depends on markers and releases alone, and once out it stays."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_service.charter.voting_groups import TeamNode
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.encoding import base64url
from rapport_service.lifecycle.organization import update_findings
from rapport_service.registry.models import Finding
from rapport_service.sustainment.analysis.finding import Findings
from rapport_service.sustainment.analysis.history import (
    DeclaredMarker,
    History,
    PublishedFigures,
    ReleasedWave,
    calendar_window,
    start_of_day,
)
from rapport_service.sustainment.service import pending_findings, record_findings
from tests.support.concurrency import run_concurrently
from tests.support.rows import rows_of
from tests.sustainment.planted_releases import (
    FIRST,
    PlantedScore,
    day_between_waves,
    plant_crisis,
    plant_fortnightly_waves,
    plant_marker,
    plant_release,
    plant_retraction,
)
from tests.sustainment.sustainment_requests import (
    request_sustainment,
    sustainment_document,
)


@pytest.fixture
def agency(service):
    return service.agency({"a": 10, "b": 10}, supervises={"director": ["agency"]})


def versions(agency):
    return [(row.version, row.document) for row in rows_of(Finding, agency)]


def test_a_second_tick_finds_nothing_new(agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 8))

    update_findings(agency.id)
    before = versions(agency)
    update_findings(agency.id)

    assert len(before) == 3  # one marker, three teams
    assert versions(agency) == before
    with read_transaction(Door.SEAL) as session:
        assert pending_findings(session, agency.id) is None


def test_a_wave_or_a_marker_makes_another_version_and_the_old_one_stays(agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 8))
    update_findings(agency.id)
    first = versions(agency)

    plant_release(agency, 14 * 8, {"agency": PlantedScore(50)})
    update_findings(agency.id)
    second = versions(agency)
    plant_marker(agency, "policy_change", FIRST + timedelta(days=300))
    update_findings(agency.id)
    third = versions(agency)

    assert {version for version, _ in second} == {1, 2}
    assert {version for version, _ in third} == {1, 2, 3}
    assert [*first] == [row for row in third if row[0] == 1 and row in first]
    assert {*first} < {*second} < {*third}


def test_a_later_release_makes_another_version(agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 7))
    wave = plant_release(agency, 14 * 7, {"agency": None})
    before = sustainment_document(agency)

    plant_release(agency, 14 * 7, {"agency": PlantedScore(50)}, number=2, wave=wave)
    after = sustainment_document(agency)

    assert (before["version"], after["version"]) == (1, 2)
    assert after["phases"]["after"]["waves"] == before["phases"]["after"]["waves"] + 1


def test_marker_of_one_team_makes_no_version_for_another(agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 8))
    update_findings(agency.id)

    plant_marker(agency, "staffing_shock", FIRST + timedelta(days=300), team="a")
    update_findings(agency.id)

    assert [
        sustainment_document(agency, team)["version"] for team in ("agency", "b")
    ] == [1, 1]


def test_retracted_marker_makes_a_new_version_not_an_old_one(agency):
    plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))
    before = sustainment_document(agency)
    hasty = plant_marker(agency, "policy_change", day_between_waves(2))
    overlapped = sustainment_document(agency, marker=before["markers"][0]["id"])

    plant_retraction(agency, hasty)
    after = sustainment_document(agency)

    assert overlapped["reason"] == "overlapping"
    assert [document["version"] for document in (before, overlapped, after)] == [
        1,
        2,
        3,
    ]
    assert after["constructs"] == before["constructs"]


def test_two_ticks_at_once_make_one_version(service, agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 8))

    run_concurrently(service, *[lambda: update_findings(agency.id)] * 2)

    assert [version for version, _ in versions(agency)] == [1, 1, 1]


def test_a_tick_that_comes_late_with_old_news_changes_nothing(agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 8))
    with read_transaction(Door.SEAL) as session:
        old = pending_findings(session, agency.id)
    plant_release(agency, 14 * 8, {"agency": PlantedScore(50)})
    update_findings(agency.id)
    newest = versions(agency)

    for team in old.due:
        with transaction(Door.SEAL) as session:
            record_findings(session, old, team)

    assert versions(agency) == newest
    update_findings(agency.id)
    assert versions(agency) == newest


def test_every_role_reads_the_same_bytes_under_the_digest_as_etag(agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 8), team="a")
    update_findings(agency.id)
    tokens = [
        agency.reader_token("director"),
        agency.phone("a-1").tokens["access_token"],
        agency.admin_token(),
    ]

    replies = [request_sustainment(agency, "a", token=token) for token in tokens]
    (document,) = {reply.data for reply in replies}
    again = request_sustainment(
        agency, "a", **{"If-None-Match": replies[0].headers["ETag"]}
    )

    assert replies[0].headers["ETag"] == f'"{base64url.digest(document)}"'
    assert (again.status_code, again.data) == (304, b"")
    assert json.loads(document)["team"]["name"] == "Team a"


def test_another_agencys_team_is_no_team(agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 8))
    update_findings(agency.id)

    reply = request_sustainment(
        agency, "b", token=agency.phone("a-1").tokens["access_token"]
    )

    assert reply.get_json()["code"] == "team-not-found"


ZONE = ZoneInfo("America/New_York")
ROOT, TEAM, MARKERS = UUID(int=1), UUID(int=2), [UUID(int=n) for n in range(10, 16)]
NODES = {
    ROOT: TeamNode(ROOT, None, "agency", "The agency"),
    TEAM: TeamNode(TEAM, ROOT, "a", "Team a"),
}
KINDS = ["crisis_start", "crisis_end", "policy_change"]


@st.composite
def histories(draw):
    """Some markers and waves of an agency of two teams."""
    markers = []
    for marker in draw(st.sets(st.sampled_from(MARKERS), min_size=1)):
        on = FIRST + timedelta(days=draw(st.integers(-10, 250)))
        markers.append(
            DeclaredMarker(
                kind=draw(st.sampled_from(KINDS)),
                effective_at=start_of_day(on, ZONE),
                declared_at=datetime(2027, draw(st.integers(1, 9)), 1, tzinfo=UTC),
                marker_id=str(marker),
                active=draw(st.booleans()),
                team_id=draw(st.sampled_from([None, ROOT, TEAM])),
                effective_on=on,
                confirmed=draw(st.booleans()),
                label="A date",
            )
        )
    waves = []
    for number in range(draw(st.integers(1, 16))):
        opens = datetime(2027, 1, 4, 9, tzinfo=UTC) + timedelta(days=14 * number)
        fine = draw(st.sets(st.sampled_from([ROOT, TEAM])))
        figure = draw(st.integers(0, 100)), draw(st.integers(1, 9))
        shown = PublishedFigures(
            constructs=dict.fromkeys(("trust", "communication", "overall"), figure),
            items={},
            crisis_percent=draw(st.none() | st.sampled_from(range(10, 95, 5))),
            participation="70-84",
        )
        waves.append(
            ReleasedWave(
                id=f"acme.{UUID(int=100 + number)}",
                opens_at=opens,
                window=calendar_window(opens, opens + timedelta(days=5), ZONE),
                known_at=opens + timedelta(days=12),
                eligible={ROOT: 24, TEAM: 12},
                published=dict.fromkeys(fine, shown),
            )
        )
    return History(NODES, markers, [(wave.id, 1) for wave in waves], waves)


@settings(max_examples=60)
@given(histories(), st.randoms(use_true_random=False))
def test_no_order_of_rows_makes_a_difference(history, rng):
    markers, releases = [*history.markers], [*history.releases]
    rng.shuffle(markers)
    rng.shuffle(releases)
    shuffled = History(history.nodes, markers, releases, history.waves)

    for team in NODES:
        assert shuffled.digest(team) == history.digest(team)
        assert [*Findings(shuffled).of(team)] == [*Findings(history).of(team)]


@settings(max_examples=60)
@given(histories())
def test_every_marker_that_concerns_a_team_is_answered_once(history):
    for team in NODES:
        findings = [*Findings(history).of(team)]
        answered = [finding.marker for finding in findings]
        ends = [
            finding.ended_by for finding in findings if finding.ended_by is not None
        ]

        assert sorted([*answered, *ends]) == sorted(
            UUID(marker.marker_id) for marker in history.active_markers_of(team)
        )


def test_markers_and_waves_of_other_agencies_change_no_finding(service, agency):
    plant_crisis(agency, 3, 6)
    plant_fortnightly_waves(agency, (50, 8))
    before = sustainment_document(agency)
    other = service.agency({"a": 10, "b": 10})
    plant_crisis(other, 2, 5)
    plant_fortnightly_waves(other, (70, 9))
    update_findings(other.id)

    assert sustainment_document(agency) == before
    with read_transaction(Door.SEAL) as session:
        assert pending_findings(session, agency.id) is None
