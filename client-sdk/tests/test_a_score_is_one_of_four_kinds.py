"""What a team's score can be, as typed values."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peer.documents import ROOT, TEAM
from peer.phone import SERVER

from rapport_client import (
    Client,
    Constructs,
    Figure,
    ItemFigure,
    Pending,
    Released,
    RolledUp,
    ScoreInterval,
    ScoreTrend,
    TeamName,
    Told,
    UnexpectedReply,
    Withheld,
)
from rapport_client.members import Members
from rapport_client.reports import score_documents

WAVE = "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11"
NORTH, AGENCY = {"id": TEAM, "name": "North"}, {"id": ROOT, "name": "Agency"}
TRUST = {
    "score": 75,
    "bound": None,
    "interval": {"low": 64, "high": 84},
    "change": "up",
    "favourable": 62,
    "trend": {"direction": "rising", "per_four_weeks": 3},
    "steadied": 70,
    "against_organization": "above",
}
NOTHING_MORE = dict.fromkeys(
    ["change", "favourable", "trend", "steadied", "against_organization"]
)
FIGURES = {
    "trust": TRUST,
    "communication": {
        "score": 90,
        "bound": "at_least",
        "interval": {"low": 70, "high": 100},
        **NOTHING_MORE,
    },
    "overall": {
        **TRUST,
        "score": 80,
        "trend": {"direction": "no_clear_trend", "per_four_weeks": None},
    },
}
COMMON = {
    "team": NORTH,
    "wave": WAVE,
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
    "dose": 40,
}
RELEASED = {**COMMON, **BANDS, "status": "released", "constructs": FIGURES}
ROLLED_UP = {**RELEASED, "status": "rolled_up", "from": AGENCY}
WITHHELD = {**COMMON, "status": "withheld"}
PENDING = {
    "status": "pending",
    "team": NORTH,
    "wave": WAVE,
    "seals_at": "2026-12-08T08:00:00Z",
}
HEAD = {
    "team": TeamName(TEAM, "North"),
    "wave": WAVE,
    "release": 1,
    "opens_at": datetime(2026, 11, 24, 8, tzinfo=UTC),
    "closes_at": datetime(2026, 12, 1, 8, tzinfo=UTC),
    "explanation": (Told("score", "Trust 75.", "Confianza 75."),),
}
SHOWN = {
    **HEAD,
    "tier": "fine",
    "respondents": "10-19",
    "participation": "85+",
    "tipping_point": 33,
    "agreement": "agree",
    "items": {"A0": ItemFigure(71, ScoreInterval(60, 80), 7)},
    "dose": 40,
    "constructs": Constructs(
        trust=Figure(
            *(75, None, ScoreInterval(64, 84), "up", 62),
            *(ScoreTrend("rising", 3), 70, "above"),
        ),
        communication=Figure(90, "at_least", ScoreInterval(70, 100)),
        overall=Figure(
            *(80, None, ScoreInterval(64, 84), "up", 62),
            *(ScoreTrend("no_clear_trend", None), 70, "above"),
        ),
    ),
}


@pytest.mark.parametrize(
    ("document", "score"),
    [
        (RELEASED, Released(**SHOWN)),
        (ROLLED_UP, RolledUp(**SHOWN, source=TeamName(ROOT, "Agency"))),
        (WITHHELD, Withheld(**HEAD)),
        (
            PENDING,
            Pending(
                TeamName(TEAM, "North"), WAVE, datetime(2026, 12, 8, 8, tzinfo=UTC)
            ),
        ),
    ],
)
def test_a_score_is_one_of_four_kinds(peer, document, score):
    peer.scores[TEAM] = document

    with Client(SERVER, "acme-client", "s3cret", transport=peer) as api:
        assert api.score(TEAM) == score


def test_a_status_that_is_new_is_said_to_be():
    with pytest.raises(UnexpectedReply, match="postponed"):
        read({**WITHHELD, "status": "postponed"})


def test_members_that_are_new_are_passed_over():
    more = {**RELEASED, "mood": [1], "constructs": {**FIGURES, "safety": {"score": 1}}}

    assert read(more) == read(RELEASED)


def test_what_is_not_shown_is_none():
    coarse = {**RELEASED, "agreement": None, "items": None, "dose": None}

    score = read(coarse)

    assert (score.agreement, score.items, score.dose) == (None, None, None)
    assert score.constructs.communication.trend is None


def read(document):
    return score_documents.read(Members(document, "the score", UnexpectedReply))


@settings(deadline=None)
@given(
    document=st.sampled_from([RELEASED, ROLLED_UP, WITHHELD, PENDING]),
    data=st.data(),
    value=st.sampled_from([None, 1.5, True, "x", [], {}, -1]),
)
def test_a_malformed_score_raises_nothing_but_the_typed_error(document, data, value):
    name = data.draw(st.sampled_from(sorted(document)))

    with suppress(UnexpectedReply):
        read({**document, name: value})
