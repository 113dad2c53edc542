"""A copy of the outbox without its key gives nothing away."""

import shutil
import stat

import pytest
from fake_service.documents import TEAM
from fake_service.faults import edit_reply, lose_reply, no_fault, on_path
from fake_service.frozen_items import build_frozen_item
from fake_service.phone import SERVER, Phone, answer_first_pulse
from fake_service.service import CODE

from rapport_client import KeyFile, OutboxDamaged, OutboxLocked
from rapport_client._outbox.keys import Vault
from rapport_client._protocol import base64url

PERSON = "Maria Rodríguez"
REASON = "a-reason-that-is-like-no-other"


@pytest.fixture
def used_phone(new_phone, service, keys):
    """A phone in the middle of its life: something of every kind is on disk."""
    phone = new_phone(person=PERSON)
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone)
    service.add_wave(keys[1], state="announced")
    refuse = edit_reply(
        lambda reply: reply["results"][0].update(status="rejected", reason=REASON)
    )
    service.intercept = lambda request, reply: (
        refuse(request, reply)
        if request.url.endswith("/submissions")
        else on_path("/v1/ballots", lose_reply)(request, reply)
    )
    phone.sync()
    service.intercept = no_fault
    assert len(phone._draws.all_pending()) == 1
    return phone


def list_secrets(phone, service):
    """Every secret that must be in no file, by its kind."""
    (ballot, *_) = phone._draws.ballots()
    (dead, *_) = phone.export_dead()
    account = phone._pollbook._enrolment._load_account()
    return {
        "person": PERSON,
        "code": CODE,
        "code as it is kept": CODE.lower(),
        "access token": account.access_token,
        "refresh token": account.refresh_token,
        "device": service.devices[0],
        "device, raw": base64url.decode(service.devices[0]),
        "wave": ballot.wave_id,
        "group": TEAM,
        "group's name": "North",
        "key": ballot.kid,
        "ballot": dead.ballot,
        "signature": dead.ballot.rpartition(".")[2],
        "R": base64url.encode(ballot.r),
        "R, raw": ballot.r,
        "hash": dead.hash,
        "envelope": dead.envelope,
        "envelope, raw": base64url.decode(dead.envelope),
        "answers": '"A0":4',
        "digest": dead.digest,
        "status": "rejected",
        "reason": REASON,
        "epoch": service.epoch,
        "blinded value": phone._draws.all_pending()[0].blinded,
        "blinding factor": phone._draws.all_pending()[0].factor,
        "salt": phone._draws.all_pending()[0].salt,
        "charter": '"tree"',
        "origin": "rapport.test",
    }


def read_outbox_files(folder):
    """The outbox and all its side files, as they are on disk, without the key."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.name.startswith("outbox.db") and path.suffix != ".key"
    }


def test_no_file_of_the_outbox_holds_a_secret(used_phone, service, tmp_path):
    needles = list_secrets(used_phone, service)
    files = read_outbox_files(tmp_path)

    assert {"outbox.db", "outbox.db-wal"} <= files.keys()
    for what, needle in needles.items():
        raw = needle if isinstance(needle, bytes) else needle.encode()
        assert len(raw) >= 4
        for name, content in files.items():
            assert raw not in content, f"{what} stands in {name}"


def test_search_for_secrets_detects_a_planted_secret(used_phone, tmp_path):
    """A planted fault: a secret that was written in the clear is detected."""
    with used_phone._account.namespace.database.write() as rows:
        rows.execute(
            "UPDATE outbox SET item = ? WHERE seq = 1", (b'{"wave_id":"acme.secret"}',)
        )

    assert any(
        b"acme.secret" in content for content in read_outbox_files(tmp_path).values()
    )


def test_a_copy_without_the_key_is_not_opened(used_phone, service, tmp_path):
    used_phone.close()
    (tmp_path / "stolen").mkdir()
    shutil.copy(tmp_path / "outbox.db", tmp_path / "stolen")

    with pytest.raises(
        OutboxLocked, match=r"key of this outbox, .*outbox.db.key, is missing"
    ):
        Phone(tmp_path / "stolen" / "outbox.db", SERVER, transport=service)

    assert not (tmp_path / "stolen" / "outbox.db.key").exists()


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (base64url.encode(bytes(32)), "not the one of this outbox"),
        (base64url.encode(bytes(31)), "holds no key"),
        ("", "holds no key"),
        ("ü", "cannot read the key"),
    ],
)
def test_a_wrong_key_opens_nothing_and_changes_nothing(
    used_phone, service, tmp_path, key, message
):
    used_phone.close()
    (tmp_path / "outbox.db.key").write_text(key, "utf-8")
    before = read_outbox_files(tmp_path)

    with pytest.raises(OutboxLocked, match=message):
        Phone(tmp_path / "outbox.db", SERVER, transport=service)

    assert read_outbox_files(tmp_path)["outbox.db"] == before["outbox.db"]
    assert (tmp_path / "outbox.db.key").read_text("utf-8") == key


@pytest.mark.usefixtures("used_phone")
def test_the_key_is_its_owners_alone_and_stays_so(new_phone, tmp_path):
    key = tmp_path / "outbox.db.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o644)

    new_phone()

    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_key_may_be_somewhere_else(new_phone, tmp_path):
    (tmp_path / "safe").mkdir()
    new_phone(key=tmp_path / "safe" / "key")

    assert (tmp_path / "safe" / "key").exists()
    assert not (tmp_path / "outbox.db.key").exists()
    assert new_phone(key=str(tmp_path / "safe" / "key")).status().queued == 0


def test_a_key_that_was_half_written_is_made_anew(new_phone, tmp_path):
    (tmp_path / "outbox.db.key.new").write_text("half a k")

    new_phone()

    assert len(KeyFile(tmp_path / "outbox.db.key").load()) == 32
    assert not (tmp_path / "outbox.db.key.new").exists()


def test_a_key_without_its_outbox_serves_the_next_one(new_phone, tmp_path):
    """A crash between the two leaves a key that nothing was sealed with."""
    key = KeyFile(tmp_path / "outbox.db.key").create()

    phone = new_phone()

    assert KeyFile(tmp_path / "outbox.db.key").load() == key
    assert phone.status().queued == 0


def test_key_that_cannot_be_written_is_reported(new_phone, tmp_path):
    with pytest.raises(OutboxLocked, match="cannot write the key"):
        new_phone(key=tmp_path / "no such folder" / "key")


# One value and its place.


@pytest.fixture
def vault():
    return Vault(bytes(32))


def test_a_value_opens_in_its_own_place_alone(vault):
    sealed = vault.seal(b"four", b"row", b"column")

    assert vault.open(sealed, b"row", b"column") == b"four"
    for place in ((b"row", b"colum"), (b"rowc", b"olumn"), (b"row",), ()):
        with pytest.raises(OutboxDamaged):
            vault.open(sealed, *place)


def test_no_bit_of_a_value_can_be_changed(vault):
    sealed = vault.seal(b"four", b"place")
    for byte in range(len(sealed)):
        changed = bytearray(sealed)
        changed[byte] ^= 1
        with pytest.raises(OutboxDamaged):
            vault.open(bytes(changed), b"place")


@pytest.mark.parametrize("cut", [0, 1, 12, 27, 28])
def test_a_value_that_was_cut_off_does_not_open(vault, cut):
    with pytest.raises(OutboxDamaged):
        vault.open(vault.seal(b"four", b"place")[:cut], b"place")


def test_the_same_value_is_never_sealed_alike(vault):
    assert vault.seal(b"four") != vault.seal(b"four")


def test_the_length_of_what_is_sealed_does_not_tell_an_answer(vault):
    short, long = b'{"A0":4,"T1":4}', b'{"A0":"skip","T1":"na"}'

    assert len(vault.seal(short)) == len(vault.seal(long))


def test_names_depend_on_every_word_and_on_the_key(vault):
    names = {
        vault.name("a", "b"),
        vault.name("ab"),
        vault.name("a", "", "b"),
        Vault(bytes([1]) * 32).name("a", "b"),
    }

    assert len(names) == 4
    assert vault.name("a", "b") in names


def test_an_answer_cannot_be_put_under_another_wave(new_phone):
    """An attacker who can write the file but has no key cannot swap its items."""
    phone = new_phone()
    phone._outbox.add(build_frozen_item("acme.one"))
    phone._outbox.add(build_frozen_item("acme.two"))
    with phone._account.namespace.database.write() as rows:
        (first, second) = (
            item for (item,) in rows.execute("SELECT item FROM outbox ORDER BY seq")
        )
        rows.execute("UPDATE outbox SET item = ? WHERE seq = 1", (second,))
        rows.execute("UPDATE outbox SET item = ? WHERE seq = 2", (first,))

    items = [(item.state, item.reason) for item in phone.status().items]
    assert items == [("dead", "unreadable")] * 2


def test_an_answer_cannot_be_put_under_another_person(new_phone):
    phone, other = new_phone(person="ana"), new_phone(person="ben")
    phone._outbox.add(build_frozen_item("acme.one"))
    with phone._account.namespace.database.write() as rows:
        rows.execute("UPDATE outbox SET person = ?", (other._account.namespace.key,))

    assert phone.status().items == ()
    (item,) = other.status().items
    assert (item.wave_id, item.reason) == ("(unreadable)", "unreadable")
    assert other.export_dead()[0].envelope is None


def test_a_record_cannot_be_put_under_another_person(new_phone):
    phone = new_phone(person="ana")
    phone.enrol(CODE)
    other = new_phone(person="ben")
    with other._account.namespace.write() as rows:
        rows.execute(
            "INSERT INTO records SELECT kind, ?, ?, value FROM records"
            " WHERE kind = 'account'",
            (other._account.namespace.key, other._account.namespace.name()),
        )

    with pytest.raises(OutboxDamaged):
        other._pollbook._enrolment.refresh_token()
    assert other._pollbook._enrolment.access_token(0) is None
