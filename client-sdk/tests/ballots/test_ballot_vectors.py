"""The published ballot, step by step, through the SDK's own functions."""

import gzip
import json
from pathlib import Path

import jwt
import pytest
from fake_service.documents import instrument, to_bytes
from fake_service.envelopes import SUITE
from fake_service.envelopes import TEST_KEY as PRIVATE_TEST_KEY

from rapport_client import CharterRefused, Response, SignatureInvalid
from rapport_client._ballots import ballot, ballot_key, blind, minting
from rapport_client._ballots.envelope import (
    envelope_info,
    make_envelope,
    parse_sealing_key,
)
from rapport_client._ballots.minting import Draw
from rapport_client._ballots.test_key import TEST_KEY, TEST_PRIVATE_SCALAR
from rapport_client._json import JsonObject
from rapport_client._protocol import base64url
from rapport_client._protocol.send import SubmissionItem, SubmissionResult, submit
from rapport_client._pulses.answers import write_plaintext
from rapport_client._pulses.instrument import parse_instrument

FILE = Path(__file__).parents[3] / "schemas/examples/v1/ballot_vectors.json"
VECTORS = json.loads(FILE.read_text())
FORGERIES = VECTORS["forgeries"]
ENVELOPE = VECTORS["envelope"]
SUBMISSION = VECTORS["submission"]
WITHDRAWAL = VECTORS["withdrawal"]
BATCH = SUBMISSION["reply"]["batch"]
R, SALT, FACTOR, BLINDED = (
    base64url.decode(VECTORS[name])
    for name in ("r", "salt", "blinding_factor", "blinded")
)


@pytest.fixture(scope="module")
def key():
    jwk = VECTORS["public_key"]
    return ballot_key.parse_ballot_key(to_bytes(jwk), jwk["kid"])


@pytest.fixture
def draw(key):
    return Draw("w", "team", key.kid, "charter", "epoch", R, SALT, FACTOR, BLINDED)


def build_item(op, envelope, digest):
    return SubmissionItem(
        op, VECTORS["ballot"], VECTORS["hash"], base64url.decode(envelope), digest
    )


def run_flow(flow, reply):
    """The body that a flow sends, and what it makes of a reply."""
    request = next(flow)
    with pytest.raises(StopIteration) as end:
        flow.send(Response(200, {"content-type": "application/json"}, to_bytes(reply)))
    return gzip.decompress(request.body).decode(), end.value.value


def test_the_signing_input_is_minted(key):
    signed = ballot.signing_input(key.kid, R).decode()

    assert signed == VECTORS["signing_input"]
    header, payload = (base64url.decode(part).decode() for part in signed.split("."))
    assert (header, payload) == (VECTORS["header"], VECTORS["payload"])


def test_encoded_and_blinded_message_equals_the_vector(key):
    message = VECTORS["signing_input"].encode()

    encoded = blind.emsa_pss_encode(message, key.n.bit_length() - 1, SALT)
    blinded = blind.blind(
        message, key.n, key.e, salt=SALT, factor=int.from_bytes(FACTOR)
    )

    assert base64url.encode(encoded) == VECTORS["encoded"]
    assert base64url.encode(blinded) == VECTORS["blinded"]


def test_the_blind_signature_finishes_the_ballot(key, draw):
    finished = minting.finish(draw, key, VECTORS["blind_signature"])

    assert finished == VECTORS["ballot"]
    assert finished.rpartition(".")[2] == VECTORS["signature"]
    assert ballot.compute_ballot_hash(R) == VECTORS["hash"]


def test_the_answers_make_the_plaintext():
    document = to_bytes(instrument())
    published = json.loads(ENVELOPE["plaintext"])

    plaintext = write_plaintext(
        parse_instrument(document, base64url.digest(document)),
        published["form"],
        published["answers"],
        published["context"],
    )

    assert plaintext.decode() == ENVELOPE["plaintext"]


def test_the_sealing_key_has_its_thumbprint_and_is_the_test_key():
    jwk = JsonObject(ENVELOPE["sealing_key"], "the key", CharterRefused)
    scalar = int.from_bytes(base64url.decode(ENVELOPE["sealing_test_key"]["d"]))

    key = parse_sealing_key(jwk)

    assert key.thumbprint == ENVELOPE["sealing_key_thumbprint"]
    assert (key, scalar) == (TEST_KEY, TEST_PRIVATE_SCALAR)


def test_the_info_binds_key_ballot_and_charter(key):
    info = envelope_info(key.kid, VECTORS["hash"], ENVELOPE["charter_digest"])

    assert base64url.encode(info) == ENVELOPE["info"]


def test_an_envelope_of_the_device_opens_as_the_published_one_does():
    info, plaintext = base64url.decode(ENVELOPE["info"]), ENVELOPE["plaintext"].encode()
    made = make_envelope(TEST_KEY, plaintext, info)

    for envelope in (made, base64url.decode(ENVELOPE["envelope"])):
        assert len(envelope) == 337
        assert SUITE.decrypt(envelope, PRIVATE_TEST_KEY, info=info) == plaintext


@pytest.mark.parametrize(
    ("op", "envelope", "sent", "status"),
    [
        ("submit", ENVELOPE["envelope"], SUBMISSION, "accepted"),
        ("withdraw", WITHDRAWAL["envelope"], WITHDRAWAL, "withdrawn"),
    ],
)
def test_item_is_sent_and_its_reply_lets_go(op, envelope, sent, status):
    item = build_item(op, envelope, sent["digest"])

    body, verdicts = run_flow(
        submit("https://rapport.test", [item], BATCH), sent["reply"]
    )

    assert base64url.digest(item.envelope) == sent["digest"]
    assert body == sent["request"]
    assert verdicts == [SubmissionResult(status, None)]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery["name"])
def test_the_device_mints_no_forgery_and_understands_its_refusal(forgery, draw, key):
    (sent,) = json.loads(forgery["request"])["items"]
    (result,) = forgery["reply"]["results"]
    hashed = result["hash"] or VECTORS["hash"]
    forged = SubmissionItem(
        "submit",
        sent["ballot"],
        hashed,
        base64url.decode(sent["envelope"]),
        SUBMISSION["digest"],
    )

    _, verdicts = run_flow(submit("", [forged], BATCH), forgery["reply"])

    assert sent["ballot"] != minting.finish(draw, key, VECTORS["blind_signature"])
    assert verdicts == [SubmissionResult("rejected", result["reason"])]


@pytest.mark.parametrize(
    "forgery", [FORGERIES[number] for number in (0, 3)], ids=lambda each: each["name"]
)
def test_the_device_itself_finds_a_bad_signature(forgery, key):
    (sent,) = json.loads(forgery["request"])["items"]

    with pytest.raises(SignatureInvalid):
        ballot.verify(sent["ballot"], key)


@pytest.mark.parametrize(
    "forgery",
    [FORGERIES[number] for number in (1, 2, 4, 5)],
    ids=lambda each: each["name"],
)
def test_a_stock_library_would_be_fooled(forgery, key):
    (sent,) = json.loads(forgery["request"])["items"]

    claims = jwt.decode(sent["ballot"], key.public_key, algorithms=["PS384"])

    assert claims["jti"] == VECTORS["r"]
