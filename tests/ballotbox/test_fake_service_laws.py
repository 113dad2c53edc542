"""The SDK's in-memory service follows the specification of the ballot box.

The tests of the SDK trust its results, so it is held to what the service is held to.
"""

import json
from typing import ClassVar

import pytest
from fake_service import ballot_box
from fake_service.ballot_box import BallotBox
from fake_service.service import FakeService
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from rapport_client import Request
from rapport_client._protocol import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.ballotbox.sequences import (
    FAULT_SEARCH,
    LAWS,
    BallotBoxSequences,
    StoredRows,
)

FAKE_LAWS = settings(LAWS, max_examples=50)
FAKE_FAULT_SEARCH = settings(FAULT_SEARCH, max_examples=400)
"""More examples than on the service, since there is no database."""

SUBMISSIONS = "https://rapport.test/v1/submissions"


class FakeServiceSequences(BallotBoxSequences):
    """Sequences on the in-memory service, which shows the service's own questions."""

    ballot_key: ClassVar[object]

    def open_wave(self):
        self.service = FakeService(instrument=CURRENT_INSTRUMENT.document)
        self.wave = self.service.add_wave(self.ballot_key)
        self.is_released = False
        return self.wave.kid

    def submit(self, items):
        body = json.dumps({"protocol": 1, "batch": "a batch", "items": items})
        response = self.service.send(Request("POST", SUBMISSIONS, {}, body.encode()))
        assert response.status == 200
        document = json.loads(response.body)
        assert document["batch"] == "a batch"
        return document["results"]

    def stored_rows(self):
        ballots = self.service.ballot_box.ballots
        return StoredRows(
            ballots={
                name: (
                    ballot.status,
                    ballot.envelope and base64url.encode(ballot.envelope),
                )
                for name, ballot in ballots.items()
                if not self.is_released
            },
            spent={
                name: (ballot.status, ballot.digest)
                for name, ballot in ballots.items()
                if self.is_released
            },
        )

    def begin_sealing(self):
        self.wave.sealed = True

    def finish_sealing(self):
        self.is_released = True

    def cancel_wave(self):
        self.service.end_wave(self.wave, "cancelled")

    def retire_wave(self):
        self.service.end_wave(self.wave, "retired")


@pytest.fixture(scope="module")
def sequences(ballot_factory, ballot_keys):
    """The state machine on in-memory services with the same key."""
    return type(
        "Sequences",
        (FakeServiceSequences,),
        {"ballot_factory": ballot_factory, "ballot_key": ballot_keys[0]},
    )


def test_fake_service_gives_the_results_and_rows_of_the_specification(sequences):
    run_state_machine_as_test(sequences, settings=FAKE_LAWS)


def _no_tombstone(plant):
    real = BallotBox.withdraw

    def withdraw(box, wave, name):
        result = real(box, wave, name)
        if result == ("withdrawn", None):
            del box.ballots[name]
        return result

    plant.setattr(BallotBox, "withdraw", withdraw)


def _never_expired(plant):
    plant.delitem(ballot_box.END_REASONS, "retired")


def _late_answer_is_accepted(plant):
    real = BallotBox.submit

    def submit(box, wave, name, envelope):
        status, reason = real(box, wave, name, envelope)
        return ("accepted", None) if reason == "too_late" else (status, reason)

    plant.setattr(BallotBox, "submit", submit)


def _other_envelope_is_a_duplicate(plant):
    real = BallotBox.submit

    def submit(box, wave, name, envelope):
        status, reason = real(box, wave, name, envelope)
        is_other = reason == "envelope_conflict"
        return ("duplicate", None) if is_other else (status, reason)

    plant.setattr(BallotBox, "submit", submit)


def _signatures_not_checked(plant):
    plant.setattr("fake_service.service.jwt.decode", lambda *_, **__: None)


@pytest.mark.parametrize(
    "fault",
    [
        _no_tombstone,
        _never_expired,
        _late_answer_is_accepted,
        _other_envelope_is_a_duplicate,
        _signatures_not_checked,
    ],
)
def test_planted_fault_in_the_fake_service_is_detected(sequences, monkeypatch, fault):
    fault(monkeypatch)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(sequences, settings=FAKE_FAULT_SEARCH)
