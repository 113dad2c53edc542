import json

import pytest

from rapport_service.ballotbox.models import Conflict, CountedBallot, Submission
from rapport_service.blindsign.ballot import parse
from tests.support.ballots import digest_of, hash_of
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import (
    advance_past_close,
    begin_sealing,
    cancel_wave,
    retire_waves,
)
from tests.support.rows import rows_of


@pytest.fixture
def agency(service):
    return service.agency({"a": 8, "b": 8})


def submission_result(agency, ballot, frozen):
    """Status and reason of one submission, its echoes checked."""
    (result,) = submit(agency.service.http, item(ballot, frozen))
    assert result["hash"] == hash_of(ballot)
    assert result["digest"] == digest_of(frozen)
    return result["status"], result["reason"]


def variant(frozen, **changes):
    """The same content but for some members."""
    return json.dumps(json.loads(frozen) | changes)


# Accepted, and again


@pytest.mark.parametrize("days", [0, 2, 9], ids=["announced", "open", "closed"])
def test_a_first_submission_is_accepted_until_the_seal(agency, ballot, days):
    agency.tick(days=days / 2)
    agency.tick(days=days / 2)

    result = submission_result(agency, ballot, content())

    assert result == ("accepted", None)


def test_the_same_again_is_a_duplicate_however_often(agency, ballot):
    frozen = content()
    submission_result(agency, ballot, frozen)

    results = [submission_result(agency, ballot, frozen) for _ in range(3)]

    assert results == [("duplicate", None)] * 3
    assert len(rows_of(Submission, agency)) == 1


def test_the_content_is_kept_byte_for_byte(agency, ballot):
    frozen = '  {"nonce":"AAAAAAAAAAAAAAAAAAAAAA", "form":0.0,"na\\u00efve": "ï"}\t'

    submission_result(agency, ballot, frozen)

    (row,) = rows_of(Submission, agency)
    assert row.content == frozen.encode()


def test_content_written_differently_is_other_content_with_equal_answers(
    agency, ballot
):
    frozen = content()
    submission_result(agency, ballot, frozen)

    result = submission_result(agency, ballot, frozen + " ")

    assert result == ("held", "content_conflict")


def test_one_r_under_two_keys_is_two_submissions(agency, wave, ballot_factory):
    ours, theirs = (ballot_factory.ballots(agency, wave, team, 1)[0] for team in "ab")
    twin = ballot_factory.ballot(parse(theirs).kid, parse(ours).r)
    submission_result(agency, ours, content())

    results = submit(agency.service.http, item(ours, content()), item(twin, content()))

    statuses = [(result["status"], result["reason"]) for result in results]
    assert statuses == [("held", "content_conflict"), ("accepted", None)]


# Late


def test_a_submission_is_late_as_soon_as_sealing_begins(agency, wave, ballot):
    advance_past_close(agency)
    begin_sealing(agency, wave)

    result = submission_result(agency, ballot, content())

    assert result == ("late", None)


def test_a_late_submission_stays_late_when_it_is_sent_again(agency, ballot):
    frozen = content()
    agency.seal()

    results = [submission_result(agency, ballot, frozen) for _ in range(3)]

    assert results == [("late", None)] * 3


def test_answer_accepted_before_the_seal_is_a_duplicate_after_it(agency, ballot):
    frozen = content()
    submission_result(agency, ballot, frozen)

    agency.seal()

    assert submission_result(agency, ballot, frozen) == ("duplicate", None)
    assert submission_result(agency, ballot, content()) == ("held", "content_conflict")
    assert rows_of(Submission, agency) == []


# Held


def test_an_unknown_form_is_held(agency, wave, ballot_factory):
    forms = [-1, 45, 1.5, "0", None, True, [], 10**30]
    frozen = [variant(content(), form=form) for form in forms]
    ballots = ballot_factory.ballots(agency, wave, "a", len(frozen))

    results = [
        submission_result(agency, *each) for each in zip(ballots, frozen, strict=True)
    ]
    again = [
        submission_result(agency, *each) for each in zip(ballots, frozen, strict=True)
    ]

    assert results == again == [("held", "form_unknown")] * len(forms)


UNREADABLE = [
    "",
    "not JSON",
    "[]",
    "{}",
    '"\\ud800"',
    "[" * 2000,
    "1" * 4000,
    variant(content(), nonce="short"),
    variant(content(), nonce=7),
    variant(content(), context="calm"),
    variant(content(), context=["normal"]),
    variant(content(), answers={}),
    variant(content(), answers=[4, 4, 4, 4, 4]),
    variant(content(), at="2027-03-01T12:00:00Z"),
    content(value=0),
    content(value=6),
    content(value=4.0),
    content(value=True),
    content(value="NA"),
    content(value=None),
]


def test_any_other_invalid_content_is_held_too_and_never_read(
    agency, wave, ballot_factory
):
    ballots = ballot_factory.ballots(agency, wave, "a", len(UNREADABLE))

    results = [
        submission_result(agency, *each)
        for each in zip(ballots, UNREADABLE, strict=True)
    ]
    again = [
        submission_result(agency, *each)
        for each in zip(ballots, UNREADABLE, strict=True)
    ]

    assert results == again == [("held", "answers_invalid")] * len(UNREADABLE)
    rows = rows_of(Submission, agency)
    assert {row.content.decode() for row in rows} == set(UNREADABLE)
    assert {(row.form, row.answers) for row in rows} == {(None, None)}


@pytest.mark.parametrize("form", [0, 45], ids=["good", "form_unknown"])
def test_the_first_content_binds_the_ballot_whatever_its_status(agency, ballot, form):
    submission_result(agency, ballot, variant(content(), form=form))

    result = submission_result(agency, ballot, content())

    assert result == ("held", "content_conflict")


def test_two_other_contents_are_kept_and_more_are_only_answered(agency, ballot):
    first, *others = (content(value=value) for value in range(1, 6))
    submission_result(agency, ballot, first)

    results = [submission_result(agency, ballot, other) for other in others * 2]

    assert results == [("held", "content_conflict")] * 8
    kept = {row.content.decode() for row in rows_of(Conflict, agency)}
    assert kept == set(others[:2])
    (row,) = rows_of(Submission, agency)
    assert row.content == first.encode()


def test_a_conflict_after_the_seal_is_held_too(agency, ballot):
    submission_result(agency, ballot, content())
    agency.seal()
    others = [content(value=value) for value in (1, 2, 3)]

    results = [submission_result(agency, ballot, other) for other in others]

    assert results == [("held", "content_conflict")] * 3
    kept = {row.content.decode() for row in rows_of(Conflict, agency)}
    assert kept == set(others[:2])


def test_answer_held_before_the_seal_is_held_after_it_and_never_counted(agency, ballot):
    submission_result(agency, ballot, "not JSON")

    agency.seal()

    assert submission_result(agency, ballot, "not JSON") == ("held", "answers_invalid")
    assert rows_of(CountedBallot, agency) == []


# Final


def test_a_cancelled_wave_takes_nothing_new_and_forgets_what_it_had(
    agency, wave, ballot, ballot_factory
):
    frozen = content()
    submission_result(agency, ballot, frozen)
    (fresh,) = ballot_factory.ballots(agency, wave, "b", 1)

    cancel_wave(agency, wave)

    assert submission_result(agency, ballot, frozen) == ("final", "wave_cancelled")
    assert submission_result(agency, ballot, content()) == ("final", "wave_cancelled")
    assert submission_result(agency, fresh, content()) == ("final", "wave_cancelled")
    assert rows_of(Submission, agency) == []


def test_a_retired_wave_answers_expired_without_looking_at_the_signature(
    agency, ballot
):
    frozen = content()
    submission_result(agency, ballot, frozen)
    agency.seal()
    retire_waves(agency)
    unsigned = ballot.rpartition(".")[0] + ".AAAA"

    results = [submission_result(agency, each, frozen) for each in (ballot, unsigned)]

    assert results == [("final", "expired")] * 2
    assert rows_of(Submission, agency) == []
