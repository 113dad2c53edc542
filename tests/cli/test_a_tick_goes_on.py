"""``rapport tick``: a failure stops nothing else; what is destroyed leaves the disk."""

import json
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from rapport_service import tidying
from rapport_service.cli.custody import held
from rapport_service.cli.tick import ORDER_TELLS, run, tick
from rapport_service.db import Door, db, transaction
from rapport_service.record.models import Charter, WaveState
from rapport_service.tidying import HinderedError, tidy
from tests.cli.commands import run as command
from tests.disk import found
from tests.phone import content, item, submit
from tests.sealing import cancel, pass_the_close
from tests.stored import rows_of


@pytest.fixture
def agency(house):
    return house.agency({"a": 8})


@pytest.fixture
def wave(agency):
    return agency.announce()


@pytest.fixture
def frozen(agency, wave, press):
    """What somebody said, before the last tidying."""
    (ballot,) = press.ballots(agency, wave, "a", 1)
    said = content()
    submit(agency.house.http, item(ballot, said))
    run(agency.house.wiring)
    return said


@pytest.fixture
def backup(monkeypatch):
    """Somebody else who reads the whole database, and takes their time."""
    monkeypatch.setattr(tidying, "TIDY_SECONDS", 1)
    with Session(db.engine) as session:
        session.execute(text("SELECT count(*) FROM submissions"))
        yield session


def nonce(frozen):
    return {json.loads(frozen)["nonce"].encode()[:11]}


def set_charter(wave, document):
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            update(Charter)
            .where(Charter.wave_id == wave.wave_id)
            .values(document=document)
        )


@contextmanager
def unreadable(agency, wave):
    """The charter cannot be read for a while, so the wave's seal fails each time."""
    (charter,) = (
        row for row in rows_of(Charter, agency) if row.wave_id == wave.wave_id
    )
    set_charter(wave, b"")
    yield
    set_charter(wave, charter.document)


def test_a_wave_that_fails_stops_no_other_wave_and_is_told(house, agency):
    first = agency.announce()
    house.clock.turn(minutes=1)
    second = agency.announce()
    pass_the_close(agency)
    house.clock.turn(days=7)

    with unreadable(agency, agency.wave(first)):
        done = CliRunner().invoke(tick)

    assert agency.wave(first).state == WaveState.SEALING
    assert agency.wave(second).state == WaveState.SEALED
    assert done.exit_code == 1
    assert CliRunner().invoke(tick).exit_code == 0
    assert agency.wave(first).state == WaveState.SEALED


def test_what_a_cancelled_wave_was_told_is_off_the_disk_with_the_next_tick(
    house, agency, wave, frozen
):
    before = found(nonce(frozen))

    cancel(agency, wave)
    run(house.wiring)

    assert before
    assert found(nonce(frozen)) == set()


def test_what_a_retired_wave_was_told_goes_with_the_tick_that_retires_it(
    house, agency, wave, press
):
    agency.seal()
    (late,) = press.ballots(agency, wave, "a", 1)
    frozen = content()
    submit(house.http, item(late, frozen))
    retires = agency.wave(wave).retires_at - house.clock()
    house.clock.turn(seconds=retires.total_seconds() - 1)
    run(house.wiring)
    before = found(nonce(frozen))

    house.clock.turn(seconds=1)
    run(house.wiring)

    assert before
    assert found(nonce(frozen)) == set()


def test_a_backup_under_way_keeps_nobody_waiting_and_tidying_is_made_up_for(
    house, agency, wave, frozen, backup
):
    cancel(agency, wave)

    while_it_reads = run(house.wiring)
    with pytest.raises(HinderedError):
        tidy(ORDER_TELLS)
    with house.app.app_context(), transaction(Door.BALLOT_BOX) as session:
        session.execute(text("SELECT count(kid) FROM submissions"))
    backup.close()
    house.clock.turn(minutes=2)
    run(house.wiring)

    assert while_it_reads
    assert found(nonce(frozen)) == set()


def test_discarding_beside_a_backup_is_done_and_the_disk_follows(
    house, agency, wave, press, backup
):
    (ballot,) = press.ballots(agency, wave, "a", 1)
    frozen = content(value=6)
    submit(house.http, item(ballot, frozen))

    said = command(held, "discard", agency.id, wave)
    backup.close()
    house.clock.turn(minutes=2)
    run(house.wiring)

    assert said == ""
    assert found(nonce(frozen)) == set()
