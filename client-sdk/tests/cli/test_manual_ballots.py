"""``rapport-field ballot``: requests and replies are carried by hand."""

import json
import stat

import jwt
import pytest
from fake_service.documents import TEAM, jwk, to_bytes
from fake_service.service import CODE, problem

from rapport_client import Request
from rapport_client._ballots import ballot_key, minting
from rapport_client._protocol import base64url

FOURS = "4\n" * 5


@pytest.fixture
def wave(open_service):
    return next(iter(open_service.waves.values()))


class Courier:
    """Carries requests between files and a service, as curl would."""

    def __init__(self, terminal, service, wave, folder):
        self.terminal, self.service, self.wave, self.folder = (
            terminal,
            service,
            wave,
            folder,
        )
        self.token = json.loads(self.fetch("POST", "/v1/enrolments", ENROLMENT))[
            "access_token"
        ]
        self.file("sync", self.fetch("GET", "/v1/sync", token=self.token))
        self.file("charter", wave.charter)
        self.file("key", wave.jwk)
        self.file("instrument", service.instrument)

    def fetch(self, method, path, body=b"", token=None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"https://rapport.test{path}"
        return self.service.send(Request(method, url, headers, body)).body

    def file(self, name, body):
        path = self.folder / f"{name}.json"
        path.write_bytes(body)
        return path

    def run(self, command, *words):
        return self.terminal("ballot", command, self.wave.id, *words)

    def check(self, *more):
        return self.terminal.without_outbox(
            *("ballot", "check", self.wave.id), *self.files("sync", "charter"), *more
        )

    def blind(self, *more):
        documents = self.files("sync", "charter", "key", "instrument")
        return self.run("blind", *documents, *more)

    def files(self, *names):
        return [
            word
            for name in names
            for word in (f"--{name}", self.folder / f"{name}.json")
        ]

    def draw(self):
        """From blinding to the finished ballot."""
        body = self.blind().out.encode()
        self.file("reply", self.fetch("POST", "/v1/ballots", body, self.token))
        return self.run("finish", *self.files("reply"))

    def submit(self):
        """Sends the waiting items; the reply is in a file."""
        body = self.run("submission").out.encode()
        self.file("submission", body)
        self.file("reply", self.fetch("POST", "/v1/submissions", body))

    def settle(self, *more):
        return self.run("settle", *self.files("submission", "reply"), *more)


ENROLMENT = to_bytes({"code": CODE, "device": base64url.encode(bytes(32))})


@pytest.fixture
def courier(terminal, open_service, wave, tmp_path):
    return Courier(terminal, open_service, wave, tmp_path)


@pytest.fixture
def courier_with_answer(courier):
    courier.draw()
    assert courier.terminal("answer", courier.wave.id, typed=FOURS + "\ny\n").exit == 0
    return courier


def test_check_names_the_documents_to_fetch_next(courier, wave, open_service):
    digest = base64url.digest(open_service.instrument)

    result = courier.check()

    assert result.exit == 0
    assert result.out == f"/v1/keys/{wave.kid}\n/v1/instruments/{digest}\n"
    document = courier.check("--json").document
    assert document["pool"] == 10
    assert len(document["fingerprint"]) == 14


def test_blind_asks_for_one_signature_and_keeps_the_secrets(courier, wave):
    result = courier.blind()

    (asked,) = json.loads(result.out)["requests"]
    assert result.exit == 0
    assert (asked["wave_id"], asked["ballot_key_id"]) == (wave.id, wave.kid)
    assert len(base64url.decode(asked["blinded"])) == 256
    assert stat.S_IMODE(courier.terminal.outbox.stat().st_mode) == 0o600
    assert courier.blind("--json").document == json.loads(result.out)


def test_finish_prints_a_ballot_and_does_so_again(courier, wave):
    result = courier.draw()

    ballot = result.out.strip()
    jwt.decode(ballot, wave.key.public_key(), algorithms=["PS384"])
    assert courier.run("finish", *courier.files("reply")).out == result.out
    document = courier.run("finish", *courier.files("reply"), "--json").document
    assert document == {"wave_id": wave.id, "ballot": ballot}


def test_a_finished_ballot_is_not_made_again(courier):
    courier.draw()

    result = courier.blind()

    assert result.exit == 1
    assert result.err == (
        "rapport-field: the ballot for this pulse is finished already\n"
    )


def test_the_answer_is_accepted_and_settled(courier_with_answer, open_service):
    courier_with_answer.submit()

    result = courier_with_answer.settle()

    assert (result.exit, result.out) == (0, "accepted\n")
    assert len(open_service.contents) == 1
    assert "Your answer was received" in courier_with_answer.terminal("status").out
    assert courier_with_answer.settle("--json").document == {
        "wave_id": courier_with_answer.wave.id,
        "status": "accepted",
        "reason": None,
    }


def test_an_answer_that_was_settled_by_hand_is_not_offered_again(
    courier_with_answer, open_service
):
    """The device has never synced, and the service was not restored."""
    courier_with_answer.submit()
    courier_with_answer.settle()
    open_service.codes["acme-9KWT-3NVB-X2QC"] = None
    terminal = courier_with_answer.terminal
    assert terminal.online("enrol", "acme-9KWT-3NVB-X2QC").exit == 0

    result = terminal("sync")

    assert (result.exit, result.out, result.err) == (0, "nothing to send\n", "")


def test_the_same_answers_go_out_however_often(courier_with_answer):
    first, second = (
        json.loads(courier_with_answer.run("submission").out) for _ in range(2)
    )

    assert first["items"] == second["items"]
    assert first["batch"] != second["batch"]


def test_an_answer_that_comes_too_late_is_settled_but_not_done(
    courier_with_answer, wave
):
    wave.sealed = True
    courier_with_answer.submit()

    result = courier_with_answer.settle()

    assert (result.exit, result.out) == (1, "final  too_late\n")


def test_reply_to_another_request_settles_nothing(courier_with_answer):
    courier_with_answer.submit()
    courier_with_answer.file(
        "submission", courier_with_answer.run("submission").out.encode()
    )

    result = courier_with_answer.settle()

    assert result.exit == 3
    assert "the reply is to another request" in result.err
    assert "Your answer waits to be sent" in courier_with_answer.terminal("status").out


def test_service_that_does_not_know_the_key_ends_no_answer(
    courier_with_answer, open_service
):
    """The request may have been carried to the wrong service."""
    courier, waves = courier_with_answer, dict(open_service.waves)
    open_service.waves.clear()
    courier.submit()

    result = courier.settle()

    assert (result.exit, result.out) == (1, "rejected  ballot_unknown_key\n")
    assert "Your answer waits to be sent" in courier.terminal("status").out
    open_service.waves.update(waves)
    courier.submit()
    assert courier.settle().exit == 0
    assert courier.terminal("status").exit == 0


def test_problem_document_in_the_file_is_reported_as_a_problem(courier):
    courier.blind()
    document = json.loads(problem(403, "device-revoked").body) | {"status": 403}
    courier.file("reply", to_bytes(document))

    result = courier.run("finish", *courier.files("reply"), "--json")

    assert result.exit == 1
    assert result.document["error"]["code"] == "device-revoked"


def test_no_ballot_is_made_where_none_was_signed(courier, wave):
    courier.draw()
    wave.signed = {"somebody else's": ""}
    courier.terminal.outbox = courier.folder / "another.db"

    result = courier.draw()

    assert result.exit == 1
    assert "the service signed no ballot: already_drawn" in result.err


def test_a_charter_that_the_poll_book_did_not_name_is_refused(courier, wave):
    courier.file("charter", wave.charter + b" ")

    for result in (courier.check(), courier.blind()):
        assert result.exit == 1
        assert "not the one that the poll book named" in result.err


def test_a_key_that_the_charter_does_not_name_is_refused(courier, keys):
    courier.file("key", to_bytes(jwk(keys[1])))

    result = courier.blind()

    assert result.exit == 1
    assert "thumbprint" in result.err


def test_a_signature_under_another_key_makes_no_ballot(courier, wave):
    courier.blind()
    key = ballot_key.parse_ballot_key(wave.jwk, wave.kid)
    foreign = minting.mint(wave.id, TEAM, key, "charter", "epoch")
    result = {
        "wave_id": wave.id,
        "status": "signed",
        "signature": base64url.encode(foreign.blinded),
    }
    courier.file("reply", to_bytes({"results": [result]}))

    result = courier.run("finish", *courier.files("reply"))

    assert result.exit == 1
    assert "does not verify" in result.err


def test_a_wave_that_is_not_listed_is_refused(courier):
    courier.wave.id = "acme.00000000-0000-0000-0000-000000000000"

    assert courier.check().exit == 1
    assert courier.blind().exit == 1


def test_no_step_comes_before_the_one_before_it(courier):
    courier.file("reply", b"{}")
    unblinded = courier.run("finish", *courier.files("reply"))
    courier.blind()
    unsigned = courier.terminal("answer", courier.wave.id, typed=FOURS + "\ny\n")
    unanswered = courier.run("submission")

    assert (unblinded.exit, unsigned.exit, unanswered.exit) == (1, 1, 1)
    assert "there is no outbox" in unblinded.err
    assert "was not answered" in unanswered.err


def test_a_wave_that_was_not_blinded_here_cannot_be_finished(courier):
    courier.blind()
    courier.file("reply", b"{}")
    courier.wave.id = "acme.00000000-0000-0000-0000-000000000000"

    result = courier.run("finish", *courier.files("reply"))

    assert "no ballot was blinded for this pulse: run `rapport-field" in result.err
