"""The Python in docs/ballots.md, run from top to bottom on the published ballot."""

import json
import re
import secrets
from pathlib import Path

import pytest

from rapport_client._protocol import base64url
from tests.vectors.make_ballot_vectors import FILE

PAGE = Path(__file__).parents[2] / "docs/ballots.md"
VECTORS = json.loads(FILE.read_text())
SUBMISSION = VECTORS["submission"]
CONTENT = json.loads(SUBMISSION["content"])
RESULT = SUBMISSION["reply"]["results"][0]


@pytest.fixture
def computed(monkeypatch):
    """The names that the page defines, with the published numbers as random ones."""
    by_length = {
        32: [VECTORS["r"]],
        48: [VECTORS["salt"]],
        16: [CONTENT["nonce"], SUBMISSION["reply"]["batch"]],
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
    names = {
        "jwk": VECTORS["public_key"],
        "kid": VECTORS["public_key"]["kid"],
        "result": {"status": "signed", "signature": VECTORS["blind_signature"]},
        "answers": CONTENT["answers"],
        "context": CONTENT["context"],
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
    assert computed["content"] == SUBMISSION["content"]
    assert computed["digest"] == SUBMISSION["digest"]
    assert computed["body"] == SUBMISSION["request"]


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
