"""Joins of ``make attack``: a small copy with planted links, and one without."""

from dataclasses import replace
from uuid import UUID

import pytest

from rapport_client._protocol import base64url
from tools.attack.agency import AnsweredPulse
from tools.attack.capture import Capture, Moment
from tools.attack.findings import Kind
from tools.attack.joins import Joiner
from tools.attack.phones import Sent
from tools.attack.stored import stored_answers

WAVE = UUID(int=99).hex
TEAMS = {"a": UUID(int=1).hex, "b": UUID(int=2).hex}
KEYS = {"a": "acme.key-of-team-a", "b": "acme.key-of-team-b"}


def hash_of(number):
    return bytes([number]) * 32


def person_id(number):
    return UUID(int=1000 + number).hex


def sent_by(number, team):
    values = {"A0": number % 5 + 1, "T1": 3, "T2": 4, "C1": 2, "C2": number % 3 + 1}
    return Sent(
        *(f"p{number}", f"acme.{UUID(WAVE)}", KEYS[team]),
        *(hash_of(number), hash_of(number + 100), number),
        AnsweredPulse(values, None),
        number,
    )


SENT = [sent_by(0, "a"), *(sent_by(number, "b") for number in range(10, 17))]
"""Team a has one phone, team b ten, of which seven answered."""


def make_copy(moment, **change):
    """A copy of a sealed wave, without any link."""
    people = [(number, "a") for number in range(10)]
    people += [(number, "b") for number in range(10, 20)]
    tables = {
        "people": [
            {"person_id": person_id(n), "external_id": f"p{n}", "team_id": TEAMS[team]}
            for n, team in people
        ],
        "devices": [
            {"person_id": person_id(n), "device_id": UUID(int=5000 + n).hex}
            for n, _ in people
            if n == 0 or n >= 10
        ],
        "electorate": [
            {"wave_id": WAVE, "person_id": person_id(n), "team_id": TEAMS[team]}
            for n, team in people
        ],
        "ballot_keys": [
            {"kid": KEYS[team], "wave_id": WAVE, "team_id": TEAMS[team]}
            for team in "ab"
        ],
        "teams": [{"team_id": TEAMS[team]} for team in "ab"],
        "spent_ballots": [
            {"wave_id": WAVE, "ballot_hash": s.ballot_hash, "digest": s.digest}
            for s in SENT
        ],
        "answers": [
            {
                "wave_id": WAVE,
                "answer_id": UUID(int=7000 + s.form * 37 % 31).hex,
                "team_id": UUID(int=3).hex,
                "form": s.form,
                "answers": stored_answers(s.answers),
            }
            for s in SENT
        ],
    }
    return Capture(moment, tables | change, [], 4096)


def joined(copy):
    joiner = Joiner(
        copy, SENT, {KEYS["a"]: UUID(int=3).hex, KEYS["b"]: UUID(int=3).hex}
    )
    joiner.join_equal_values()
    joiner.join_hashes()
    joiner.join_waves([])
    joiner.name_authors()
    joiner.count_groups()
    joiner.count_small_groups()
    joiner.count_rows_of_people()
    return joiner


def with_column(table, **columns):
    copy = make_copy(Moment.LATER)
    rows = [
        row | {name: value(each) for name, value in columns.items()}
        for row, each in zip(copy.tables[table], SENT, strict=True)
    ]
    return make_copy(Moment.LATER, **{table: rows})


def test_copy_without_a_link_names_no_author():
    joiner = joined(make_copy(Moment.LATER))

    assert joiner.findings == []
    assert {claim.kind for claim in joiner.claims if claim.is_true} <= {
        Kind.NO_PHONE,
        Kind.COUNT_BY_GROUP,
    }


@pytest.mark.parametrize("table", ["spent_ballots", "answers"])
def test_key_of_the_voting_team_names_the_only_phone(table):
    joiner = joined(with_column(table, kid=lambda sent: sent.kid))

    assert (Kind.LINK, "candidates of a group of rows") in {
        (finding.kind, finding.attack) for finding in joiner.findings
    }
    assert any("1 candidates" in finding.sentence for finding in joiner.findings)


def test_rows_under_the_voting_team_name_the_only_phone():
    team_of = {
        each.person: TEAMS["a" if each.kid == KEYS["a"] else "b"] for each in SENT
    }

    joiner = joined(with_column("answers", team_id=lambda sent: team_of[sent.person]))

    assert {finding.attack for finding in joiner.findings} >= {
        "candidates of a group of rows",
        "few rows under a team",
    }


@pytest.mark.parametrize(
    "value",
    [
        lambda sent: person_id(int(sent.person[1:])),
        lambda sent: UUID(int=5000 + int(sent.person[1:])).hex,
    ],
    ids=["person", "device"],
)
def test_equal_value_is_a_link(value):
    joiner = joined(with_column("spent_ballots", extra=value))

    assert "equal values" in {finding.attack for finding in joiner.findings}


def test_hash_of_a_known_value_is_a_link():
    def hash_person(sent):
        return base64url.digest(person_id(int(sent.person[1:])).encode())

    joiner = joined(with_column("spent_ballots", extra=hash_person))

    assert "hashes of known values" in {finding.attack for finding in joiner.findings}


def test_hash_of_the_answers_alone_is_brute_forced():
    def hash_answers(sent):
        return base64url.digest(stored_answers(sent.answers).encode())

    joiner = joined(with_column("spent_ballots", digest=hash_answers))

    assert "brute force of digests" in {finding.attack for finding in joiner.findings}


def test_draws_that_outlive_the_seal_are_seen():
    draws = [{"wave_id": WAVE, "person_id": person_id(n)} for n in range(10, 20)]

    joiner = joined(make_copy(Moment.LATER, draws=draws))

    assert Kind.DRAWS in {finding.kind for finding in joiner.findings}


def test_value_of_another_wave_is_a_link():
    joiner = Joiner(make_copy(Moment.LATER), SENT, {})
    other = replace(SENT[3], digest=hash_of(77))

    joiner.join_waves([{"wave_id": "other", "ballot_hash": other.ballot_hash}])

    (finding,) = joiner.findings
    assert finding.kind is Kind.LINK
