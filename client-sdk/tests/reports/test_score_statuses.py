"""The four kinds of a team's score, as typed values."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from fake_service.documents import ROOT, TEAM
from fake_service.phone import SERVER
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client import (
    Client,
    ConstructScore,
    ConstructScores,
    GroupHidden,
    ItemFigure,
    Level,
    Pending,
    Released,
    RolledUp,
    ScoreChange,
    ScoreInterval,
    ScoreTrend,
    Sentence,
    TeamReference,
    UnexpectedReply,
    Withheld,
)
from rapport_client._json import JsonObject
from rapport_client._resources.teams import parse_score

WAVE = "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11"
NORTH, AGENCY = (
    {"id": TEAM, "external_id": "north", "name": "North"},
    {"id": ROOT, "external_id": "all", "name": "Agency"},
)
TRUST = {
    "score": 75,
    "bound": None,
    "interval": {"low": 64, "high": 84},
    "level": {"score": 70, "interval": {"low": 65, "high": 75}},
    "change": {"direction": "up", "detectable": 12},
    "two_wave_change": {"direction": "no_clear_change", "detectable": 9},
    "favourable": 62,
    "trend": {"direction": "rising", "per_four_weeks": 3, "detectable": 2},
    "against_organization": "above",
}
EMPTY_FIELDS = dict.fromkeys(
    [
        *("level", "change", "two_wave_change"),
        *("favourable", "trend", "against_organization"),
    ]
)
FIGURES = {
    "trust": TRUST,
    "communication": {
        "score": 90,
        "bound": "at_least",
        "interval": {"low": 70, "high": 100},
        **EMPTY_FIELDS,
    },
    "overall": {
        **TRUST,
        "score": 80,
        "trend": {
            "direction": "no_clear_trend",
            "per_four_weeks": None,
            "detectable": 2,
        },
    },
}
COMMON = {
    "team": NORTH,
    "wave_id": WAVE,
    "release": 1,
    "opens_at": "2026-11-24T08:00:00Z",
    "closes_at": "2026-12-01T08:00:00Z",
    "explanation": [{"code": "score", "en": "Trust 75.", "es": "Confianza 75."}],
}
BANDS = {
    "tier": "fine",
    "respondents": "10-19",
    "participation": "85+",
    "tipping_point": 33,
    "agreement": "agree",
    "items": {
        "A0": {"score": 71, "interval": {"low": 60, "high": 80}, "favourable": 7}
    },
    "crisis_percent": 40,
}
RELEASED = {**COMMON, **BANDS, "status": "released", "constructs": FIGURES}
ROLLED_UP = {**RELEASED, "status": "rolled_up", "source_team": AGENCY}
GROUP_HIDDEN = {
    **COMMON,
    **dict.fromkeys([*BANDS, "constructs", "source_team"]),
    "status": "rolled_up",
}
WITHHELD = {**COMMON, "status": "withheld"}
PENDING = {
    "status": "pending",
    "team": NORTH,
    "wave_id": WAVE,
    "seals_at": "2026-12-08T08:00:00Z",
    "delay": None,
}
SEALS_AT = datetime(2026, 12, 8, 8, tzinfo=UTC)
LEVEL = Level(70, ScoreInterval(65, 75))
CHANGES = (ScoreChange("up", 12), ScoreChange("no_clear_change", 9))
EXPECTED_HEAD = {
    "team": TeamReference(TEAM, "north", "North"),
    "wave_id": WAVE,
    "release": 1,
    "opens_at": datetime(2026, 11, 24, 8, tzinfo=UTC),
    "closes_at": datetime(2026, 12, 1, 8, tzinfo=UTC),
    "explanation": (Sentence("score", "Trust 75.", "Confianza 75."),),
}
EXPECTED = {
    **EXPECTED_HEAD,
    "tier": "fine",
    "respondents": "10-19",
    "participation": "85+",
    "tipping_point": 33,
    "agreement": "agree",
    "items": {"A0": ItemFigure(71, ScoreInterval(60, 80), 7)},
    "crisis_percent": 40,
    "constructs": ConstructScores(
        trust=ConstructScore(
            *(75, None, ScoreInterval(64, 84), LEVEL, *CHANGES, 62),
            *(ScoreTrend("rising", 3, 2), "above"),
        ),
        communication=ConstructScore(90, "at_least", ScoreInterval(70, 100)),
        overall=ConstructScore(
            *(80, None, ScoreInterval(64, 84), LEVEL, *CHANGES, 62),
            *(ScoreTrend("no_clear_trend", None, 2), "above"),
        ),
    ),
}


@pytest.mark.parametrize(
    ("document", "score"),
    [
        (RELEASED, Released(**EXPECTED)),
        (
            ROLLED_UP,
            RolledUp(**EXPECTED, source_team=TeamReference(ROOT, "all", "Agency")),
        ),
        (GROUP_HIDDEN, GroupHidden(**EXPECTED_HEAD)),
        (WITHHELD, Withheld(**EXPECTED_HEAD)),
        (
            PENDING,
            Pending(TeamReference(TEAM, "north", "North"), WAVE, SEALS_AT, None),
        ),
        (
            {**PENDING, "delay": "clock_unconfirmed"},
            Pending(
                TeamReference(TEAM, "north", "North"),
                WAVE,
                SEALS_AT,
                "clock_unconfirmed",
            ),
        ),
    ],
)
def test_a_score_is_one_of_five_kinds(service, document, score):
    service.scores[TEAM] = document

    with Client(SERVER, "acme-client", "s3cret", transport=service) as client:
        assert client.teams.score(TEAM) == score


def test_score_of_an_unknown_status_is_refused():
    with pytest.raises(UnexpectedReply, match="postponed"):
        read_score({**WITHHELD, "status": "postponed"})


def test_members_that_are_new_are_passed_over():
    more = {**RELEASED, "mood": [1], "constructs": {**FIGURES, "safety": {"score": 1}}}

    assert read_score(more) == read_score(RELEASED)


def test_figure_that_is_not_shown_is_none():
    coarse = {**RELEASED, "agreement": None, "items": None, "crisis_percent": None}

    score = read_score(coarse)

    assert (score.agreement, score.items, score.crisis_percent) == (None, None, None)
    assert score.constructs.communication.trend is None


def read_score(document):
    return parse_score(JsonObject(document, "the score", UnexpectedReply))


@settings(deadline=None)
@given(
    document=st.sampled_from([RELEASED, ROLLED_UP, WITHHELD, PENDING]),
    data=st.data(),
    value=st.sampled_from([None, 1.5, True, "x", [], {}, -1]),
)
def test_a_malformed_score_raises_nothing_but_the_typed_error(document, data, value):
    name = data.draw(st.sampled_from(sorted(document)))

    with suppress(UnexpectedReply):
        read_score({**document, name: value})
