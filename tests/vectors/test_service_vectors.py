"""The published ballot, step by step, through the service's own code and its doors."""

import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from rapport_service.ballotbox.parsing import (
    SubmissionResult,
    SubmittedItem,
    parse_item,
)
from rapport_service.blindsign import ballot as ballots
from rapport_service.blindsign.ballot import BallotInvalidError
from rapport_service.blindsign.keys import key_id, public_jwk
from rapport_service.blindsign.sign import blind_sign
from rapport_service.charter.clock_leap import TickTimes
from rapport_service.encoding import base64url
from rapport_service.envelope.hpke import (
    EnvelopeUnopenableError,
    envelope_info,
    open_envelope,
)
from rapport_service.envelope.sealing_key import public_jwk as sealing_jwk
from rapport_service.envelope.sealing_key import thumbprint
from rapport_service.envelope.test_key import TEST_KEY
from rapport_service.instrument.answers import AnswersInvalid, parse_plaintext
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.lifecycle.organization import advance_organization
from rapport_service.lifecycle.sealing import run_sealing_job
from tests.support.http_phone import content, item, submit
from tests.vectors.make_ballot_vectors import FILE, text

VECTORS = json.loads(FILE.read_text())
FORGERIES = VECTORS["forgeries"]
ENVELOPE = VECTORS["envelope"]
BROKEN = VECTORS["broken_envelopes"]
KID = VECTORS["public_key"]["kid"]
ORGANIZATION = KID.partition(".")[0]
R = base64url.decode(VECTORS["r"])


@pytest.fixture(scope="module")
def key():
    number = {
        name: int.from_bytes(base64url.decode(VECTORS["test_key"][name]))
        for name in ("n", "e", "d", "p", "q", "dp", "dq", "qi")
    }
    return rsa.RSAPrivateNumbers(
        p=number["p"],
        q=number["q"],
        d=number["d"],
        dmp1=number["dp"],
        dmq1=number["dq"],
        iqmp=number["qi"],
        public_numbers=rsa.RSAPublicNumbers(number["e"], number["n"]),
    ).private_key()


def only_item(request):
    (parsed,) = json.loads(request)["items"]
    return parsed


def test_file_equals_the_generated_one_byte_for_byte():
    assert FILE.read_text() == text()


def test_the_key_is_served_under_its_thumbprint(key):
    assert key_id(ORGANIZATION, key.public_key()) == KID
    assert json.loads(public_jwk(KID, key.public_key())) == VECTORS["public_key"]


def test_the_signing_input_is_the_one_that_the_service_would_build():
    assert ballots.signing_input(KID, R).decode() == VECTORS["signing_input"]


def test_the_signer_makes_this_blind_signature(key):
    blinded = base64url.decode(VECTORS["blinded"])

    signature = blind_sign(key.private_numbers(), blinded)

    assert base64url.encode(signature) == VECTORS["blind_signature"]


def test_the_ballot_is_read_and_verified(key):
    ballot = ballots.parse(VECTORS["ballot"])

    ballots.verify(ballot, key.public_key())
    assert (ballot.kid, ballot.r) == (KID, R)
    assert base64url.encode(ballot.hash) == VECTORS["hash"]
    assert base64url.encode(ballot.signature) == VECTORS["signature"]


def test_the_published_test_key_is_the_one_that_the_service_opens_with():
    public = TEST_KEY.public_key()

    assert json.loads(sealing_jwk(public)) == ENVELOPE["sealing_key"]
    assert thumbprint(public) == ENVELOPE["sealing_key_thumbprint"]


def test_the_info_binds_key_id_ballot_and_charter():
    info = envelope_info(
        KID,
        base64url.decode(VECTORS["hash"]),
        base64url.decode(ENVELOPE["charter_digest"]),
    )

    assert base64url.encode(info) == ENVELOPE["info"]


def test_the_published_envelope_opens_to_its_answers():
    plaintext = open_published(ENVELOPE["envelope"])

    assert plaintext.decode() == ENVELOPE["plaintext"]
    answers = parse_plaintext(CURRENT_INSTRUMENT, plaintext)
    assert (answers.form, answers.context) == (0, "stretched")
    assert answers.values == (4, 5, "na", "skip", 1)


def test_broken_envelopes_are_eight():
    assert len({broken["name"] for broken in BROKEN}) == 8


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken["name"])
def test_no_broken_envelope_opens_to_answers(broken):
    if not broken["opens"]:
        with pytest.raises(EnvelopeUnopenableError):
            open_published(broken["envelope"])
    elif broken["status"] == "accepted":
        with pytest.raises(AnswersInvalid):
            parse_plaintext(CURRENT_INSTRUMENT, open_published(broken["envelope"]))


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken["name"])
def test_the_door_takes_every_envelope_of_the_right_length(broken):
    match parse_item(
        {"op": "submit", "ballot": VECTORS["ballot"], "envelope": broken["envelope"]}
    ):
        case SubmissionResult() as result:
            assert (result.status, result.reason) == ("rejected", "undecodable")
            assert broken["status"] == "rejected"
        case SubmittedItem():
            assert broken["status"] == "accepted"


def open_published(envelope):
    """The plaintext of an envelope for the published ballot and charter."""
    info = base64url.decode(ENVELOPE["info"])
    return open_envelope(TEST_KEY, base64url.decode(envelope), info)


def test_forgeries_are_six():
    assert len({forgery["name"] for forgery in FORGERIES}) == 6


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery["name"])
def test_no_forgery_passes_as_a_ballot_of_this_key(forgery, key):
    match parse_item(only_item(forgery["request"])):
        case SubmissionResult() as result:
            assert result.reason == forgery["reply"]["results"][0]["reason"]
        case SubmittedItem(ballot=ballot) if ballot.kid == KID:
            with pytest.raises(BallotInvalidError):
                ballots.verify(ballot, key.public_key())
        case SubmittedItem(ballot=ballot):
            assert forgery["reply"]["results"][0]["reason"] == "ballot_unknown_key"
            ballots.verify(ballot, key.public_key())


@pytest.fixture
def agency(service, key):
    """The vectors' organization, whose one group votes under the published key."""
    agency = service.agency({"a": 8}, organization_id=ORGANIZATION)
    agency.plan()
    run_sealing_job(service.dependencies, organization_id=agency.id)
    deps, now = replace(service.dependencies, make_key=lambda: key), service.clock()
    advance_organization(deps, agency.id, TickTimes(now), now)
    return agency


def test_over_http_every_byte_is_as_published(agency, service):
    phone = agency.phone("a-1")
    (wave,) = (listed["wave_id"] for listed in phone.sync()["waves"])

    assert phone.kid(wave) == KID
    assert service.http.get(f"/v1/keys/{KID}").get_json() == VECTORS["public_key"]
    assert phone.ask(wave, KID, base64url.decode(VECTORS["blinded"])) == {
        "wave_id": wave,
        "status": "signed",
        "signature": VECTORS["blind_signature"],
    }
    for forgery in FORGERIES:
        assert post(service, forgery["request"]) == forgery["reply"], forgery["name"]
    submission = VECTORS["submission"]
    assert post(service, submission["request"]) == submission["reply"]
    (again,) = post(service, submission["request"])["results"]
    assert again == {**submission["reply"]["results"][0], "status": "duplicate"}
    (other,) = submit(service.http, item(VECTORS["ballot"], content()))
    assert (other["status"], other["reason"]) == ("final", "envelope_conflict")
    withdrawal = VECTORS["withdrawal"]
    assert post(service, withdrawal["request"]) == withdrawal["reply"]


def post(service, request):
    reply = service.http.post(
        "/v1/submissions", data=request, content_type="application/json"
    )
    assert reply.status_code == 200, reply.text
    return reply.get_json()
