"""A sealing job that dies or loses its folder, and the next one that goes on."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from rapport_schemas.enums import WaveState
from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.registry.models import Release, Score
from rapport_service.registry.sealing import key_name
from tests.support.gunicorn import environment
from tests.support.kill_points import Killed, kill_before_write
from tests.support.lifecycle import advance_past_close
from tests.support.rows import rows_of
from tests.support.submissions import identical_contents, submit_contents

PEOPLE = 7

KILL_SIGKILL = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from rapport_service.app import create_app
from rapport_service.core.dependencies import dependencies
from rapport_service.core.settings import Settings
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.releases import seal

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(seal, sys.argv[1], die)
url, folder, now, organization_id = sys.argv[2:]
settings = Settings(bytes(32), url, (Path(folder),))
app = create_app(settings, clock=lambda: datetime.fromisoformat(now))
with app.app_context():
    run_sealing_job(dependencies(), organization_id=organization_id)
"""


@pytest.fixture
def agency(service):
    return service.agency({"a": 8, "b": 8})


def run_job(agency):
    return run_sealing_job(agency.service.dependencies, organization_id=agency.id)


def ready_to_seal(agency, ballot_factory):
    """A closed wave whose seal is due."""
    wave = agency.announce()
    sent = {"a": identical_contents(PEOPLE), "b": identical_contents(3)}
    submit_contents(ballot_factory, agency, wave, sent)
    advance_past_close(agency)
    agency.service.clock.advance(days=7)
    return wave


def assert_sealed_once(agency, wave):
    assert agency.wave(wave).state == WaveState.SEALED
    assert rows_of(Submission, agency) == []
    assert len(rows_of(Answer, agency)) == PEOPLE + 3
    assert len(rows_of(SpentBallot, agency)) == PEOPLE + 3
    assert len(rows_of(Release, agency)) == 1
    folder = agency.service.sealing_folder
    assert not (folder / f"{key_name(agency.wave(wave))}.pem").exists()
    assert (folder / f"{wave}.release").exists()


def seal_writes(service, ballot_factory):
    """How often a run that seals one wave writes."""
    agency = service.agency({"a": 8, "b": 8})
    ready_to_seal(agency, ballot_factory)
    with kill_before_write(None) as points:
        assert run_job(agency)
    return points.count


def test_a_job_that_dies_before_any_write_of_a_seal_is_continued(
    service, ballot_factory
):
    writes = seal_writes(service, ballot_factory)
    assert writes >= 7  # begin; file, its bytes, its folder; seal; unlink, its folder

    for at in range(writes):
        service.clock.reset()
        agency = service.agency({"a": 8, "b": 8})
        wave = ready_to_seal(agency, ballot_factory)
        with suppress(Killed), kill_before_write(at):
            run_job(agency)
        documents = {row.team_id: row.document for row in rows_of(Score, agency)}

        assert run_job(agency)
        assert run_job(agency)

        assert_sealed_once(agency, wave)
        for row in rows_of(Score, agency):
            assert documents.get(row.team_id, row.document) == row.document


def test_a_job_that_dies_before_any_write_of_a_key_is_continued(service):
    with kill_before_write(None) as points:
        agency = service.agency({"a": 8})
        before = points.count
        agency.plan()
        planned = points.count
        assert run_job(agency)
        writes = points.count - planned
    assert writes >= 4  # file, its bytes, its folder; the public half
    assert before

    for at in range(writes):
        agency = service.agency({"a": 8})
        wave = agency.plan()
        with suppress(Killed), kill_before_write(at):
            run_job(agency)

        assert run_job(agency)
        agency.tick()

        assert agency.wave(wave).state == WaveState.ANNOUNCED
        name = key_name(agency.wave(wave))
        assert (service.sealing_folder / f"{name}.pem").exists()


def test_a_killed_process_of_the_job_is_continued_by_the_next_one(
    agency, ballot_factory, database_url
):
    for step in ("write_seal", "insert_release"):
        agency.service.clock.reset()
        wave = ready_to_seal(agency, ballot_factory)
        done = subprocess.run(
            [
                *(sys.executable, "-c", KILL_SIGKILL, step, database_url),
                str(agency.service.sealing_folder),
                agency.service.clock().isoformat(),
                agency.id,
            ],
            env=environment(database_url),
            check=False,
        )
        assert done.returncode == -signal.SIGKILL
        assert agency.wave(wave).state == WaveState.SEALING

        assert run_job(agency)

        assert agency.wave(wave).state == WaveState.SEALED
        agency = agency.service.agency({"a": 8, "b": 8})


@pytest.mark.parametrize("is_written", [False, True], ids=["before", "after"])
def test_a_folder_that_goes_away_at_the_write_of_a_release_holds_the_seal_up(
    service, ballot_factory, monkeypatch, caplog, is_written
):
    agency = service.agency({"a": 8, "b": 8})
    wave = ready_to_seal(agency, ballot_factory)
    folder, away = service.sealing_folder, service.sealing_folder.with_name("away")
    original_open, original_fsync = os.open, os.fsync

    def open_file(path, flags, *args, **options):
        if flags & os.O_EXCL and str(path).endswith(".release") and not is_written:
            folder.rename(away)
        return original_open(path, flags, *args, **options)

    def fsync(descriptor):
        original_fsync(descriptor)
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path == folder and (folder / f"{wave}.release").exists():
            folder.rename(away)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", open_file)
        patch.setattr(os, "fsync", fsync)
        assert not run_job(agency)

    assert agency.wave(wave).state == WaveState.SEALING
    assert rows_of(Release, agency) == []
    logged = [each for each in caplog.records if each.msg == "sealing folder went away"]
    assert [(each.levelname, each.folder) for each in logged] == [
        ("WARNING", str(folder))
    ]
    away.rename(folder)
    assert run_job(agency)
    assert_sealed_once(agency, wave)
