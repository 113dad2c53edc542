"""One tick: a failure stops nothing else; destroyed rows leave the disk as well."""

from contextlib import contextmanager
from functools import partial

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.cli.tick import tick
from rapport_service.core import db as database_module
from rapport_service.core import vacuum as vacuum_module
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.vacuum import VacuumBlockedError, vacuum
from rapport_service.encoding import base64url
from rapport_service.lifecycle.organization import advance_all
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES
from rapport_service.registry.models import Charter
from rapport_service.registry.queries import lock_wave
from tests.support.concurrency import open_transaction
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import advance_past_close, cancel_wave
from tests.support.rows import find_on_disk, rows_of


@pytest.fixture
def agency(service):
    return service.agency({"a": 8})


@pytest.fixture
def wave(agency):
    return agency.announce()


@pytest.fixture
def frozen(agency, wave, ballot_factory):
    """The envelope of a submission, stored before the last vacuum."""
    (ballot,) = ballot_factory.ballots(agency, wave, "a", 1)
    submitted = item(ballot, content())
    submit(agency.service.http, submitted)
    advance_all(agency.service.dependencies, confirm_clock=True)
    return base64url.decode(submitted["envelope"])


@pytest.fixture
def backup(monkeypatch):
    """A slow reader of the whole database, as a backup is."""
    monkeypatch.setattr(vacuum_module, "VACUUM_TIMEOUT_SECONDS", 1)
    with Session(db.engine) as session:
        session.execute(text("SELECT count(*) FROM submissions"))
        yield session


def traces(frozen):
    return {frozen[:24], frozen[-24:]}


def set_charter(wave, document):
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.execute(
            update(Charter)
            .where(Charter.wave_id == wave.wave_id)
            .values(document=document)
        )


@contextmanager
def unreadable(agency, wave):
    """Makes the charter unreadable for a while, so that each seal of the wave fails."""
    (charter,) = (
        row for row in rows_of(Charter, agency) if row.wave_id == wave.wave_id
    )
    set_charter(wave, b"")
    yield
    set_charter(wave, charter.document)


def test_a_wave_that_fails_stops_no_other_wave_and_is_reported(service, agency):
    first = agency.announce()
    service.clock.advance(minutes=1)
    second = agency.announce(opens_in=8, grace=0.5)
    advance_past_close(agency)
    service.clock.advance(days=7)

    with unreadable(agency, agency.wave(first)):
        done = CliRunner().invoke(tick, ["--confirm-clock"])

    assert agency.wave(first).state == WaveState.SEALING
    assert agency.wave(second).state == WaveState.SEALED
    assert done.exit_code == 1
    assert CliRunner().invoke(tick, ["--confirm-clock"]).exit_code == 0
    assert agency.wave(first).state == WaveState.SEALED


def test_a_cancelled_waves_answers_leave_the_disk_with_the_next_tick(
    service, agency, wave, frozen
):
    before = find_on_disk(traces(frozen))

    cancel_wave(agency, wave)
    advance_all(service.dependencies, confirm_clock=True)

    assert before
    assert find_on_disk(traces(frozen)) == set()


def test_answers_leave_the_disk_with_the_tick_that_follows_the_seal(
    service, agency, wave, frozen
):
    advance_past_close(agency)
    service.clock.advance(days=7)
    before = find_on_disk(traces(frozen))

    assert CliRunner().invoke(tick, ["--confirm-clock"]).exit_code == 0

    assert agency.wave(wave).state == WaveState.SEALED
    assert before
    assert find_on_disk(traces(frozen)) == set()


def test_a_backup_under_way_blocks_no_request_and_the_vacuum_is_made_up_for(
    service, agency, wave, frozen, backup
):
    cancel_wave(agency, wave)

    while_it_reads = advance_all(service.dependencies, confirm_clock=True)
    with pytest.raises(VacuumBlockedError):
        vacuum(ORDER_SENSITIVE_TABLES)
    with service.app.app_context(), transaction(Door.BALLOT_BOX) as session:
        session.execute(text("SELECT count(kid) FROM submissions"))
    backup.close()
    service.clock.advance(minutes=2)
    advance_all(service.dependencies, confirm_clock=True)

    assert while_it_reads
    assert find_on_disk(traces(frozen)) == set()


@pytest.mark.postgresql  # SQLite has one writer: the whole tick waits for its turn
def test_tick_that_meets_another_one_at_a_wave_has_not_failed(
    service, monkeypatch, caplog
):
    monkeypatch.setattr(database_module, "LOCK_TIMEOUT_SECONDS", 0.1)
    agency = service.agency({"a": 8})
    wave = agency.announce()
    service.clock.advance(days=1)
    doing = partial(
        lock_wave, organization_id=agency.id, wave_id=agency.wave(wave).wave_id
    )

    with open_transaction(service, Door.SEAL, doing):
        went_well = advance_all(service.dependencies, confirm_clock=True)
    events = {record.message for record in caplog.records}

    assert went_well
    assert "tick met another one" in events
    assert "tick failed" not in events
    assert agency.wave(wave).state == WaveState.ANNOUNCED
    assert advance_all(service.dependencies, confirm_clock=True)
    assert agency.wave(wave).state == WaveState.OPEN
