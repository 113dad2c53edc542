"""No draw after the close, no key after it either, no trace after the seal's date."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from sqlalchemy import text

from rapport_schemas.enums import PendingDelay, WaveState
from rapport_service.blindsign.keys import decrypt, key_id
from rapport_service.charter.clock_leap import TickTimes
from rapport_service.core.db import Door, db, transaction
from rapport_service.lifecycle.organization import advance_organization
from rapport_service.pollbook.models import Draw, Elector, PrivateKey
from rapport_service.registry.models import BallotKey
from rapport_service.waves.transitions import cancel_wave
from tests.pollbook.poll_book_requests import SEVEN
from tests.support.audit import TEST_ACTOR
from tests.support.ballots import kid_of
from tests.support.rows import rows_of

EIGHT = (8).to_bytes(256)


@pytest.fixture
def agency(service):
    return service.agency({"a": 8, "b": 9})


@pytest.fixture
def kid(agency, wave):
    return kid_of(agency, wave, "a")


def later(agency, person, **by):
    """A person's phone, some time later."""
    agency.service.clock.advance(**by)
    return agency.phone(person)


def test_the_draw_is_open_from_the_announcement_on_until_the_close_by_the_clock(
    agency, wave, kid
):
    announced = agency.phone("a-1").ask(wave, kid, SEVEN)
    agency.tick(days=2)
    opened = agency.phone("a-2").ask(wave, kid, SEVEN)
    last = later(agency, "a-3", days=6, seconds=-1).ask(wave, kid, SEVEN)
    closed = later(agency, "a-4", seconds=1).ask(wave, kid, SEVEN)  # and no tick ran

    assert agency.wave(wave).state is WaveState.OPEN
    assert [r["status"] for r in (announced, opened, last)] == ["signed"] * 3
    assert closed == {"wave_id": wave, "status": "not_drawable", "signature": None}
    assert len(rows_of(Draw, agency)) == 3


def test_a_closed_wave_is_synced_no_more(agency, wave):
    phone = agency.phone("a-1")
    before = [synced["state"] for synced in phone.sync()["waves"]]
    agency.tick(days=2)
    opened = [synced["state"] for synced in agency.phone("a-1").sync()["waves"]]

    agency.tick(days=7)

    assert agency.wave(wave).state is WaveState.CLOSED
    assert (before, opened) == (["announced"], ["open"])
    assert agency.phone("a-1").sync()["waves"] == []


def test_a_lost_reply_is_repeated_until_the_seal_and_not_after(agency, wave, kid):
    first = agency.phone("a-1").ask(wave, kid, SEVEN)
    by_the_clock = later(agency, "a-1", days=9).ask(wave, kid, SEVEN)
    agency.tick()
    agency.tick()
    closed = agency.phone("a-1").ask(wave, kid, SEVEN)
    other = agency.phone("a-1").ask(wave, kid, EIGHT)
    agency.tick(days=7)
    sealed = agency.phone("a-1").ask(wave, kid, SEVEN)

    assert agency.wave(wave).state is WaveState.SEALED
    assert first == by_the_clock == closed
    assert first["status"] == "signed"
    assert other["status"] == "already_drawn"
    assert sealed["status"] == "not_drawable"
    assert sealed["signature"] is None


def test_draws_and_keys_of_electors_are_forgotten_at_the_seal(agency, wave, kid):
    agency.phone("a-1").ask(wave, kid, SEVEN)
    before = {row.kid for row in rows_of(Elector, agency)}

    agency.seal()

    assert agency.wave(wave).state is WaveState.SEALED
    assert kid in before
    assert rows_of(Draw, agency) == []
    assert {row.kid for row in rows_of(Elector, agency)} == {None}


def test_draws_are_forgotten_on_the_date_of_the_seal_also_if_that_is_delayed(
    agency, wave, kid
):
    agency.phone("a-1").ask(wave, kid, SEVEN)
    for key in agency.service.sealing_folder.glob("*.pem"):
        key.unlink()
    agency.tick(days=2)
    agency.tick(days=7)
    agency.tick(days=5, hours=23)
    drawn = len(rows_of(Draw, agency))

    agency.tick(hours=1)

    held = agency.wave(wave)
    assert (held.state, held.sealing_delay) == (
        WaveState.CLOSED,
        PendingDelay.SEALING_KEY_MISSING,
    )
    assert drawn == 1
    assert rows_of(Draw, agency) == []
    assert {row.kid for row in rows_of(Elector, agency)} == {None}


def test_nothing_is_forgotten_while_the_clock_is_not_confirmed(agency, wave, kid):
    agency.phone("a-1").ask(wave, kid, SEVEN)
    agency.tick(days=2)
    agency.tick(days=7)
    before = agency.service.clock()
    leapt = before + timedelta(days=400)

    advance_organization(
        agency.service.dependencies, agency.id, TickTimes(before, leapt), leapt
    )

    assert agency.wave(wave).state is WaveState.CLOSED
    assert len(rows_of(Draw, agency)) == 1
    assert {row.kid for row in rows_of(Elector, agency)} > {kid}


def test_a_first_draw_after_the_seal_is_too_late(agency, wave, kid):
    agency.seal()

    assert agency.phone("a-1").ask(wave, kid, SEVEN)["status"] == "not_drawable"
    assert rows_of(Draw, agency) == []


def test_private_keys_are_there_while_ballots_are_drawn_and_destroyed_at_the_close(
    agency, wave
):
    drawable = {row.kid for row in rows_of(PrivateKey, agency)}
    agency.tick(days=7, hours=23)
    open_still = {row.kid for row in rows_of(PrivateKey, agency)}
    agency.tick(hours=1)

    assert agency.wave(wave).state is WaveState.CLOSED
    public = {row.kid for row in rows_of(BallotKey, agency)}
    assert len(public) == 2
    assert drawable == open_still == public
    assert rows_of(PrivateKey, agency) == []


def test_a_destroyed_key_is_gone_from_the_disk_as_well(agency, wave):
    keys = [row.encrypted for row in rows_of(PrivateKey, agency)]
    before = [is_on_disk(key) for key in keys]

    agency.tick(days=1)
    agency.tick(days=7)

    assert agency.wave(wave).state is WaveState.CLOSED
    assert before == [True, True]  # or the search would find nothing at all
    assert [is_on_disk(key) for key in keys] == [False, False]


def is_on_disk(key):
    """Whether a file that holds private keys has a piece of this one."""
    if db.engine.dialect.name == "sqlite":
        path = Path(db.engine.url.database)
        files = [path, path.with_name(f"{path.name}-wal")]
    else:
        with db.engine.connect() as raw:
            raw.exec_driver_sql("CHECKPOINT")
            folder = raw.scalar(text("SHOW data_directory"))
            table = raw.scalar(text("SELECT pg_relation_filepath('private_keys')"))
        files = [Path(folder, table)]
    pieces = [key[at : at + 48] for at in range(0, len(key) - 48, 48)]
    return any(piece in file.read_bytes() for file in files for piece in pieces)


def test_private_keys_rest_encrypted_each_under_its_own_name(agency, wave, ballot_keys):
    secret = agency.service.dependencies.keyring.ballots
    known = {key_id(agency.id, key.public_key()): key for key in ballot_keys}
    rows = rows_of(PrivateKey, agency)

    assert rows[0].wave_id == agency.wave(wave).wave_id
    for row, other in zip(rows, reversed(rows), strict=True):
        key = known[row.kid]
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        stored = decrypt(row.encrypted, row.kid, secret)
        assert stored.private_numbers() == key.private_numbers()
        assert not any(
            der[at : at + 16] in row.encrypted for at in range(len(der) - 16)
        )
        with pytest.raises(InvalidTag):
            decrypt(row.encrypted, other.kid, secret)
        with pytest.raises(InvalidTag):
            decrypt(row.encrypted, row.kid, agency.service.dependencies.keyring.codes)


def test_a_cancelled_wave_is_drawn_no_more_and_its_keys_and_signatures_go(
    agency, wave, kid
):
    agency.phone("a-1").ask(wave, kid, SEVEN)
    with transaction(Door.SEAL) as session:
        cancel_wave(
            session, agency.wave(wave), "a mistake", TEST_ACTOR, agency.service.clock()
        )

    at_once = agency.phone("a-2").ask(wave, kid, SEVEN)
    agency.tick()

    assert at_once["status"] == "not_drawable"
    assert agency.phone("a-2").ask(wave, kid, SEVEN)["status"] == "not_drawable"
    assert agency.phone("a-1").ask(wave, kid, SEVEN)["status"] == "not_drawable"
    assert rows_of(Draw, agency) == []
    assert rows_of(PrivateKey, agency) == []
    waves = agency.phone("a-2").sync()["waves"]
    assert [(synced["state"], synced["reason"]) for synced in waves] == [
        ("cancelled", "a mistake")
    ]
