"""The charter's plain words, filled in for a person."""

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fake_service import documents
from fake_service.documents import to_bytes

from rapport_client._protocol import base64url
from rapport_client._pulses import charter
from rapport_client._pulses.promises import build_promises, describe_time

WAVE = "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11"
DIGEST = "d" * 42 + "A"
SEALING_KEY = ec.generate_private_key(ec.SECP256R1())
REGION_KEY, EAST_KEY = "acme." + "r" * 43, "acme." + "e" * 43
CLOSES = datetime(2026, 11, 30, 14, tzinfo=UTC)
"""A week before the seal of the charter."""


def team(name, parent, eligible, key=None, pool=None):
    return {
        "team_id": name,
        "parent_id": parent,
        "external_id": name,
        "name": name.capitalize(),
        "eligible": eligible,
        "ballot_key_id": key,
        "pool": pool,
    }


TREE = [
    team("agency", None, 40),
    team("region", "agency", 16, REGION_KEY, 7),
    team("south", "region", 4, REGION_KEY),
    team("north", "region", 3, REGION_KEY),
    team("east", "region", 9, EAST_KEY, 9),
]


def parse(tree, words, **members):
    document = documents.charter(
        WAVE, EAST_KEY, DIGEST, SEALING_KEY, closes_at=CLOSES
    ) | {"tree": tree, "plain_language": words, **members}
    body = to_bytes(document)
    return charter.parse_charter(body, base64url.digest(body), WAVE)


def promises(team_id, *lines, language="en", tree=TREE, **members):
    words = {language: [*lines]} | ({} if language == "en" else {"en": ["English"]})
    terms = parse(tree, words, min_pool=6, **members)
    return [*build_promises(terms, team_id, language)]


@pytest.fixture
def denver(monkeypatch):
    monkeypatch.setitem(os.environ, "TZ", "America/Denver")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("tag", ["es-MX", "es-419", "ES"])
def test_promises_are_there_for_any_tag_of_their_language(tag):
    words = {"en": ["Between us"], "es": ["{seals_at}, {teams}"]}
    terms = parse(TREE, words, min_pool=6)

    assert build_promises(terms, "south", tag) == build_promises(terms, "south", "es")


@pytest.mark.usefixtures("denver")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Monday, December 7, 2026, 07:00"),
        ("es", "lunes 7 de diciembre de 2026, 07:00"),
        ("fr", "2026-12-07 07:00 MST"),
    ],
)
def test_times_are_by_the_clock_of_the_device(language, words):
    assert describe_time(CLOSES + timedelta(days=7), language) == words
    assert promises("south", "{seals_at}", language=language) == [words]


def test_a_person_learns_whom_they_share_a_ballot_with_own_team_first():
    line = "You and {others} others in {teams}."

    assert promises("south", line) == ["You and 6 others in South and North."]
    assert promises("north", line) == ["You and 6 others in North and South."]
    assert promises("east", line) == ["You and 8 others in East."]


def test_the_team_that_holds_the_key_is_named_if_it_has_people_of_its_own():
    tree = [*TREE[:1], team("region", "agency", 18, REGION_KEY, 9), *TREE[2:]]

    assert promises("south", "{others}: {teams}", tree=tree) == [
        "8: South, North and Region"
    ]


def test_many_teams_are_counted():
    names = "abcdefgh"
    tree = [
        team("agency", None, 8, REGION_KEY, 8),
        *(team(name, "agency", 1, REGION_KEY) for name in names),
    ]

    assert promises("c", "{teams}", tree=tree) == ["C, A, B, D and 4 more teams"]
    assert promises("c", "{teams}", tree=tree, language="es") == [
        "C, A, B, D y 4 equipos más"
    ]


def test_spanish_joins_names_by_ear():
    tree = [
        team("agency", None, 8),
        team("south", "agency", 4, REGION_KEY, 8),
        team("intake", "agency", 4, REGION_KEY),
    ]

    assert promises("south", "{teams}", tree=tree, language="es") == ["South e Intake"]


@pytest.mark.parametrize(
    ("team_id", "k", "expected"),
    [
        ("south", 5, ["Region: 16"]),
        ("east", 5, ["East: 9"]),
        ("east", 10, ["Region: 16"]),
        ("east", 17, ["Agency: 40"]),
        ("east", 41, []),
    ],
)
def test_the_smallest_group_is_named_that_could_have_a_score(team_id, k, expected):
    line = "{group}: {eligible}"

    assert promises(team_id, line, min_respondents=k) == expected


def test_the_fingerprint_is_that_of_the_charter():
    terms = parse(TREE, {"en": ["Compare {fingerprint}."]})

    (line,) = build_promises(terms, "east", "en")

    assert line == f"Compare {terms.fingerprint}."


def test_a_line_that_cannot_be_filled_is_left_out():
    assert promises("east", "{unheard_of}", "All.") == ["All."]


def test_a_name_that_looks_like_a_placeholder_is_a_name():
    tree = [*TREE[:4], team("east", "region", 9, EAST_KEY, 9) | {"name": "{seals_at}"}]

    assert promises("east", "{teams}", tree=tree) == ["{seals_at}"]


def test_another_language_is_english_where_there_is_no_translation():
    terms = parse(TREE, {"en": ["{seals_at}"]})

    assert build_promises(terms, "east", "es") == build_promises(terms, "east", "en")


def test_a_tree_that_runs_in_a_circle_ends():
    tree = [*TREE[:1], team("region", "east", 16, REGION_KEY, 7), *TREE[2:]]

    assert promises("south", "{group}", tree=tree, min_respondents=40) == []
