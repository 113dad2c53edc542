"""A program reads trends, heat maps and lists of releases."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

import pytest
from fake_service.documents import ROOT, TEAM
from fake_service.faults import on_path, reply_with
from fake_service.phone import SERVER
from fake_service.service import reply
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client import (
    Heatmap,
    HeatmapRow,
    Interval,
    ItemCheck,
    LevelVariances,
    Pending,
    Release,
    Reliability,
    ScoreTrend,
    Sentence,
    TeamReference,
    Trend,
    TrendDirections,
    TrendPoint,
    UnexpectedReply,
    WaveReleases,
)
from rapport_client._json import JsonObject, read
from rapport_client._resources.teams import parse_heatmap

WAVE = "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11"
NORTH, AGENCY = (
    {"id": TEAM, "external_id": "north", "name": "North"},
    {"id": ROOT, "external_id": "all", "name": "Agency"},
)
FIGURE = {
    "score": 75,
    "bound": None,
    "interval": {"low": 70, "high": 80},
    "change": None,
    "favourable": 62,
    "trend": None,
    "level": None,
    "two_wave_change": None,
    "against_organization": None,
}
FIGURES = dict.fromkeys(("trust", "communication", "overall"), FIGURE)
DATES = {"opens_at": "2026-11-24T08:00:00Z", "closes_at": "2026-12-01T08:00:00Z"}
OPENS, CLOSES = (
    datetime(2026, 11, 24, 8, tzinfo=UTC),
    datetime(2026, 12, 1, 8, tzinfo=UTC),
)
OWN_SCORES = {
    "release": 1,
    "status": "released",
    "source_team": None,
    "tier": "fine",
    "respondents": "10-19",
    "participation": "85+",
    "constructs": FIGURES,
}
WITHHELD_SCORES = {**dict.fromkeys(OWN_SCORES), "release": 2, "status": "withheld"}
ROLLED_UP = {**WITHHELD_SCORES, "status": "rolled_up", "source_team": AGENCY}
EXPLANATION = [{"code": "own_scores", "en": "The team's own.", "es": "Las propias."}]
HEADING = {
    "trust": {"direction": "rising", "per_four_weeks": 3, "detectable": 2},
    "communication": {
        "direction": "no_clear_trend",
        "per_four_weeks": None,
        "detectable": 4,
    },
    "overall": None,
}
TREND = {
    "team": NORTH,
    "heading": HEADING,
    "explanation": EXPLANATION,
    "waves": [
        {"wave_id": "acme.2", **DATES, **ROLLED_UP},
        {"wave_id": "acme.1", **DATES, **OWN_SCORES},
    ],
    "next": None,
}
HEATMAP = {
    "status": "sealed",
    "explanation": EXPLANATION,
    "team": AGENCY,
    "wave_id": WAVE,
    **DATES,
    "rows": [
        {"team": AGENCY, **OWN_SCORES},
        {"team": NORTH, **OWN_SCORES, "source_team": AGENCY},
    ],
}
PENDING = {
    "status": "pending",
    "team": NORTH,
    "wave_id": WAVE,
    "seals_at": "2026-12-08T08:00:00Z",
    "delay": None,
}
RELEASES = {
    "wave_id": WAVE,
    "charter_digest": "C",
    "sealing_key_thumbprint": "K",
    "releases": [
        {
            "number": 1,
            "counted_ballots_digest": "D",
            "invalid_band": "none",
            "level_variances": {
                "trust": {
                    "noise": 300,
                    "drift": 15,
                    "between": 60,
                    "mean": 65,
                    "change_scale": 1.1,
                    "two_wave_change_scale": 1.3,
                }
            },
            "documents": [{"team_id": TEAM, "digest": "E"}],
        }
    ],
}


def test_a_trend_has_the_teams_own_figures_newest_first(client, service):
    service.scores[TEAM] = TREND

    trend = client.teams.trend(TEAM)

    assert isinstance(trend, Trend)
    rolled_up, own = trend.points
    assert isinstance(own, TrendPoint)
    assert (own.wave_id, own.opens_at, own.closes_at) == ("acme.1", OPENS, CLOSES)
    assert own.constructs.trust.score == 75
    assert rolled_up.source_team == TeamReference(ROOT, "all", "Agency")
    assert rolled_up.constructs is rolled_up.tier is rolled_up.respondents is None
    assert trend.heading == TrendDirections(
        ScoreTrend("rising", 3, 2), ScoreTrend("no_clear_trend", None, 4), None
    )
    assert trend.explanation == (
        Sentence("own_scores", "The team's own.", "Las propias."),
    )
    assert service.log[-1].url == f"{SERVER}/v1/teams/{TEAM}/trend?limit=500"


def test_a_heat_map_has_a_row_for_each_team(client, service):
    service.scores[ROOT] = HEATMAP

    heatmap = client.teams.heatmap(ROOT, wave=WAVE)

    assert isinstance(heatmap, Heatmap)
    assert (heatmap.wave_id, heatmap.opens_at, heatmap.closes_at) == (
        WAVE,
        OPENS,
        CLOSES,
    )
    first, second = heatmap.rows
    assert isinstance(first, HeatmapRow)
    assert [row.team.external_id for row in heatmap.rows] == ["all", "north"]
    assert second.team == TeamReference(TEAM, "north", "North")
    assert second.source_team == heatmap.team == TeamReference(ROOT, "all", "Agency")
    assert service.log[-1].url == f"{SERVER}/v1/teams/{ROOT}/heatmap?wave_id={WAVE}"


def test_a_heat_map_may_be_pending(client, service):
    service.scores[TEAM] = PENDING

    assert client.teams.heatmap(TEAM) == Pending(
        TeamReference(TEAM, "north", "North"),
        WAVE,
        datetime(2026, 12, 8, 8, tzinfo=UTC),
        None,
    )


def test_releases_are_listed_with_what_they_commit_to(client, service):
    path = f"/v1/waves/{WAVE}/releases"
    service.intercept = on_path(path, reply_with(reply(RELEASES)))

    releases = client.waves.releases(WAVE)

    (release,) = releases.releases
    variances = LevelVariances(
        noise=300.0,
        drift=15.0,
        between=60.0,
        mean=65.0,
        change_scale=1.1,
        two_wave_change_scale=1.3,
    )
    assert release == Release(1, "D", "none", {"trust": variances}, {TEAM: "E"})
    assert releases == WaveReleases(WAVE, "C", "K", (release,))


CHECKS = {
    "wave_id": WAVE,
    "release": 1,
    **DATES,
    "wave_ids": [WAVE],
    "checked": True,
    "scales": {
        "trust": {
            "verdict": "doubtful",
            "people_per_pair": "50-199",
            "alpha": 0.7,
            "alpha_interval": {"low": 0.6, "high": 1},
            "omega": 0.71,
            "shown_items_reliability": 0.5,
            "approximate": False,
            "items": {"T1": {"item_rest": 0.2, "loading": None}},
            "weak_items": ["T1"],
        },
        "communication": None,
    },
    "teams": {
        "trust": {
            "teams": 4,
            "small_sample": True,
            "icc1": 0.1,
            "icc1_interval": None,
            "icc2": 0.6,
            "icc2_interval": {"low": -0.1, "high": 0.9},
            "by_people": {"10": 0.53},
        }
    },
    "agreement": {
        "anchor": {
            "teams": 4,
            "clear": 2,
            "r_wg": 0.8,
            "r_star": None,
            "a_wg": None,
            "ad": 0.5,
        }
    },
    "explanation": EXPLANATION,
}


def test_a_report_says_whether_the_questions_hold(client, service):
    service.intercept = on_path(
        "/v1/organization/reliability", reply_with(reply(CHECKS))
    )

    report = client.organization.reliability()

    trust = report.scales["trust"]
    assert (report.checked, report.scales["communication"]) == (True, None)
    assert (trust.alpha, trust.alpha_interval) == (0.7, Interval(0.6, 1.0))
    assert (trust.items, trust.weak_items) == ({"T1": ItemCheck(0.2, None)}, ("T1",))
    teams = report.teams["trust"]
    assert teams.by_people == {"10": 0.53}
    assert (teams.icc1_interval, teams.icc2_interval) == (None, Interval(-0.1, 0.9))
    assert report.agreement["anchor"].clear == 2


@settings(deadline=None)
@given(
    path=st.sampled_from(
        [
            (),
            *(("scales", "trust"), ("scales", "trust", "alpha_interval")),
            *(("scales", "trust", "items"), ("teams", "trust")),
            *(("teams", "trust", "by_people"), ("agreement", "anchor")),
        ]
    ),
    data=st.data(),
    value=st.sampled_from([None, 1.5, True, "x", [], {}, [1], -1, 10**400]),
)
def test_a_malformed_report_of_the_questions_is_an_unexpected_reply(path, data, value):
    malformed = json.loads(json.dumps(CHECKS))
    inside = malformed
    for name in path:
        inside = inside[name]
    inside[data.draw(st.sampled_from(sorted(inside)))] = value

    with suppress(UnexpectedReply):
        read(Reliability, JsonObject(malformed, "the report", UnexpectedReply))


def test_heat_map_of_an_unknown_status_is_refused():
    with pytest.raises(UnexpectedReply, match="postponed"):
        parse_heatmap(JsonObject({"status": "postponed"}, "the map", UnexpectedReply))


@settings(deadline=None)
@given(
    reader=st.sampled_from(
        [
            (partial(read, Trend), TREND, "waves"),
            (parse_heatmap, HEATMAP, "rows"),
            (partial(read, WaveReleases), RELEASES, "releases"),
        ]
    ),
    data=st.data(),
    value=st.sampled_from([None, 1.5, True, "x", [], {}, [1], -1]),
)
def test_a_malformed_report_raises_nothing_but_the_typed_error(reader, data, value):
    read, document, rows = reader
    name = data.draw(st.sampled_from(sorted(document)))
    inside = data.draw(st.sampled_from(sorted(document[rows][0])))
    broken = {**document[rows][0], inside: value}

    for malformed in ({**document, name: value}, {**document, rows: [broken]}):
        with suppress(UnexpectedReply):
            read(JsonObject(malformed, "the report", UnexpectedReply))
