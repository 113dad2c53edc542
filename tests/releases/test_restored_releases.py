"""A database restored to a day before a release that is out."""

import itertools
import shutil
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from rapport_schemas.enums import PendingDelay, WaveState
from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.core.db import Door, transaction
from rapport_service.core.vacuum import vacuum
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES
from rapport_service.registry.models import Release, Reliability, Score
from rapport_service.registry.sealing import key_name
from rapport_service.waves.after_restore import renew_epoch
from tests.support.audit import TEST_ACTOR
from tests.support.http_phone import content, item, submit
from tests.support.rows import rows_of
from tests.support.service import Agency, start_service
from tests.support.submissions import identical_contents, submit_contents

NUMBERS = itertools.count(1)


@pytest.fixture
def databases(engine_name, request, tmp_path):
    """Makes a database, empty or as another one is now."""

    def make(original=None):
        name = f"restored{next(NUMBERS)}"
        if engine_name == "postgresql":
            server = request.getfixturevalue("postgresql")
            template = original and make_url(original).database
            return server.create_database(name, template)
        path = tmp_path / "database" / f"{name}.db"
        path.parent.mkdir(exist_ok=True)
        if original is not None:
            shutil.copy(original.removeprefix("sqlite:///"), path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def running(ballot_keys):
    """Runs the service on a database, with the sealing folder that stays."""

    @contextmanager
    def run(url, folder):
        with start_service(url, ballot_keys, sealing_folder=folder) as service:
            yield service

    return run


def published(agency):
    """Documents that readers were shown, and figures that later waves build on."""
    scores = {
        row.team_id: (row.document, row.digest, row.status, row.figures)
        for row in rows_of(Score, agency)
    }
    (release,) = rows_of(Release, agency)
    reports = [row.document for row in rows_of(Reliability, agency)]
    spent = {
        (row.ballot_hash, row.digest, row.status)
        for row in rows_of(SpentBallot, agency)
    }
    figures = release.figures, release.counted_ballots_digest, release.invalid_band
    return scores, figures, reports, spent


@pytest.mark.parametrize("days", [2, 7], ids=["open", "closed"])
def test_the_same_bytes_come_again_and_nothing_is_sealed_twice(
    databases, running, ballot_factory, tmp_path, days
):
    folder, url = tmp_path / "sealing-keys", databases()
    with running(url, folder) as service:
        agency = service.agency({"a": 12, "b": 12})
        wave = agency.announce()
        agency.tick(days=2)
        if days == 7:
            agency.tick(days=7)
        sent = {"a": identical_contents(7), "b": identical_contents(6)}
        submit_contents(ballot_factory, agency, wave, sent)
        vacuum(ORDER_SENSITIVE_TABLES)  # so that a copy of the file is whole
        now = service.clock.now
    copy = databases(url)
    with running(url, folder) as service:
        service.clock.now = now
        original = Agency(service, agency.id)
        (late,) = ballot_factory.ballots(original, wave, "a", 1)
        submit(service.http, item(late, content()))  # the copy does not have it
        original.tick(days=7)
        original.tick(days=7)
        before = published(original)
        name = key_name(original.wave(wave))
        later = service.clock.now
    assert not (folder / f"{name}.pem").exists()

    with running(copy, folder) as service:
        service.clock.now = later - timedelta(days=days)
        restored = Agency(service, agency.id)
        with transaction(Door.SEAL) as session:
            renew_epoch(session, TEST_ACTOR, service.clock())
        assert run_sealing_job(service.dependencies)

        assert published(restored) == before
        assert restored.wave(wave).state == WaveState.SEALED
        assert rows_of(Submission, restored) == []
        assert rows_of(Answer, restored) == []
        results = submit(service.http, item(late, content()))
        assert results[0]["reason"] == "envelope_conflict"
        assert run_sealing_job(service.dependencies)
        assert published(restored) == before


@pytest.mark.sqlite  # there is no default on PostgreSQL
@pytest.mark.usefixtures("engine_name")
def test_a_lost_sealing_folder_is_reported_and_not_replaced(
    running, tmp_path, monkeypatch
):
    """The default folder is made with the first key of a database, and never again."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "database").mkdir()
    url = f"sqlite:///{tmp_path}/database/rapport.db"
    with running(url, tmp_path / "unused") as service:
        deps = replace(service.dependencies, sealing_folders=())
        agency = service.agency({"a": 8})
        agency.plan()
        assert run_sealing_job(deps)
        (folder,) = Path(tmp_path, "home").rglob("sealing-keys")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(list(folder.glob("*.pem"))) == 1

        shutil.rmtree(folder)
        service.agency({"b": 8}).plan()

        assert not run_sealing_job(deps)
        assert not folder.exists()


def test_a_copy_of_the_database_takes_over_no_release_that_lacks_its_ballots(
    databases, running, ballot_factory, tmp_path
):
    """Two copies went on from one day: the release of one lacks some of the other."""
    folder, url = tmp_path / "sealing-keys", databases()
    with running(url, folder) as service:
        agency = service.agency({"a": 12})
        wave = agency.announce()
        agency.tick(days=2)
        late, early = ballot_factory.ballots(agency, wave, "a", 2)
        vacuum(ORDER_SENSITIVE_TABLES)
        now = service.clock.now
    copy = databases(url)
    with running(url, folder) as service:
        service.clock.now = now
        original = Agency(service, agency.id)
        submit(service.http, item(early, content()))
        original.tick(days=7)
        original.tick(days=7)
        assert original.wave(wave).state == WaveState.SEALED
        later = service.clock.now

    with running(copy, folder) as service:
        service.clock.now = now
        restored = Agency(service, agency.id)
        with transaction(Door.SEAL) as session:
            renew_epoch(session, TEST_ACTOR, service.clock())
        submit(service.http, item(late, content()))
        service.clock.now = later

        assert not run_sealing_job(service.dependencies)

        stored = restored.wave(wave)
        assert stored.sealing_delay == PendingDelay.SEAL_BLOCKED
        assert len(rows_of(Submission, restored)) == 1
        assert rows_of(Release, restored) == []
