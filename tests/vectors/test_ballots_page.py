"""The Python in docs/ballots.md, run from top to bottom on the published ballot."""

import json
import re
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from rapport_client._protocol import base64url
from tests.vectors.envelope_vectors import derive_bytes
from tests.vectors.make_ballot_vectors import FILE

PAGE = Path(__file__).parents[2] / "docs/ballots.md"
VECTORS = json.loads(FILE.read_text())
SUBMISSION = VECTORS["submission"]
ENVELOPE = VECTORS["envelope"]
CONTENT = json.loads(ENVELOPE["plaintext"])
RESULT = SUBMISSION["reply"]["results"][0]


@pytest.fixture
def computed(monkeypatch):
    """The names that the page defines, with the published numbers as random ones."""
    by_length = {
        32: [VECTORS["r"]],
        48: [VECTORS["salt"]],
        16: [SUBMISSION["reply"]["batch"]],
    }
    factor = int.from_bytes(base64url.decode(VECTORS["blinding_factor"]))
    monkeypatch.setattr(
        secrets,
        "token_bytes",
        lambda length: base64url.decode(by_length[length].pop(0)),
    )
    monkeypatch.setattr(
        secrets,
        "randbelow",
        lambda bound: CONTENT["form"] if bound == 45 else factor,
    )
    ephemeral = int.from_bytes(base64url.decode(ENVELOPE["ephemeral_key"]["d"]))
    monkeypatch.setattr(
        ec,
        "generate_private_key",
        lambda curve: ec.derive_private_key(ephemeral, curve),
    )
    names = {
        "jwk": VECTORS["public_key"],
        "kid": VECTORS["public_key"]["kid"],
        "result": {"status": "signed", "signature": VECTORS["blind_signature"]},
        "answers": CONTENT["answers"],
        "context": CONTENT["context"],
        "sealing_key": ENVELOPE["sealing_key"],
        "charter": derive_bytes("charter", 64),
    }
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(compile(block, PAGE.name, "exec"), names)
    return names


def test_every_step_comes_to_the_published_number(computed):
    assert computed["header"] == VECTORS["header"]
    assert computed["payload"] == VECTORS["payload"]
    assert computed["signing_input"] == VECTORS["signing_input"]
    assert base64url.encode(computed["encoded"]) == VECTORS["encoded"]
    assert base64url.encode(computed["blinded"]) == VECTORS["blinded"]
    assert base64url.encode(computed["signature"].to_bytes(256)) == VECTORS["signature"]
    assert computed["ballot"] == VECTORS["ballot"]
    assert computed["plaintext"].decode() == ENVELOPE["plaintext"]
    assert base64url.encode(computed["charter_digest"]) == ENVELOPE["charter_digest"]
    assert base64url.encode(computed["info"]) == ENVELOPE["info"]
    assert base64url.encode(computed["shared"]) == ENVELOPE["shared_secret"]
    assert base64url.encode(computed["key"]) == ENVELOPE["key"]
    assert base64url.encode(computed["nonce"]) == ENVELOPE["nonce"]
    assert base64url.encode(computed["envelope"]) == ENVELOPE["envelope"]
    assert computed["digest"] == SUBMISSION["digest"]
    assert computed["body"] == SUBMISSION["request"]


def test_the_published_private_key_opens_the_envelope(computed):
    scalar = int.from_bytes(base64url.decode(ENVELOPE["sealing_test_key"]["d"]))
    key = ec.derive_private_key(scalar, ec.SECP256R1())

    opened = computed["open_envelope"](key, computed["envelope"], computed["info"])

    assert opened.decode() == ENVELOPE["plaintext"]


def test_a_withdrawal_with_a_shorter_batch_id_is_as_long_as_a_submission(computed):
    item = {"op": "withdraw", "ballot": computed["ballot"]}
    item["envelope"] = base64url.encode(bytes(337))
    body = {"protocol": 1, "batch": base64url.encode(bytes(15)), "items": [item]}

    assert len(computed["compact"](body)) == len(computed["body"])


def test_the_published_reply_is_exact(computed):
    assert computed["is_exact"](SUBMISSION["reply"])


@pytest.mark.parametrize("forgery", VECTORS["forgeries"], ids=lambda each: each["name"])
def test_a_refusal_is_exact_where_it_echoes_this_ballot(computed, forgery):
    (result,) = forgery["reply"]["results"]

    is_ours = result["hash"] in {VECTORS["hash"], None}

    assert computed["is_exact"](forgery["reply"]) == is_ours


@pytest.mark.parametrize(
    "changed",
    [
        {"protocol": 2},
        {"batch": "another"},
        {"results": [RESULT | {"hash": SUBMISSION["digest"]}]},
        {"results": [RESULT | {"digest": VECTORS["hash"]}]},
        {"results": [RESULT | {"hash": None}]},
        {"results": [RESULT | {"digest": None}]},
    ],
)
def test_any_other_reply_is_not(computed, changed):
    assert not computed["is_exact"](SUBMISSION["reply"] | changed)
