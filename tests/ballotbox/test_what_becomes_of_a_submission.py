import json

import pytest

from rapport_service.ballotbox.models import Conflict, Spent, Submission
from rapport_service.blindsign.ballot import parse
from tests.ballots import digest_of, hash_of
from tests.phone import content, item, submit
from tests.sealing import begin, cancel, pass_the_close, retire
from tests.stored import rows_of


@pytest.fixture
def agency(house):
    return house.agency({"a": 8, "b": 8})


def told(agency, ballot, frozen):
    """Status and reason of one submission, its echoes checked."""
    (result,) = submit(agency.house.http, item(ballot, frozen))
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

    result = told(agency, ballot, content())

    assert result == ("accepted", None)


def test_the_same_again_is_a_duplicate_however_often(agency, ballot):
    frozen = content()
    told(agency, ballot, frozen)

    results = [told(agency, ballot, frozen) for _ in range(3)]

    assert results == [("duplicate", None)] * 3
    assert len(rows_of(Submission, agency)) == 1


def test_the_content_is_kept_byte_for_byte(agency, ballot):
    frozen = '  {"nonce":"AAAAAAAAAAAAAAAAAAAAAA", "form":0.0,"na\\u00efve": "ï"}\t'

    told(agency, ballot, frozen)

    (row,) = rows_of(Submission, agency)
    assert row.content == frozen.encode()


def test_what_is_written_differently_is_other_content_even_if_it_says_the_same(
    agency, ballot
):
    frozen = content()
    told(agency, ballot, frozen)

    result = told(agency, ballot, frozen + " ")

    assert result == ("held", "content-conflict")


def test_one_r_under_two_keys_is_two_submissions(agency, wave, press):
    ours, theirs = (press.ballots(agency, wave, team, 1)[0] for team in "ab")
    twin = press.ballot(parse(theirs).kid, parse(ours).r)
    told(agency, ours, content())

    results = submit(agency.house.http, item(ours, content()), item(twin, content()))

    statuses = [(result["status"], result["reason"]) for result in results]
    assert statuses == [("held", "content-conflict"), ("accepted", None)]


# Late


def test_a_submission_is_late_as_soon_as_sealing_begins(agency, wave, ballot):
    pass_the_close(agency)
    begin(agency, wave)

    result = told(agency, ballot, content())

    assert result == ("late", None)


def test_a_late_submission_stays_late_when_it_is_sent_again(agency, ballot):
    frozen = content()
    agency.seal()

    results = [told(agency, ballot, frozen) for _ in range(3)]

    assert results == [("late", None)] * 3


def test_what_was_accepted_before_the_seal_is_a_duplicate_after_it(agency, ballot):
    frozen = content()
    told(agency, ballot, frozen)

    agency.seal()

    assert told(agency, ballot, frozen) == ("duplicate", None)
    assert told(agency, ballot, content()) == ("held", "content-conflict")
    assert rows_of(Submission, agency) == []


# Held in custody


def test_an_unknown_form_is_held(agency, wave, press):
    forms = [-1, 45, 1.5, "0", None, True, [], 10**30]
    frozen = [variant(content(), form=form) for form in forms]
    ballots = press.ballots(agency, wave, "a", len(frozen))

    results = [told(agency, *each) for each in zip(ballots, frozen, strict=True)]
    again = [told(agency, *each) for each in zip(ballots, frozen, strict=True)]

    assert results == again == [("held", "form-unknown")] * len(forms)


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


def test_whatever_else_is_wrong_inside_is_held_too_and_read_by_nobody(
    agency, wave, press
):
    ballots = press.ballots(agency, wave, "a", len(UNREADABLE))

    results = [told(agency, *each) for each in zip(ballots, UNREADABLE, strict=True)]
    again = [told(agency, *each) for each in zip(ballots, UNREADABLE, strict=True)]

    assert results == again == [("held", "answers-invalid")] * len(UNREADABLE)
    rows = rows_of(Submission, agency)
    assert {row.content.decode() for row in rows} == set(UNREADABLE)
    assert {(row.form, row.answers) for row in rows} == {(None, None)}


@pytest.mark.parametrize("form", [0, 45], ids=["good", "form-unknown"])
def test_the_first_content_binds_the_ballot_whatever_its_status(agency, ballot, form):
    told(agency, ballot, variant(content(), form=form))

    result = told(agency, ballot, content())

    assert result == ("held", "content-conflict")


def test_two_other_contents_are_kept_and_more_are_only_answered(agency, ballot):
    first, *others = (content(value=value) for value in range(1, 6))
    told(agency, ballot, first)

    results = [told(agency, ballot, other) for other in others * 2]

    assert results == [("held", "content-conflict")] * 8
    kept = {row.content.decode() for row in rows_of(Conflict, agency)}
    assert kept == set(others[:2])
    (row,) = rows_of(Submission, agency)
    assert row.content == first.encode()


def test_a_conflict_after_the_seal_goes_into_custody_too(agency, ballot):
    told(agency, ballot, content())
    agency.seal()
    others = [content(value=value) for value in (1, 2, 3)]

    results = [told(agency, ballot, other) for other in others]

    assert results == [("held", "content-conflict")] * 3
    kept = {row.content.decode() for row in rows_of(Conflict, agency)}
    assert kept == set(others[:2])


def test_what_is_held_before_the_seal_is_held_after_it_and_never_spent(agency, ballot):
    told(agency, ballot, "not JSON")

    agency.seal()

    assert told(agency, ballot, "not JSON") == ("held", "answers-invalid")
    assert rows_of(Spent, agency) == []


# Final


def test_a_cancelled_wave_takes_nothing_new_and_forgets_what_it_had(
    agency, wave, ballot, press
):
    frozen = content()
    told(agency, ballot, frozen)
    (fresh,) = press.ballots(agency, wave, "b", 1)

    cancel(agency, wave)

    assert told(agency, ballot, frozen) == ("final", "wave-cancelled")
    assert told(agency, ballot, content()) == ("final", "wave-cancelled")
    assert told(agency, fresh, content()) == ("final", "wave-cancelled")
    assert rows_of(Submission, agency) == []


def test_a_retired_wave_answers_expired_without_looking_at_the_signature(
    agency, ballot
):
    frozen = content()
    told(agency, ballot, frozen)
    agency.seal()
    retire(agency)
    unsigned = ballot.rpartition(".")[0] + ".AAAA"

    results = [told(agency, each, frozen) for each in (ballot, unsigned)]

    assert results == [("final", "expired")] * 2
    assert rows_of(Submission, agency) == []
