import json
import random

import pytest
from sqlalchemy import inspect

from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.core.db import db
from rapport_service.core.vacuum import vacuum
from rapport_service.encoding import base64url
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES
from tests.support.ballots import hash_of, stored_hash
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import (
    advance_past_close,
    begin_sealing,
    cancel_wave,
    finish_sealing,
)
from tests.support.rows import find_on_disk, rows_of, stored_order

PEOPLE = 24


@pytest.fixture
def agency(service):
    return service.agency({"a": 12, "b": 12})


@pytest.fixture
def sent(service, agency, wave, ballot_factory):
    """Contents that two teams submitted, in small batches and in random order."""
    ballots = [
        b for team in "ab" for b in ballot_factory.ballots(agency, wave, team, 12)
    ]
    random.shuffle(ballots)
    frozen = {
        ballot: content(form, form % 5 + 1) for form, ballot in enumerate(ballots)
    }
    items = [item(ballot, text) for ballot, text in frozen.items()]
    for first in range(0, PEOPLE, 3):
        submit(service.http, *items[first : first + 3])
    return frozen


def envelope_traces(sent):
    """Bytes that would betray an envelope: its beginning and its end."""
    envelopes = [
        base64url.decode(frozen.envelope(ballot)) for ballot, frozen in sent.items()
    ]
    return {part for each in envelopes for part in (each[:24], each[-24:])}


def test_at_the_seal_answers_leave_their_ballots(agency, sent):
    digests = {row.ballot_hash: row.digest for row in rows_of(Submission, agency)}

    agency.seal()

    answers, spent = rows_of(Answer, agency), rows_of(SpentBallot, agency)
    assert rows_of(Submission, agency) == []
    values = [[value] * 5 for value in range(1, 6)]
    assert {row.answers for row in answers} == {
        json.dumps([*each, "normal"], separators=(",", ":")) for each in values
    }
    assert len(answers) == PEOPLE
    assert {row.ballot_hash for row in spent} == {
        stored_hash(ballot) for ballot in sent
    }
    assert {row.ballot_hash: row.digest for row in spent} == digests


def test_an_answer_and_a_spent_ballot_share_the_wave_and_nothing_else():
    answer = {column.key for column in inspect(Answer).columns}
    spent = {column.key for column in inspect(SpentBallot).columns}

    assert answer == {
        *("organization_id", "wave_id", "answer_id", "team_id", "form", "answers"),
    }
    assert spent == {
        *("organization_id", "wave_id", "ballot_hash", "digest", "status"),
    }


def test_an_answers_key_is_fresh_chance(agency, sent):
    agency.seal()

    answers = rows_of(Answer, agency)

    assert {row.answer_id.version for row in answers} == {4}
    assert len({row.answer_id for row in answers}) == PEOPLE
    hashes = "".join(base64url.decode(hash_of(ballot)).hex() for ballot in sent)
    assert not any(row.answer_id.hex in hashes for row in answers)


def test_the_order_of_the_keys_tells_nothing_of_the_order_of_the_ballots(agency, sent):
    rows = sorted(rows_of(Submission, agency), key=lambda row: row.ballot_hash)
    form_of = {stored_hash(ballot): form for form, ballot in enumerate(sent)}
    by_ballot = [form_of[row.ballot_hash] for row in rows]

    agency.seal()

    assert [row.form for row in rows_of(Answer, agency)] != by_ballot


def test_no_byte_of_any_envelope_is_left_on_the_disk(agency, sent):
    before = find_on_disk(envelope_traces(sent))

    agency.seal()

    assert before == envelope_traces(sent)
    assert find_on_disk(envelope_traces(sent)) == set()


def test_no_byte_of_a_cancelled_waves_answers_is_left_on_the_disk(agency, wave, sent):
    cancel_wave(agency, wave)
    vacuum(ORDER_SENSITIVE_TABLES)

    assert find_on_disk(envelope_traces(sent)) == set()


@pytest.mark.usefixtures("sent")
def test_after_a_vacuum_rows_lie_in_the_order_of_their_keys(
    service, agency, ballot_factory
):
    agency.seal()
    other = agency.announce()
    for ballot in ballot_factory.ballots(agency, other, "a", 9):
        submit(service.http, item(ballot, content()))

    vacuum(ORDER_SENSITIVE_TABLES)

    rows = {Answer: PEOPLE, SpentBallot: PEOPLE, Submission: 9}
    for table, count in rows.items():
        keys = stored_order(table, agency.id)
        assert keys == sorted(keys)
        assert len(keys) == count


@pytest.mark.usefixtures("sent")
def test_before_a_vacuum_postgresql_would_tell_the_order_of_arrival(agency):
    keys = stored_order(Submission, agency.id)

    in_order = keys == sorted(keys)

    assert in_order == (db.engine.dialect.name == "sqlite")


def test_bytes_that_a_dying_job_leaves_behind_go_with_the_next_vacuum(
    agency, wave, sent
):
    advance_past_close(agency)
    begin_sealing(agency, wave)

    finish_sealing(agency, wave)  # the job dies here
    before = find_on_disk(envelope_traces(sent))
    vacuum(ORDER_SENSITIVE_TABLES)

    assert before
    assert find_on_disk(envelope_traces(sent)) == set()
