"""The check of trial envelopes says what a seal would do, and keeps nothing."""

import hashlib

import pytest

from rapport_schemas.problems import Problem
from rapport_service.encoding import base64url
from rapport_service.envelope.hpke import envelope_info, seal_envelope
from rapport_service.envelope.sealing_key import make_sealing_key
from rapport_service.envelope.test_key import TEST_KEY
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.api import problem_checks
from tests.support.admin import fields_of
from tests.support.http_phone import content, json_content
from tests.support.rows import capture_logs

KID = f"acme.{'A' * 43}"
HASH, CHARTER = (hashlib.sha256(name).digest() for name in (b"R", b"charter"))
SOUND = {"opens": True, "valid": True, "errors": []}


def trial(frozen, key=TEST_KEY):
    """An envelope as an integrator makes it."""
    info = envelope_info(KID, HASH, CHARTER)
    return seal_envelope(key.public_key(), frozen.plaintext, info)


def request(sealed, **changes):
    return {
        "envelope": base64url.encode(sealed),
        "ballot_key_id": KID,
        "ballot_hash": base64url.encode(HASH),
        "charter_digest": base64url.encode(CHARTER),
        "instrument_digest": CURRENT_INSTRUMENT.digest,
    } | changes


def check(service, sealed, **changes):
    reply = service.http.post("/v1/envelopes/check", json=request(sealed, **changes))
    assert reply.status_code == 200, reply.text
    return reply.get_json()


def assert_does_not_open(document):
    """The one error says what to check."""
    (error,) = document.pop("errors")
    assert document == {"opens": False, "valid": False}
    assert (error["pointer"], error["code"]) == ("", "wrong-format")
    for name in ("test key", "ballot_key_id", "ballot_hash", "charter_digest"):
        assert name in error["detail"]


def test_good_answers_open_and_are_valid(service):
    assert check(service, trial(content(form=44, context=None))) == SOUND


@pytest.mark.parametrize(
    "changes",
    [
        {"ballot_key_id": f"acme.{'B' * 43}"},
        {"ballot_hash": base64url.encode(CHARTER)},
        {"charter_digest": base64url.encode(HASH)},
    ],
    ids=str,
)
def test_envelope_for_another_ballot_or_charter_does_not_open(service, changes):
    assert_does_not_open(check(service, trial(content()), **changes))


def test_envelope_for_a_wave_does_not_open(service):
    """The door has no key but the published one."""
    assert_does_not_open(check(service, trial(content(), make_sealing_key())))


def test_337_bytes_that_are_no_envelope_do_not_open(service):
    assert_does_not_open(check(service, bytes(337)))


def test_every_invalid_answer_is_named(service):
    document = check(service, trial(content(value=6, context="calm")))

    assert (document["opens"], document["valid"]) == (True, False)
    assert {(e["pointer"], e["code"]) for e in document["errors"]} == {
        ("/context", "not-in-list"),
        *((f"/answers/{name}", "not-in-list") for name in ("A0", "T1", "T6", "C1")),
        ("/answers/C6", "not-in-list"),
    }


def test_another_spelling_of_good_answers_is_named(service):
    frozen = content()
    frozen.plaintext = frozen.plaintext.replace(b" ", b"\n", 1)

    document = check(service, trial(frozen))

    assert [(e["pointer"], e["code"]) for e in document["errors"]] == [
        ("", "wrong-format")
    ]


def test_nothing_that_was_sealed_is_logged_or_repeated(service):
    frozen = json_content({"form": 0, "secret": "a private remark"})

    with capture_logs() as records:
        document = check(service, trial(frozen))

    assert document["valid"] is False
    assert "private" not in records.text
    assert "private" not in str(document)


@pytest.mark.parametrize(
    "change",
    [
        {"envelope": "A" * 449},
        {"envelope": "A" * 449 + "B"},
        {"envelope": "A" * 451},
        {"envelope": None},
        {"ballot_key_id": "acme"},
        {"ballot_hash": "A" * 42},
        {"ballot_hash": "A" * 42 + "B"},
        {"charter_digest": "A" * 42 + "B"},
        {"instrument_digest": "A" * 43},
        {"content": "{}"},
    ],
    ids=str,
)
def test_wrong_request_is_refused_and_the_field_is_named(service, change):
    reply = service.http.post("/v1/envelopes/check", json=request(bytes(337), **change))

    assert problem_checks.read_problem(reply) is Problem.INVALID
    assert fields_of(reply) == list(change)
