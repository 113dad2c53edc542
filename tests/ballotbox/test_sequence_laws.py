"""The service's ballot box follows the specification through random sequences."""

from dataclasses import replace
from typing import ClassVar

import pytest
from hypothesis.stateful import invariant, run_state_machine_as_test

from rapport_schemas.enums import SubmissionOp, SubmissionStatus
from rapport_service.ballotbox import ballot_state, parsing, repository
from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.encoding import base64url
from rapport_service.registry.models import Wave
from tests.ballotbox.sequences import (
    FAULT_SEARCH,
    LAWS,
    BallotBoxSequences,
    StoredRows,
)
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
    """Sequences on the service."""

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
                    row.envelope and base64url.encode(row.envelope),
                )
                for row in rows_of(Submission, self.agency)
            },
            spent={
                base64url.encode(row.ballot_hash): (row.status.value, row.digest)
                for row in rows_of(SpentBallot, self.agency)
            },
        )

    def all_columns(self):
        return [
            tuple(getattr(row, column.key) for column in table.__table__.columns)
            for table in (Submission, SpentBallot, Answer)
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

    @invariant()
    def so_few_answers_are_nowhere_at_rest(self):
        assert rows_of(Answer, self.agency) == []


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


def _never_late(plant):
    plant.setattr(Wave, "has_seal_begun", False)


def _withdrawn_speaks_again(plant):
    real = ballot_state.apply_repeat

    def again(repeat, state):
        if state == ballot_state.WITHDRAWN and repeat.op == SubmissionOp.SUBMIT:
            return repeat.result(SubmissionStatus.ACCEPTED), state
        return real(repeat, state)

    plant.setattr("rapport_service.ballotbox.service.apply_repeat", again)


def _other_envelope_is_a_duplicate(plant):
    real = ballot_state.apply_repeat

    def repeat(item, state):
        return real(replace(item, digest=state.digest or item.digest), state)

    plant.setattr("rapport_service.ballotbox.service.apply_repeat", repeat)


def _seal_forgets_withdrawals(plant):
    real = ballot_state.late_result

    def late(item, state):
        return real(item, None if state == ballot_state.WITHDRAWN else state)

    plant.setattr("rapport_service.ballotbox.service.late_result", late)


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
        _never_late,
        _withdrawn_speaks_again,
        _other_envelope_is_a_duplicate,
        _seal_forgets_withdrawals,
        _bad_items_end_the_batch,
    ],
)
def test_planted_fault_is_detected(service, ballot_factory, monkeypatch, fault):
    fault(monkeypatch)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            sequences(service, ballot_factory), settings=FAULT_SEARCH
        )
