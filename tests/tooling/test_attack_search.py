"""File search of ``make attack``: planted plaintexts and keys are seen."""

import base64

import pytest

from rapport_service.envelope.sealing_key import make_sealing_key, private_pem
from tools.attack.agency import AnsweredPulse
from tools.attack.capture import Capture, Moment, StoredFile
from tools.attack.findings import Kind
from tools.attack.phones import Sent
from tools.attack.search import search_keys, search_plaintext, search_text_logs
from tools.attack.stored import canonical_json, stored_answers

VALUES = {"A0": 4, "T3": "na", "T5": 2, "C2R": "skip", "C4": 5}
SENT = Sent(
    *("ann", "acme.wave", "acme.key"),
    *(bytes(range(32)), bytes(range(32, 64)), 17),
    AnsweredPulse(VALUES, "crisis"),
    0,
)
STORED = stored_answers(SENT.answers)


def copy_with(content, moment=Moment.ARRIVING, kind="database", relation="", rows=()):
    file = StoredFile(kind, relation, "a file", b"before" + content + b"after")
    return Capture(moment, {"answers": rows}, [file], 4096)


def kinds(findings):
    return {finding.kind for finding in findings}


@pytest.mark.parametrize(
    "written",
    [
        canonical_json(SENT),
        canonical_json(SENT).ljust(256),
        canonical_json(SENT).replace(b'"', b'\\"'),
        canonical_json(SENT).replace(b":", b": ").replace(b",", b", "),
        b'"T3":"na"',
        b'"C4": 5,',
        canonical_json(SENT).hex().encode(),
        base64.b64encode(b"x" + canonical_json(SENT)),
        base64.urlsafe_b64encode(b"xy" + canonical_json(SENT)),
        STORED.encode(),
        base64.b64encode(b"xyz" + STORED.encode() + b"z"),
    ],
)
@pytest.mark.parametrize("kind", ["database", "log of changes", "text log", "dump"])
def test_plaintext_before_the_seal_is_seen_in_every_file(written, kind):
    copy = copy_with(written, kind=kind)

    assert kinds(search_plaintext(copy, [SENT], [])) == {Kind.PLAINTEXT}


@pytest.mark.parametrize(
    "harmless",
    [
        bytes(range(256)) * 40,
        b'"items":{"A0":{"score":50},"T3":{"score":45}}',
        b'{"form":[["A0","T3"]],"answers":[]}',
    ],
)
def test_other_content_is_none(harmless):
    assert kinds(search_plaintext(copy_with(harmless), [SENT], [])) == set()


def test_answers_of_an_earlier_wave_prove_nothing():
    copy = copy_with(STORED.encode())

    assert kinds(search_plaintext(copy, [SENT], [SENT])) == set()


@pytest.mark.parametrize(
    ("kind", "relation", "rows", "leaks"),
    [
        ("database", "answers", 1, False),
        ("database", "", 1, False),
        ("database", "", 0, True),
        ("database", "scores", 1, True),
        ("log of changes", "", 1, False),
        ("dump", "", 1, False),
        ("text log", "", 1, True),
        ("temporary", "", 1, True),
    ],
)
def test_stored_answers_after_the_seal_belong_to_their_table(
    kind, relation, rows, leaks
):
    copy = copy_with(
        STORED.encode(), Moment.SEALED, kind, relation, [{"answers": STORED}] * rows
    )

    assert (kinds(search_plaintext(copy, [SENT], [])) != set()) == leaks


def test_sent_form_is_a_leak_at_any_time():
    copy = copy_with(canonical_json(SENT), Moment.LATER, "database", "answers")

    assert kinds(search_plaintext(copy, [SENT], [])) == {Kind.PLAINTEXT}


def key_forms():
    key = make_sealing_key()
    pem = private_pem(key)
    scalar = key.private_numbers().private_value.to_bytes(32)
    lines = pem.splitlines()
    return pem, {
        "file": pem,
        "body": lines[2],
        "scalar": scalar,
        "hex": scalar.hex().encode(),
        "base64": base64.urlsafe_b64encode(scalar),
    }


@pytest.mark.parametrize("form", ["file", "body", "scalar", "hex", "base64"])
def test_private_key_is_seen_in_every_form(form):
    pem, forms = key_forms()
    kept = b"sealing key of wave: acme.1\n" + pem

    assert kinds(search_keys(copy_with(forms[form]), {kept})) == {Kind.KEY_MATERIAL}


def test_another_key_is_none():
    pem, _ = key_forms()
    other, _ = key_forms()

    assert kinds(search_keys(copy_with(other), {pem})) == set()


@pytest.mark.parametrize(
    "trace", [SENT.ballot_hash.hex().encode(), base64.urlsafe_b64encode(SENT.digest)]
)
def test_text_log_that_names_a_ballot_is_seen(trace):
    copy = copy_with(trace, kind="text log")

    assert kinds(search_text_logs(copy, [SENT])) == {Kind.LOG_LINE}
    assert (
        kinds(search_text_logs(copy_with(b"nothing", kind="text log"), [SENT])) == set()
    )
