"""The service's ballot box follows the specification through random sequences."""

from typing import ClassVar

import pytest
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from rapport_schemas.enums import SubmissionStatus
from rapport_service.ballotbox import ballot_state, parsing, repository
from rapport_service.ballotbox.models import Answer, Conflict, CountedBallot, Submission
from rapport_service.core.db import Door, transaction
from rapport_service.encoding import base64url
from rapport_service.registry.models import Wave
from rapport_service.waves import held_content
from tests.ballotbox.sequences import (
    FAULT_SEARCH,
    LAWS,
    BallotBoxSequences,
    StoredRows,
)
from tests.support.audit import TEST_ACTOR
from tests.support.ballots import kid_of
from tests.support.http_phone import submit
from tests.support.lifecycle import (
    advance_past_close,
    begin_sealing,
    cancel_wave,
    finish_sealing,
    retire_waves,
)
from tests.support.rows import rows_of
from tests.support.service import ServiceHarness


class ServiceSequences(BallotBoxSequences):
    """Sequences on the service, with the events of held content."""

    service: ClassVar[ServiceHarness]

    def open_wave(self):
        self.service.clock.reset()
        self.agency = self.service.agency({"a": 8})
        self.wave = self.agency.announce()
        return kid_of(self.agency, self.wave, "a")

    def submit(self, items):
        return submit(self.service.http, *items)

    def stored_rows(self):
        return StoredRows(
            ballots={
                base64url.encode(row.ballot_hash): (
                    row.status.value,
                    None if row.content is None else row.content.decode(),
                )
                for row in rows_of(Submission, self.agency)
            },
            counted={
                base64url.encode(row.ballot_hash)
                for row in rows_of(CountedBallot, self.agency)
            },
            conflicts={
                (base64url.encode(row.ballot_hash), row.content.decode())
                for row in rows_of(Conflict, self.agency)
            },
        )

    def all_columns(self):
        return [
            tuple(getattr(row, column.key) for column in table.__table__.columns)
            for table in (Submission, Conflict, CountedBallot, Answer)
            for row in rows_of(table, self.agency)
        ]

    def begin_sealing(self):
        advance_past_close(self.agency)
        begin_sealing(self.agency, self.wave)

    def finish_sealing(self):
        finish_sealing(self.agency, self.wave)

    def cancel_wave(self):
        cancel_wave(self.agency, self.wave)

    def retire_wave(self):
        retire_waves(self.agency)

    def act_on_held(self, action):
        with transaction(Door.SEAL) as session:
            action(
                session, self.agency.wave(self.wave), TEST_ACTOR, self.service.clock()
            )

    @rule()
    def revalidate(self):
        self.act_on_held(held_content.revalidate)

    @rule()
    def discard(self):
        self.act_on_held(held_content.discard)
        self.box.discard()
        self.last.clear()  # what is sent again now is held anew

    @invariant()
    def answers_at_rest_are_those_of_the_specification(self):
        assert len(rows_of(Answer, self.agency)) == self.box.at_rest


def sequences(service, ballot_factory):
    """The state machine on a service."""
    return type(
        "Sequences",
        (ServiceSequences,),
        {"service": service, "ballot_factory": ballot_factory},
    )


def test_every_sequence_gets_the_results_and_rows_of_the_specification(
    service, ballot_factory
):
    run_state_machine_as_test(sequences(service, ballot_factory), settings=LAWS)


def _no_tombstone(plant):
    plant.setattr(repository, "erase", lambda *_: None)


def _no_conflicts(plant):
    plant.setattr(repository, "store_conflicts", lambda *_: None)


def _one_place(plant):
    plant.setattr(repository, "CONFLICT_SLOTS", (1,))


def _never_late(plant):
    plant.setattr(Wave, "has_seal_begun", False)


def _withdrawn_speaks_again(plant):
    real = ballot_state.apply_repeat

    def again(repeat, state):
        if state == ballot_state.WITHDRAWN and repeat.content is not None:
            return repeat.result(SubmissionStatus.ACCEPTED), state
        return real(repeat, state)

    plant.setattr("rapport_service.ballotbox.service.apply_repeat", again)


def _other_content_is_a_duplicate(plant):
    plant.setattr(parsing.SubmittedItem, "digest", "A" * 43)


def _bad_items_end_the_batch(plant):
    real = parsing.parse_item

    def read(raw):
        result = real(raw)
        assert not isinstance(result, parsing.SubmissionResult)
        return result

    plant.setattr("rapport_service.ballotbox.service.parse_item", read)


@pytest.mark.sqlite  # one engine is enough to see that the specification can fail
@pytest.mark.parametrize(
    "fault",
    [
        _no_tombstone,
        _no_conflicts,
        _one_place,
        _never_late,
        _withdrawn_speaks_again,
        _other_content_is_a_duplicate,
        _bad_items_end_the_batch,
    ],
)
def test_planted_fault_is_detected(service, ballot_factory, monkeypatch, fault):
    fault(monkeypatch)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            sequences(service, ballot_factory), settings=FAULT_SEARCH
        )
