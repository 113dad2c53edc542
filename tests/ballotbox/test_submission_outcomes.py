import pytest

from rapport_service.ballotbox.models import SpentBallot, Submission
from rapport_service.blindsign.ballot import parse
from rapport_service.encoding import base64url
from tests.support.ballots import envelope_digest, hash_of
from tests.support.http_phone import (
    content,
    invalid_content,
    item,
    submit,
    unopenable_content,
)
from tests.support.lifecycle import (
    advance_past_close,
    begin_sealing,
    cancel_wave,
    finish_sealing,
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
    assert result["digest"] == envelope_digest(frozen.envelope(ballot))
    return result["status"], result["reason"]


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


def test_the_envelope_is_kept_byte_for_byte(agency, ballot):
    frozen = content()

    submission_result(agency, ballot, frozen)

    (row,) = rows_of(Submission, agency)
    assert base64url.encode(row.envelope) == frozen.envelope(ballot)


def test_equal_answers_in_another_envelope_are_a_conflict(agency, ballot):
    submission_result(agency, ballot, content())

    result = submission_result(agency, ballot, content())

    assert result == ("final", "envelope_conflict")


@pytest.mark.parametrize(
    "frozen", [invalid_content(), unopenable_content()], ids=["invalid", "unopenable"]
)
def test_the_door_takes_what_it_cannot_read_and_the_first_envelope_binds(
    agency, ballot, frozen
):
    results = [
        submission_result(agency, ballot, each) for each in (frozen, content(), frozen)
    ]

    assert results == [
        ("accepted", None),
        ("final", "envelope_conflict"),
        ("duplicate", None),
    ]


def test_one_r_under_two_keys_is_two_submissions(agency, wave, ballot_factory):
    ours, theirs = (ballot_factory.ballots(agency, wave, team, 1)[0] for team in "ab")
    twin = ballot_factory.ballot(parse(theirs).kid, parse(ours).r)
    submission_result(agency, ours, content())

    results = submit(agency.service.http, item(ours, content()), item(twin, content()))

    statuses = [(result["status"], result["reason"]) for result in results]
    assert statuses == [("final", "envelope_conflict"), ("accepted", None)]


# Too late


def test_a_submission_is_too_late_as_soon_as_sealing_begins(agency, wave, ballot):
    advance_past_close(agency)
    begin_sealing(agency, wave)

    results = [submission_result(agency, ballot, content()) for _ in range(2)]

    assert results == [("final", "too_late")] * 2
    assert rows_of(Submission, agency) == rows_of(SpentBallot, agency) == []


@pytest.mark.parametrize("is_sealed", [False, True], ids=["sealing", "sealed"])
def test_answer_accepted_before_the_seal_is_a_duplicate_after_it(
    agency, wave, ballot, is_sealed
):
    frozen = content()
    submission_result(agency, ballot, frozen)
    advance_past_close(agency)
    begin_sealing(agency, wave)
    if is_sealed:
        finish_sealing(agency, wave)

    assert submission_result(agency, ballot, frozen) == ("duplicate", None)
    assert submission_result(agency, ballot, content()) == (
        "final",
        "envelope_conflict",
    )
    assert len(rows_of(Submission, agency)) == (not is_sealed)
    assert len(rows_of(SpentBallot, agency)) == is_sealed


def test_one_r_under_two_keys_is_sealed_as_one_ballot(agency, wave, ballot_factory):
    """Two people who agree on an R stop no seal; the other one's replay is final."""
    ours, theirs = (ballot_factory.ballots(agency, wave, team, 1)[0] for team in "ab")
    twin = ballot_factory.ballot(parse(theirs).kid, parse(ours).r)
    sent = {ours: content(value=1), twin: content(value=5)}
    for ballot, frozen in sent.items():
        submission_result(agency, ballot, frozen)

    agency.seal()

    assert len(rows_of(SpentBallot, agency)) == 1
    results = [submission_result(agency, *each) for each in sent.items()]
    assert sorted(results, key=str) == [
        ("duplicate", None),
        ("final", "envelope_conflict"),
    ]


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
