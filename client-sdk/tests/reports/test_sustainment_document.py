"""Sustainment findings of a team around a marker, as typed values."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fake_service.documents import ROOT, TEAM
from fake_service.phone import SERVER
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client import (
    BriefEffect,
    Effect,
    Estimate,
    Marker,
    NoFinding,
    Phase,
    PhasedWave,
    ScoreInterval,
    Sentence,
    SustainmentFinding,
    TeamReference,
    UnexpectedReply,
)
from rapport_client._json import JsonObject
from rapport_client._resources.teams import parse_sustainment

WAVE = "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11"
FLOOD = "0bffbfc6-1789-411b-9cf2-850c9c8193b2"
EXPLANATION = [
    {"code": "sustained", "en": "It was sustained.", "es": "Se ha sostenido."}
]
EFFECT = {
    "verdict": "sustained",
    "accel": {"points": 15, "interval": {"low": 14, "high": 16}},
    "sustain": {"points": 10, "interval": {"low": 9, "high": 11}},
    "fade": {"points": -5, "interval": {"low": -6, "high": -4}},
    "p": 0.02,
    "method": "noise_model",
    "placebo_dates": None,
    "detectable": 6,
    "waves_to_detect": 0,
    "retention": {"percent": 67, "interval": {"low": 63, "high": 70}},
    "first_clear_wave": 1,
}
TOO_EARLY = dict.fromkeys(EFFECT) | {"verdict": "too_early_to_tell"}
BRIEF = {
    "verdict": "faded",
    "accel": 9,
    "sustain": 1,
    "retention": 11,
    "first_clear_wave": None,
}
PHASE = {"waves": 6, "participation": "70-84", "crisis_percent": 45}
FINDING = {
    "status": "released",
    "version": 3,
    "team": {"id": TEAM, "external_id": "north", "name": "North"},
    "markers": [
        {
            "id": FLOOD,
            "kind": "crisis_start",
            "effective_on": "2027-03-24",
            "label": "The flood",
            "declared_at": "2027-03-20T08:00:00Z",
        }
    ],
    "exploratory": False,
    "waves_needed": 0,
    "constructs": {"trust": EFFECT, "communication": TOO_EARLY, "overall": EFFECT},
    "ingredients": {"C1": BRIEF},
    "strategies": None,
    "phases": {
        "before": PHASE,
        "during": PHASE,
        "after": {"waves": 0, "participation": None, "crisis_percent": None},
    },
    "turnover": 12,
    "waves": [
        {
            "wave_id": WAVE,
            "opens_at": "2027-03-30T08:00:00Z",
            "phase": "during",
            "included": True,
            "eligible": 24,
        }
    ],
    "explanation": EXPLANATION,
}
NORTH = TeamReference(TEAM, "north", "North")


def test_a_finding_is_typed(client, service):
    service.scores[TEAM] = FINDING

    finding = client.teams.sustainment(TEAM)

    assert isinstance(finding, SustainmentFinding)
    assert (finding.team, finding.source_team, finding.version) == (NORTH, None, 3)
    assert finding.markers == (
        Marker(
            *(FLOOD, "crisis_start", date(2027, 3, 24), "The flood"),
            datetime(2027, 3, 20, 8, tzinfo=UTC),
        ),
    )
    assert finding.trust == Effect(
        verdict="sustained",
        accel=Estimate(15, ScoreInterval(14, 16)),
        sustain=Estimate(10, ScoreInterval(9, 11)),
        fade=Estimate(-5, ScoreInterval(-6, -4)),
        p=0.02,
        method="noise_model",
        placebo_dates=None,
        detectable=6,
        waves_to_detect=0,
        retention=Estimate(67, ScoreInterval(63, 70)),
        first_clear_wave=1,
    )
    assert finding.communication.accel is finding.communication.p is None
    assert finding.ingredients == {"C1": BriefEffect("faded", 9, 1, 11, None)}
    assert finding.strategies == {}
    assert finding.during == Phase(6, "70-84", 45)
    assert finding.after == Phase(0, None, None)
    assert finding.waves == (
        PhasedWave(WAVE, datetime(2027, 3, 30, 8, tzinfo=UTC), "during", True, 24),
    )
    assert (finding.exploratory, finding.waves_needed, finding.turnover) == (
        False,
        0,
        12,
    )
    assert finding.explanation[0] == Sentence(**EXPLANATION[0])
    assert service.log[-1].url == f"{SERVER}/v1/teams/{TEAM}/sustainment"


def test_a_marker_can_be_asked_about(client, service):
    service.scores[TEAM] = FINDING

    client.teams.sustainment(TEAM, marker=FLOOD)

    assert (
        service.log[-1].url == f"{SERVER}/v1/teams/{TEAM}/sustainment?marker_id={FLOOD}"
    )


def test_a_finding_may_be_that_of_a_group_around_the_team(client, service):
    agency = {"id": ROOT, "external_id": "all", "name": "Agency"}
    service.scores[TEAM] = {**FINDING, "status": "rolled_up", "source_team": agency}

    assert client.teams.sustainment(TEAM).source_team == TeamReference(
        ROOT, "all", "Agency"
    )


def test_rolled_up_finding_without_its_team_is_an_unexpected_reply():
    malformed = {**FINDING, "status": "rolled_up"}

    with pytest.raises(UnexpectedReply, match="source_team is not an object"):
        parse_sustainment(JsonObject(malformed, "the sustainment", UnexpectedReply))


@pytest.mark.parametrize(
    ("status", "reason"),
    [("withheld", None), ("pending", None), ("not_analysed", "provisional")],
)
def test_missing_finding_has_a_typed_reason(client, service, status, reason):
    document = {
        "status": status,
        "team": {"id": TEAM, "external_id": "north", "name": "North"},
    }
    document |= {"explanation": EXPLANATION} | ({"reason": reason} if reason else {})
    service.scores[TEAM] = document

    assert client.teams.sustainment(TEAM) == NoFinding(
        NORTH, status, reason, (Sentence(**EXPLANATION[0]),)
    )


def test_finding_of_an_unknown_status_is_refused():
    malformed = {**FINDING, "status": "guessed"}

    with pytest.raises(UnexpectedReply, match="guessed"):
        parse_sustainment(JsonObject(malformed, "the sustainment", UnexpectedReply))


@pytest.mark.parametrize("day", ["20270324", "2027-3-24", "2027-02-30", "", None, 7])
def test_a_date_has_one_form(day):
    malformed = {**FINDING, "markers": [{**FINDING["markers"][0], "effective_on": day}]}

    with pytest.raises(UnexpectedReply, match="effective_on"):
        parse_sustainment(JsonObject(malformed, "the sustainment", UnexpectedReply))


@settings(deadline=None)
@given(
    name=st.sampled_from(sorted(FINDING)),
    inside=st.sampled_from(["markers", "waves"]),
    data=st.data(),
    value=st.sampled_from([None, 1.5, True, "x", [], {}, [1], -1]),
)
def test_a_malformed_finding_raises_nothing_but_the_typed_error(
    name, inside, data, value
):
    member = data.draw(st.sampled_from(sorted(FINDING[inside][0])))
    effect = data.draw(st.sampled_from(sorted(EFFECT)))
    constructs = FINDING["constructs"] | {"trust": {**EFFECT, effect: value}}

    for malformed in (
        {**FINDING, name: value},
        {**FINDING, inside: [{**FINDING[inside][0], member: value}]},
        {**FINDING, "constructs": constructs},
    ):
        with suppress(UnexpectedReply):
            parse_sustainment(JsonObject(malformed, "the sustainment", UnexpectedReply))


def test_the_golden_examples_read_as_what_they_are():
    folder = Path(__file__).parents[3] / "schemas/examples/v1"

    def read(name):
        example = json.loads(
            (folder / f"get_team_sustainment.{name}.json").read_bytes()
        )
        document = example["response"]["json"]
        return parse_sustainment(JsonObject(document, name, UnexpectedReply))

    assert read("released").overall.verdict == "sustained"
    assert read("rolled-up").source_team is not None
    assert read("not-analysed").reason == "overlapping"
    assert read("withheld").status == "withheld"
    assert read("pending").status == "pending"
