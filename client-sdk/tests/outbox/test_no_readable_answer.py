"""After Send no readable answer is on the phone, not even with its key.

Everything on disk is either in the clear or went through the vault. So every value that
the vault was ever given is searched, and every byte of every file.
"""

import json
import logging
import sqlite3

import pytest
from fake_service.faults import edit_reply, lose_reply, no_fault, on_path
from fake_service.phone import answer_first_pulse
from fake_service.service import CODE

from rapport_client._outbox.keys import Vault
from rapport_client._outbox.namespace import Namespace
from rapport_client._protocol import base64url

NEEDLES = (
    b'"answers":{"A0"',
    b'"A0":4',
    b'"A0": 4',
    b'"context":"normal"',
    b'{"form":',
)
MIN_ENCODED_LENGTH = 8
STAGES = ("answered", "lost", "refused", "offered again", "sent", "withdrawn")


@pytest.fixture
def vault_inputs(monkeypatch):
    """Every value that was ever encrypted for the file, in the clear."""
    values, seal = [], Vault.seal

    def record(vault, value, *place):
        values.append(value)
        return seal(vault, value, *place)

    monkeypatch.setattr(Vault, "seal", record)
    return values


def encodings(needle):
    """A text as it is, and as base64 at each of its three alignments."""
    yield needle
    for start in range(3):
        text = base64url.encode(bytes(start) + needle)[4:-4]
        if len(text) >= MIN_ENCODED_LENGTH:  # a shorter one may stand anywhere
            yield text.encode()


def find_answers(values):
    return [
        needle
        for needle in NEEDLES
        if any(each in value for each in encodings(needle) for value in values)
    ]


def drive(phone, service, wave):
    """A phone through the life of an answer; yields after each stage."""
    pulse = answer_first_pulse(phone)
    yield
    service.intercept = on_path("/v1/submissions", lose_reply)
    phone.sync()
    yield
    reject = edit_reply(
        lambda reply: reply["results"][0].update(
            status="rejected", reason="ballot_invalid"
        )
    )
    service.intercept = on_path("/v1/submissions", reject)
    phone.sync()
    yield
    service.intercept = no_fault
    phone.offer_again(pulse)
    yield
    phone.sync()
    yield
    phone.withdraw(wave.id)
    phone.sync()
    yield


def test_no_value_and_no_file_ever_holds_an_answer(
    new_phone, service, wave, tmp_path, vault_inputs
):
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()

    for stage, _ in zip(STAGES, drive(phone, service, wave), strict=True):
        assert find_answers(vault_inputs) == [], stage
        files = [path.read_bytes() for path in tmp_path.iterdir()]
        assert find_answers(files) == [], stage
    assert len(vault_inputs) > 20


def open_everything(phone):
    """Every record and item of the file, opened with the device's own key."""
    database = phone._account.namespace.database
    for kind, person, name, value in database.read("SELECT * FROM records"):
        yield database.vault.open(value, kind.encode(), person, name)
    for wave, op, item, settlement in database.read(
        "SELECT wave, op, item, settlement FROM outbox"
    ):
        yield database.vault.open(item, b"outbox item", wave, op.encode())
        if settlement is not None:
            yield database.vault.open(
                settlement, b"outbox settlement", wave, op.encode()
            )


@pytest.mark.parametrize("sent", [False, True])
def test_key_of_the_phone_opens_no_answer(answered_phone, sent):
    if sent:
        answered_phone.sync()

    opened = list(open_everything(answered_phone))

    assert len(opened) > 8
    assert find_answers(opened) == []
    (item,) = (json.loads(each) for each in opened if b'"envelope"' in each)
    assert len(base64url.decode(item["envelope"]["b64"])) == 337


def test_the_form_that_was_shown_is_forgotten_with_the_answer(phone, wave):
    """Few people of a group have the same form, so it would point at their answer."""
    phone.open_pulses()
    assert phone._draws.ballot(wave.id).form == 0

    answer_first_pulse(phone)

    assert phone._draws.ballot(wave.id).form is None


def test_form_stays_if_the_answer_was_not_queued(phone, wave):
    phone.open_pulses()
    database = phone._account.namespace.database
    with database.write() as rows:
        rows.execute(
            "CREATE TRIGGER no_room BEFORE INSERT ON outbox"
            " BEGIN SELECT raise(ABORT, 'no room'); END"
        )

    with pytest.raises(Exception, match="no room"):
        answer_first_pulse(phone)

    assert phone._draws.ballot(wave.id).form == 0


def test_search_detects_a_planted_answer(answered_phone, vault_inputs, tmp_path):
    """A planted fault: a draft in a record, and an answer in the clear."""
    namespace: Namespace = answered_phone._account.namespace
    draft = json.dumps({"answers": {"A0": 4}}, separators=(",", ":")).encode()
    namespace.vault.seal(draft)
    with namespace.write() as rows:
        rows.execute("UPDATE outbox SET item = ?", (b'{"A0":4}',))
    hidden = base64url.encode(b"x" + draft).encode()

    assert find_answers(vault_inputs)
    assert find_answers([path.read_bytes() for path in tmp_path.iterdir()])
    assert find_answers([hidden])


def test_nothing_is_logged_and_no_repr_shows_an_answer(phone, service, caplog):
    caplog.set_level(logging.DEBUG)
    answer_first_pulse(phone)
    phone.sync()

    (entry,) = phone._outbox.entries()
    shown = [repr(entry), repr(entry.frozen), repr(phone.status()), repr(service.log)]
    assert find_answers([text.encode() for text in [*shown, caplog.text]]) == []
    assert base64url.encode(entry.frozen.envelope)[:40] not in " ".join(shown)


def test_deleted_values_are_overwritten_in_the_file(answered_phone, tmp_path):
    (secure,) = answered_phone._account.namespace.database.read("PRAGMA secure_delete")
    value = open_item(tmp_path)
    with answered_phone._account.namespace.database.write() as rows:
        rows.execute("DELETE FROM outbox")
    answered_phone._account.namespace.database.truncate_wal()

    assert secure == (1,)
    assert value[:64] not in (tmp_path / "outbox.db").read_bytes()


def open_item(folder):
    with sqlite3.connect(folder / "outbox.db") as rows:
        ((item,),) = rows.execute("SELECT item FROM outbox")
    return item
