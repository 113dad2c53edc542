"""The sealing job: what it opens, what it leaves behind, what holds it up."""

from dataclasses import replace
from functools import partial
from threading import Event
from uuid import UUID

import pytest

from rapport_schemas.enums import PendingDelay, WaveState
from rapport_service.agency.models import AuditEntry
from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.cli.waves import seal_wave
from rapport_service.core.db import Door, read_transaction
from rapport_service.encoding import base64url
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.lifecycle.sealing_site import mark_folders
from rapport_service.registry.models import Charter, Release
from rapport_service.registry.sealing import key_name
from rapport_service.releases import publish
from rapport_service.releases.opening import SealedEnvelope, WaveOpener, open_with
from rapport_service.releases.sealing_keys import SealingFolder, SealingFolders
from tests.cli.command_runner import run_command
from tests.support.concurrency import TIMEOUT_SECONDS, run_concurrently
from tests.support.http_phone import (
    content,
    invalid_content,
    item,
    submit,
    unopenable_content,
    withdrawal,
)
from tests.support.lifecycle import advance_past_close, begin_sealing, cancel_wave
from tests.support.rows import rows_of
from tests.support.submissions import identical_contents, submit_contents


@pytest.fixture
def agency(service):
    """Two teams of twelve: both can be released."""
    return service.agency(
        {"a": 12, "b": 12}, supervises={"director": ["agency"]}, min_pool=6
    )


def key_file(agency, wave):
    return agency.service.sealing_folder / f"{key_name(agency.wave(wave))}.pem"


def release_file(agency, wave):
    return agency.service.sealing_folder / f"{wave}.release"


def atoms(agency):
    """The teams that answers lie under, by the agency's own names."""
    names = {agency.team_id(name): name for name in ("agency", "a", "b")}
    return sorted(names[row.team_id] for row in rows_of(Answer, agency))


def test_no_wave_is_announced_before_its_sealing_key_lies_in_the_folder(
    agency, service
):
    wave = agency.announce()

    folder = SealingFolders((SealingFolder(service.sealing_folder),), is_complete=True)
    stored = agency.wave(wave)
    assert folder.load_key(key_name(stored)) is not None
    charter = service.http.get(f"/v1/waves/{wave}/charter").get_json()
    assert list(charter["sealing_key"]) == ["kty", "crv", "x", "y"]
    assert charter["sealing_key"]["crv"] == "P-256"
    assert key_file(agency, wave).stat().st_mode & 0o777 == 0o600


def test_each_wave_has_a_key_of_its_own(agency):
    keys = set()
    for _ in range(3):
        keys.add(agency.wave(agency.announce()).sealing_key)
        agency.service.clock.advance(days=10)

    assert len(keys) == 3
    assert None not in keys


def test_answers_lie_under_the_nearest_released_team_and_ballots_under_no_key(
    agency, wave, ballot_factory
):
    sent = {"a": identical_contents(9), "b": identical_contents(3)}
    submit_contents(ballot_factory, agency, wave, sent)
    (gone,) = ballot_factory.ballots(agency, wave, "b", 1)
    submit(agency.service.http, withdrawal(gone))

    agency.seal()

    # Nine and three: team b is hidden, so both teams' people are one atom.
    assert atoms(agency) == ["agency"] * 12
    assert rows_of(Submission, agency) == []
    spent = rows_of(SpentBallot, agency)
    assert [row.digest is None for row in spent].count(True) == 1
    assert len(spent) == 13


def test_two_teams_that_are_released_are_two_atoms(agency, wave, ballot_factory):
    sent = {"a": identical_contents(7), "b": identical_contents(8)}
    submit_contents(ballot_factory, agency, wave, sent)

    agency.seal()

    assert atoms(agency) == ["a"] * 7 + ["b"] * 8


def test_no_answer_is_kept_where_nothing_is_released(agency, wave, ballot_factory):
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(4)})

    agency.seal()

    assert rows_of(Answer, agency) == []
    assert len(rows_of(SpentBallot, agency)) == 4


def test_after_the_seal_the_key_is_gone_and_the_release_is_kept(
    agency, wave, ballot_factory
):
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(6)})
    assert key_file(agency, wave).exists()

    agency.seal()

    assert not key_file(agency, wave).exists()
    assert release_file(agency, wave).stat().st_mode & 0o777 == 0o600
    agency.tick(days=400)
    assert not release_file(agency, wave).exists()


def test_a_cancelled_waves_key_is_destroyed(agency, wave):
    cancel_wave(agency, wave)

    agency.tick()

    assert not key_file(agency, wave).exists()
    assert not release_file(agency, wave).exists()


def test_a_key_that_no_wave_names_is_kept_until_it_is_of_no_use(agency, wave):
    """A database restored to the day before names fewer waves, for a while."""
    folder = SealingFolder(agency.service.sealing_folder)
    orphan = f"{agency.id}.00000000-0000-4000-8000-000000000000"
    folders = SealingFolders((folder,), is_complete=True)
    from rapport_service.envelope.sealing_key import (  # noqa: PLC0415
        make_sealing_key,
        thumbprint,
    )

    key = make_sealing_key()
    later = replace(agency.service.clock).now.replace(year=2027, month=4)
    folders.store_key(key, orphan, later, UUID(int=1))
    name = thumbprint(key.public_key())

    agency.tick(days=1)
    assert folders.load_key(name) is not None

    agency.tick(days=40)
    assert folders.load_key(name) is None
    assert agency.wave(wave).state == WaveState.SEALED


def test_few_invalid_envelopes_are_left_out_and_published_as_a_band(
    agency, wave, ballot_factory
):
    bad = [invalid_content(), unopenable_content()]
    sent = {"a": [*identical_contents(9), *bad]}
    assert set(submit_contents(ballot_factory, agency, wave, sent)) == {"accepted"}

    agency.seal()

    (release,) = rows_of(Release, agency)
    assert release.invalid_band == "under 10"
    assert len(rows_of(Answer, agency)) == 9
    assert len(rows_of(SpentBallot, agency)) == 11


@pytest.fixture
def blocked(agency, wave, ballot_factory):
    """A wave that was to be sealed, with too many answers that are not valid."""
    sent = {"a": identical_contents(7), "b": [invalid_content()] * 5}
    submit_contents(ballot_factory, agency, wave, sent)
    advance_past_close(agency)
    agency.tick(days=7)
    return wave


def test_many_invalid_envelopes_hold_the_seal_up_and_nothing_is_written(
    agency, blocked
):
    held = agency.wave(blocked)

    assert (held.state, held.sealing_delay) == (
        WaveState.SEALING,
        PendingDelay.SEAL_BLOCKED,
    )
    assert len(rows_of(Submission, agency)) == 12
    assert rows_of(Release, agency) == rows_of(Answer, agency) == []
    assert key_file(agency, blocked).exists()
    assert not release_file(agency, blocked).exists()
    pending = agency.score(agency.reader_token("director"), "a")
    assert (pending["status"], pending["delay"]) == ("pending", "seal_blocked")


def test_an_operator_accepts_the_loss_on_record_and_the_rest_is_counted(
    agency, blocked
):
    agency.tick()
    assert agency.wave(blocked).state == WaveState.SEALING

    run_command(seal_wave, blocked, "--accept-invalid")
    agency.tick()

    assert agency.wave(blocked).state == WaveState.SEALED
    assert len(rows_of(Answer, agency)) == 7
    (entry,) = [row for row in rows_of(AuditEntry, agency) if "invalid" in row.action]
    assert (entry.actor_kind, entry.subject_id) == ("command_line", blocked)
    assert "not blocked" in run_command(
        seal_wave, blocked, "--accept-invalid", status=1
    )


def test_a_lost_key_holds_the_seal_up_and_loses_nothing(agency, wave, ballot_factory):
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(8)})
    advance_past_close(agency)
    file = key_file(agency, wave)
    key = file.read_bytes()
    file.unlink()

    agency.tick(days=7)

    held = agency.wave(wave)
    assert (held.state, held.sealing_delay) == (
        WaveState.CLOSED,
        PendingDelay.SEALING_KEY_MISSING,
    )
    pending = agency.score(agency.reader_token("director"), "a")
    assert pending["delay"] == "sealing_key_missing"

    (late,) = ballot_factory.ballots(agency, wave, "b", 1)
    assert submit(agency.service.http, item(late, content()))[0]["status"] == "accepted"
    file.write_bytes(key)
    agency.tick()

    assert agency.wave(wave).state == WaveState.SEALED
    assert agency.wave(wave).sealing_delay is None
    assert len(rows_of(SpentBallot, agency)) == 9


def test_submissions_go_on_while_a_wave_is_reckoned(
    service, agency, wave, ballot_factory
):
    """To another wave and to this one, where they come too late."""
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(6)})
    (late,) = ballot_factory.ballots(agency, wave, "a", 1)
    advance_past_close(agency)
    begin_sealing(agency, wave)
    other = service.agency({"c": 8})
    another = other.announce()
    (ballot,) = ballot_factory.ballots(other, another, "c", 1)
    reading, may_end = Event(), Event()

    def open_slowly(envelopes):
        for _ in envelopes:
            reading.set()
            assert may_end.wait(TIMEOUT_SECONDS)
            yield None

    def reckon():
        with read_transaction(Door.SEAL) as session:
            return publish.reckon(session, agency.wave(wave), open_slowly)

    def answer():
        assert reading.wait(TIMEOUT_SECONDS)
        results = submit(service.http, item(ballot, content()), item(late, content()))
        may_end.set()
        return [(result["status"], result["reason"]) for result in results]

    reckoning, statuses = run_concurrently(service, reckon, answer)

    assert statuses == [("accepted", None), ("final", "too_late")]
    assert reckoning.accepted == 6


def test_rows_are_written_only_if_they_are_those_that_were_reckoned(
    agency, wave, ballot_factory
):
    """A row that came after all, past the lock, is noticed and nothing is written."""
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(6)})
    advance_past_close(agency)
    begin_sealing(agency, wave)
    from rapport_service.core.db import transaction  # noqa: PLC0415
    from rapport_service.releases import seal  # noqa: PLC0415

    with read_transaction(Door.SEAL) as session:
        row = agency.wave(wave)
        reckoning = publish.reckon(session, row, opener(session, agency, row))
    changed = replace(reckoning, stored=frozenset([*reckoning.stored][1:]))

    with (
        pytest.raises(seal.SubmissionsChangedError),
        transaction(Door.SEAL) as session,
    ):
        seal.write_seal(session, agency.wave(wave), changed)

    assert rows_of(Release, agency) == []
    assert len(rows_of(Submission, agency)) == 6


def opener(session, agency, wave):
    """An opener of the envelopes of a wave, with the key in the folder."""
    folder = SealingFolders(
        (SealingFolder(agency.service.sealing_folder),), is_complete=True
    )
    charter = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    return WaveOpener(
        folder.load_key(key_name(wave)),
        base64url.decode(charter.digest, 32),
        publish.load_instrument(charter),
    )


@pytest.mark.sqlite  # no engine opens an envelope
def test_many_processes_open_what_one_opens_in_the_same_order(
    agency, wave, ballot_factory
):
    bad = [invalid_content(), unopenable_content()]
    sent = {"a": [*identical_contents(9), *bad]}
    submit_contents(ballot_factory, agency, wave, sent)
    envelopes = [
        SealedEnvelope(row.kid, row.ballot_hash, row.envelope)
        for row in rows_of(Submission, agency)
    ]
    with read_transaction(Door.SEAL) as session:
        alone = opener(session, agency, agency.wave(wave))

    with open_with(alone, 1_000_000) as together:
        opened = list(together(envelopes))

    assert opened == list(alone(envelopes))
    assert opened.count(None) == 2


def test_two_machines_make_one_key_and_the_loser_destroys_its_own(service, tmp_path):
    machines = [
        replace(service.dependencies, sealing_folders=(tmp_path / name,))
        for name in ("one", "two")
    ]
    for deps in machines:
        mark_folders(deps)
    recorded = []

    for _ in range(3):
        agency = service.agency({"a": 8})
        wave = agency.plan()
        run_concurrently(
            service,
            *(
                partial(run_sealing_job, deps, organization_id=agency.id)
                for deps in machines
            ),
        )
        recorded.append(key_name(agency.wave(wave)))

    files = [path.stem for path in tmp_path.rglob("*.pem")]
    assert sorted(files) == sorted(recorded)


def test_two_jobs_at_once_seal_a_wave_once(agency, wave, ballot_factory):
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(8)})
    advance_past_close(agency)
    agency.service.clock.advance(days=7)

    run_concurrently(
        agency.service,
        *[
            partial(
                run_sealing_job, agency.service.dependencies, organization_id=agency.id
            )
        ]
        * 3,
    )
    agency.tick()

    assert agency.wave(wave).state == WaveState.SEALED
    assert len(rows_of(Release, agency)) == 1
    assert len(rows_of(Answer, agency)) == 8
    assert not key_file(agency, wave).exists()


# Faults of a folder


def test_a_planned_wave_whose_key_is_lost_gets_another_one(agency):
    wave = agency.plan()
    run_sealing_job(agency.service.dependencies, organization_id=agency.id)
    lost = agency.wave(wave).sealing_key
    key_file(agency, wave).unlink()

    run_sealing_job(agency.service.dependencies, organization_id=agency.id)
    noted = agency.wave(wave).sealing_delay
    run_sealing_job(agency.service.dependencies, organization_id=agency.id)

    assert noted == PendingDelay.SEALING_KEY_MISSING
    stored = agency.wave(wave)
    assert stored.sealing_key not in {None, lost}
    assert stored.sealing_delay is None
    assert key_file(agency, wave).exists()


def test_a_seal_that_waits_for_its_key_can_be_given_up(agency, wave, ballot_factory):
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(6)})
    advance_past_close(agency)
    begin_sealing(agency, wave)
    key_file(agency, wave).unlink()
    run_sealing_job(agency.service.dependencies, organization_id=agency.id)
    assert agency.wave(wave).sealing_delay == PendingDelay.SEALING_KEY_MISSING

    cancel_wave(agency, wave)

    assert agency.wave(wave).state == WaveState.CANCELLED
    assert rows_of(Submission, agency) == []


def test_a_file_that_cannot_be_read_holds_up_no_other_wave(
    agency, wave, ballot_factory
):
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(6)})
    stray = agency.service.sealing_folder / "stray.pem"
    stray.mkdir()
    (agency.service.sealing_folder / "stray.release").symlink_to("nowhere")

    agency.seal()

    assert agency.wave(wave).state == WaveState.SEALED
    stray.rmdir()
