import json

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from rapport_service.ballotbox.models import Submission
from rapport_service.blindsign.ballot import signing_input
from rapport_service.blindsign.keys import public_key, thumbprint
from rapport_service.encoding import base64url
from rapport_service.registry.models import BallotKey
from tests.support.ballots import kid_of
from tests.support.http_phone import content, item, submit
from tests.support.rows import rows_of

R = base64url.encode(bytes(range(32)))


@pytest.fixture
def agency(service):
    return service.agency({"a": 8, "b": 8})


@pytest.fixture
def kids(agency):
    wave = agency.announce()
    return kid_of(agency, wave, "a"), kid_of(agency, wave, "b")


def blindly_signed(ballot_factory, kid, header, payload):
    """A token that a blind signer signs as gladly as any other."""
    parts = (base64url.encode(part.encode()) for part in (header, payload))
    signed = ".".join(parts).encode()
    return f"{signed.decode()}.{base64url.encode(ballot_factory.sign(kid, signed))}"


def header(kid, **changes):
    members = {"alg": "PS384", "typ": "ballot+jwt", "kid": kid} | changes
    return json.dumps(members, separators=(",", ":"))


def unusual_bytes(kid):
    """Properly signed under the group's own key, but not the one byte form."""
    usual, payload = header(kid), f'{{"jti":"{R}"}}'
    other = base64url.encode(bytes(32))
    return {
        "a second jti": (usual, f'{{"jti":"{other}","jti":"{R}"}}'),
        "a second kid": (usual[:-1] + f',"kid":"{kid}"}}', payload),
        "an extra claim": (usual, f'{{"jti":"{R}","sub":"ann"}}'),
        "an extra header": (header(kid, jku="https://example.org"), payload),
        "white space in the header": (usual.replace(":", ": "), payload),
        "white space in the payload": (usual, f'{{"jti": "{R}"}}'),
        "a newline at the end": (usual, payload + "\n"),
        "another order": (
            f'{{"typ":"ballot+jwt","alg":"PS384","kid":"{kid}"}}',
            payload,
        ),
        "an escaped letter": (usual, f'{{"\\u006ati":"{R}"}}'),
        "another type": (header(kid, typ="JWT"), payload),
        "another algorithm": (header(kid, alg="PS512"), payload),
        "no algorithm": (header(kid, alg="none"), payload),
        "padding inside": (usual, f'{{"jti":"{R}="}}'),
        "unused bits in R": (usual, f'{{"jti":"{R[:-1]}9"}}'),
        "31 bytes of R": (usual, f'{{"jti":"{base64url.encode(bytes(31))}"}}'),
        "33 bytes of R": (usual, f'{{"jti":"{base64url.encode(bytes(33))}"}}'),
        "R as a number": (usual, '{"jti":7}'),
        "a byte order mark": ("\ufeff" + usual, payload),
        "kid in capitals": (header(kid.upper()), payload),
        "kid with a tail": (header(kid + "\\n"), payload),
    }


def other_signatures(ballot_factory, kids, ballot_keys):
    """The right bytes under signatures that are not those of a ballot."""
    ours, theirs = kids
    signed = signing_input(ours, bytes(range(32)))
    key = next(k for k in ballot_keys if ours.endswith(thumbprint(k.public_key())))
    good = ballot_factory.sign(ours, signed)
    return {
        "another group's key": ballot_factory.sign(theirs, signed),
        "another ballot's signature": ballot_factory.sign(
            ours, signing_input(ours, bytes(32))
        ),
        "a salt of 32 bytes": key.sign(signed, PSS(MGF1(SHA384()), 32), SHA384()),
        "no salt": key.sign(signed, PSS(MGF1(SHA384()), 0), SHA384()),
        "another mask": key.sign(signed, PSS(MGF1(SHA256()), 48), SHA384()),
        "another hash": key.sign(signed, PSS(MGF1(SHA256()), 48), SHA256()),
        "PKCS 1 version 1.5": key.sign(signed, PKCS1v15(), SHA384()),
        "a zero byte in front": b"\0" + good,
        "a byte less": good[:-1],
        "a byte more": good + b"\0",
        "nothing but zeros": bytes(256),
        "nothing but ones": b"\xff" * 256,
    }


def test_no_unusual_bytes_are_a_ballot_even_if_the_signer_signed_them(
    agency, kids, ballot_factory
):
    forged = {
        name: blindly_signed(ballot_factory, kids[0], *parts)
        for name, parts in unusual_bytes(kids[0]).items()
    }

    results = submit(
        agency.service.http, *(item(b, content()) for b in forged.values())
    )

    reasons = {name: r["reason"] for name, r in zip(forged, results, strict=True)}
    assert reasons == dict.fromkeys(forged, "ballot_invalid")
    assert {result["status"] for result in results} == {"rejected"}
    assert rows_of(Submission, agency) == []


@pytest.mark.parametrize(
    "name",
    ["a second jti", "a second kid", "an extra claim", "white space in the payload"],
)
def test_a_stock_library_would_have_believed_them(agency, kids, ballot_factory, name):
    forged = blindly_signed(ballot_factory, kids[0], *unusual_bytes(kids[0])[name])
    (key,) = (row for row in rows_of(BallotKey, agency) if row.kid == kids[0])

    claims = jwt.decode(forged, public_key(key.jwk), algorithms=["PS384"])

    assert claims["jti"] == R


def test_no_other_signature_makes_a_ballot(agency, kids, ballot_factory, ballot_keys):
    signed = signing_input(kids[0], bytes(range(32))).decode()
    forged = {
        name: f"{signed}.{base64url.encode(signature)}"
        for name, signature in other_signatures(
            ballot_factory, kids, ballot_keys
        ).items()
    }

    results = submit(
        agency.service.http, *(item(b, content()) for b in forged.values())
    )

    reasons = {name: r["reason"] for name, r in zip(forged, results, strict=True)}
    assert reasons == dict.fromkeys(forged, "ballot_invalid")
    assert rows_of(Submission, agency) == []


def test_the_same_bytes_properly_signed_are_a_ballot(agency, kids, ballot_factory):
    ballot = ballot_factory.ballot(kids[0], bytes(range(32)))

    (result,) = submit(agency.service.http, item(ballot, content()))

    assert result["status"] == "accepted"


def test_a_padded_ballot_and_one_with_white_space_are_undecodable(
    agency, kids, ballot_factory
):
    ballot = ballot_factory.ballot(kids[0])
    forged = [ballot + "==", ballot + " ", " " + ballot, ballot.replace(".", " .")]
    forged += [ballot.replace(".", "=.", 1), ballot + "\n", ballot + "\0"]

    results = submit(
        agency.service.http, *(item(ballot, content()) for ballot in forged)
    )

    assert {result["reason"] for result in results} == {"undecodable"}
    assert rows_of(Submission, agency) == []


def test_a_key_of_one_organization_cannot_sign_for_another(service, ballot_factory):
    ours, theirs = service.agency({"a": 8}), service.agency({"a": 8})
    kid, other = (kid_of(agency, agency.announce(), "a") for agency in (ours, theirs))
    borrowed = f"{ours.id}.{other.partition('.')[2]}"
    signed = signing_input(kid, bytes(32))
    forged = [
        f"{signed.decode()}.{base64url.encode(ballot_factory.sign(other, signed))}",
        ballot_factory.ballot(borrowed),
    ]

    results = submit(service.http, *(item(ballot, content()) for ballot in forged))

    reasons = [result["reason"] for result in results]
    assert reasons == ["ballot_invalid", "ballot_unknown_key"]


def test_an_access_token_is_no_ballot(agency):
    token = agency.admin_token()

    (result,) = submit(agency.service.http, item(token, content()))

    assert result["reason"] == "ballot_invalid"
