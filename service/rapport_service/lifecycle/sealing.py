"""The sealing job: keys before the announcement, seals, and what has to go after."""

import logging
from datetime import datetime, timedelta

from rapport_schemas.enums import PendingDelay, WaveState
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import Dependencies
from rapport_service.core.installation import get_epoch
from rapport_service.disclosure.bands import invalid_band
from rapport_service.encoding import base64url
from rapport_service.envelope.sealing_key import (
    make_sealing_key,
    public_jwk,
    thumbprint,
)
from rapport_service.lifecycle.organization import logging_failures
from rapport_service.lifecycle.sealing_site import SealingSite, find_site
from rapport_service.lifecycle.sealing_work import SealingWork, find_work
from rapport_service.lifecycle.vacuum import vacuum_before_seal
from rapport_service.registry.models import Charter, Wave
from rapport_service.registry.sealing import key_name
from rapport_service.releases import publish, seal
from rapport_service.releases.opening import WaveOpener, open_with
from rapport_service.releases.sealed_release import SealedRelease, load_release
from rapport_service.releases.sealing_keys import SealingFolders

log = logging.getLogger(__name__)


def run_sealing_job(
    deps: Dependencies,
    *,
    organization_id: str | None = None,
    retry_blocked: bool = False,
    warned: set[str] | None = None,
) -> bool:
    """One run of the sealing job over every organization, or over one.

    A wave that fails does not stop the others; the next run tries again.

    Args:
        deps: with the clock and the folders.
        organization_id: whose waves; every organization's by default.
        retry_blocked: open the envelopes of blocked waves again.
        warned: warnings of earlier runs about the folders; the same one is not logged
            again until the folder was usable.

    Returns:
        Whether none failed and no folder is lost.
    """
    now = deps.clock()
    site = find_site(deps).initialize()
    _warn(site, set() if warned is None else warned)
    if not site.problems:
        return False
    folders = site.usable
    with read_transaction(Door.SEAL) as session:
        work = find_work(
            session,
            folders,
            now,
            organization_id=organization_id,
            retry_blocked=retry_blocked,
        )
    failures: list[Exception] = []
    for wave in work.lost:
        with logging_failures(wave_id=wave.public_id) as failed:
            _note(wave, PendingDelay.SEALING_KEY_MISSING)
        failures += failed
    if folders is None:
        return False
    with logging_failures(step="clearing away") as failed:
        _clear_away(folders, work, now)
    failures += failed
    with logging_failures(step="copying between folders") as failed:
        for name in folders.copy_missing():
            log.warning("sealing folders were not in step", extra={"copied": name})
    failures += failed
    if work.due:
        vacuum_before_seal(deps.clock)
    for step, waves in (
        (_note_key_present, work.returned),
        (_make_key, work.keyless),
        (_import_release, work.published),
        (_seal_wave, work.due),
    ):
        for wave in waves:
            with logging_failures(wave_id=wave.public_id) as failed:
                step(folders, wave, now)
            failures += failed
    return not failures and folders.is_complete


def _warn(site: SealingSite, warned: set[str]) -> None:
    """Logs what is wrong with the folders, if it is news."""
    problems = {
        str(folder.path): problem.value
        for folder, problem in site.problems.items()
        if problem is not None
    }
    if not site.problems:
        problems = {"": "is not set: name it in RAPPORT_SEALING_KEYS"}
    for path in problems.keys() - warned:
        log.warning(
            "sealing folder not usable",
            extra={"folder": path, "reason": problems[path]},
        )
    warned.clear()
    warned |= problems.keys()


def _clear_away(folders: SealingFolders, work: SealingWork, now: datetime) -> None:
    """Destroys what has had its use; a release is kept before its key goes."""
    kept = folders.releases()
    for name, wave in work.used_keys:
        if (
            wave is not None
            and wave.state == WaveState.SEALED
            and wave.retires_at > now
            and wave.public_id not in kept
        ):
            with read_transaction(Door.SEAL) as session:
                release = load_release(session, wave)
            folders.store_release(wave.public_id, release.dump())
        folders.destroy_key(name)
        log.info("sealing key destroyed", extra={"key": name})
    for wave_id in work.old_releases:
        folders.remove_release(wave_id)


def _make_key(folders: SealingFolders, wave: Wave, _now: datetime) -> None:
    """Makes a wave's key; it is recorded only once every folder has it."""
    key = make_sealing_key()
    keep = timedelta(seconds=wave.keep_seconds)
    with read_transaction(Door.SEAL) as session:
        epoch = get_epoch(session)
    folders.store_key(key, wave.public_id, wave.seals_at + keep, epoch)
    with transaction(Door.SEAL) as session:
        is_first = seal.record_key(session, wave, public_jwk(key.public_key()))
    if not is_first:
        folders.destroy_key(thumbprint(key.public_key()))


def _note_key_present(_folders: SealingFolders, wave: Wave, _now: datetime) -> None:
    with transaction(Door.SEAL) as session:
        seal.note_key_present(session, wave)


def _import_release(folders: SealingFolders, wave: Wave, _now: datetime) -> None:
    content = folders.load_release(wave.public_id)
    if content is None:
        return
    try:
        with transaction(Door.SEAL) as session:
            imported = seal.import_release(session, wave, SealedRelease.load(content))
    except seal.ForeignReleaseError:
        _note(wave, PendingDelay.SEAL_BLOCKED)
        raise
    if imported:
        log.warning(
            "a release that was published before was taken over",
            extra={"wave_id": wave.public_id},
        )


def _seal_wave(folders: SealingFolders, wave: Wave, now: datetime) -> None:
    """Seals a wave; whatever interrupts it, the next run ends the same way."""
    name = key_name(wave)
    key = None if name is None else folders.load_key(name)
    if name is None or key is None:
        _note(wave, PendingDelay.SEALING_KEY_MISSING)
        return
    with transaction(Door.SEAL) as session:
        if not seal.begin_seal(session, wave, now):
            return
    kept = folders.load_release(wave.public_id)
    with read_transaction(Door.SEAL) as session:
        wave = session.get_one(Wave, (wave.organization_id, wave.wave_id))
        charter = session.get_one(Charter, (wave.organization_id, wave.wave_id))
        opener = WaveOpener(
            key,
            base64url.decode(charter.digest, 32),
            publish.load_instrument(charter),
        )
        with open_with(opener, publish.count_envelopes(session, wave)) as opens:
            reckoning = publish.reckon(
                session,
                wave,
                opens,
                None if kept is None else SealedRelease.load(kept),
            )
    if kept is not None and not _is_ours(reckoning):
        _note(wave, PendingDelay.SEAL_BLOCKED)
        raise seal.ForeignReleaseError(wave.public_id)
    if reckoning.release is None:
        _note(wave, PendingDelay.SEAL_BLOCKED)
        log.error(
            "seal blocked: too many envelopes do not open or are invalid",
            extra={
                "wave_id": wave.public_id,
                "invalid": invalid_band(reckoning.invalid),
            },
        )
        return
    folders.store_release(wave.public_id, reckoning.release.dump())
    with transaction(Door.SEAL) as session:
        seal.write_seal(session, wave, reckoning)
        epoch = str(get_epoch(session))
    log.info("wave sealed and released", extra={"wave_id": wave.public_id})
    note = folders.key_notes().get(name)
    if note is None or note.epoch == epoch:
        folders.destroy_key(name)


def _is_ours(reckoning: publish.Reckoning) -> bool:
    """Whether a kept release is of the very ballots that are stored."""
    spent = [] if reckoning.release is None else reckoning.release.spent
    return {each.ballot_hash for each in spent} == {
        each.ballot_hash for each in reckoning.stored
    }


def _note(wave: Wave, delay: PendingDelay) -> None:
    with transaction(Door.SEAL) as session:
        seal.note_delay(session, wave, delay)
