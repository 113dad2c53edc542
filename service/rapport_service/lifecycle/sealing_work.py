"""Work of the sealing job, from a look at the database and at the folders."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, true, tuple_
from sqlalchemy.orm import Session

from rapport_schemas.enums import PendingDelay, WaveState
from rapport_service.charter.clock_leap import CONFIRMATION_TIME, TickTimes, note_tick
from rapport_service.core.installation import get_epoch, get_tick_times
from rapport_service.registry.due_steps import waits_for_clock
from rapport_service.registry.models import Wave
from rapport_service.registry.queries import UnknownWaveError, parse_wave_id
from rapport_service.registry.sealing import UNSEALED_STATES, key_name
from rapport_service.releases.sealed_release import SealedRelease
from rapport_service.releases.sealing_keys import KeyNote, SealingFolders

ENDED_STATES = (WaveState.SEALED, WaveState.CANCELLED)


@dataclass(frozen=True)
class SealingWork:
    """Work of the sealing job that is due now.

    Attributes:
        keyless: planned waves that need a key, or whose key is lost and noted so.
        returned: planned waves whose key was noted as lost, and is there.
        published: waves that were published before the database was restored.
        due: waves to be sealed.
        lost: those whose key is missing, and it is not noted yet.
        used_keys: thumbprints of keys that have to go, each with its wave if the
            database knows it.
        old_releases: public ids of the waves whose release has to go.
    """

    keyless: tuple[Wave, ...] = ()
    returned: tuple[Wave, ...] = ()
    published: tuple[Wave, ...] = ()
    due: tuple[Wave, ...] = ()
    lost: tuple[Wave, ...] = ()
    used_keys: tuple[tuple[str, Wave | None], ...] = ()
    old_releases: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != SealingWork()


def find_work(
    session: Session,
    folders: SealingFolders | None,
    now: datetime,
    *,
    organization_id: str | None = None,
    retry_blocked: bool = False,
) -> SealingWork:
    """Finds the work of this machine's sealing job; changes nothing.

    Args:
        session: behind the seal's door.
        folders: those that can be used; None where all are lost.
        now: the clock.
        organization_id: whose waves; every organization's by default.
        retry_blocked: open the envelopes of blocked waves again, in the hope that this
            version of the service can.
    """
    # Our own clock may have leapt where no tick runs: then we wait as a tick does.
    stored_times = get_tick_times(session)
    times = note_tick(stored_times, now)
    epoch = str(get_epoch(session))
    own = "" if organization_id is None else f"{organization_id}."
    notes = {} if folders is None else folders.key_notes()
    notes = {k: note for k, note in notes.items() if note.wave_id.startswith(own)}
    kept = set() if folders is None else folders.releases()
    kept = {wave_id for wave_id in kept if wave_id.startswith(own)}
    waves = session.scalars(
        select(Wave)
        .where(
            Wave.state.in_((WaveState.PLANNED, *UNSEALED_STATES)),
            true()
            if organization_id is None
            else Wave.organization_id == organization_id,
        )
        .order_by(Wave.seals_at, Wave.organization_id, Wave.wave_id)
    ).all()
    published = tuple(
        wave
        for wave in waves
        if wave.public_id in kept
        and folders is not None
        and _is_importable(wave, notes, folders, epoch)
    )
    due = [
        wave
        for wave in waves
        if wave not in published
        and _is_due(wave, times, now)
        and _has_ticked(wave, stored_times)
        and (retry_blocked or not _is_blocked(wave))
    ]
    planned = [
        wave
        for wave in waves
        if folders is not None
        and folders.is_complete
        and wave.state == WaveState.PLANNED
        and now < wave.closes_at
    ]
    lacking = [
        wave
        for wave in planned
        if wave.sealing_key is not None and key_name(wave) not in notes
    ]
    lost = [*lacking, *(wave for wave in due if key_name(wave) not in notes)]
    return SealingWork(
        # Another machine may have the key: it has one run's time to say so.
        keyless=tuple(
            wave
            for wave in planned
            if wave.sealing_key is None or (wave in lacking and _is_noted(wave))
        ),
        returned=tuple(
            wave for wave in planned if wave not in lacking and _is_noted(wave)
        ),
        published=published,
        due=tuple(wave for wave in due if wave not in lost),
        lost=tuple(wave for wave in lost if wave.sealing_delay is None),
        # Nothing is destroyed by a clock that nobody has confirmed.
        used_keys=()
        if times.leap_seen_at is not None
        else _find_used_keys(session, notes, now, epoch),
        old_releases=()
        if times.leap_seen_at is not None
        else _find_old_releases(session, kept, now),
    )


def _is_noted(wave: Wave) -> bool:
    return wave.sealing_delay == PendingDelay.SEALING_KEY_MISSING


def _has_ticked(wave: Wave, times: TickTimes) -> bool:
    """Whether a tick has seen the date of the seal too: our clock may be ahead."""
    if wave.state == WaveState.SEALING or times.ticked_at is None:
        return True
    if times.leap_seen_at is not None:  # until it is confirmed, ticks note no later one
        return times.leap_seen_at + CONFIRMATION_TIME >= wave.seals_at
    return times.ticked_at >= wave.seals_at


def _is_due(wave: Wave, times: TickTimes, now: datetime) -> bool:
    return (
        wave.state in {WaveState.CLOSED, WaveState.SEALING}
        and now >= wave.seals_at
        and not waits_for_clock(wave, times, now)
    )


def _is_blocked(wave: Wave) -> bool:
    return wave.sealing_delay == PendingDelay.SEAL_BLOCKED and not wave.accepts_invalid


def _is_importable(
    wave: Wave, notes: dict[str, KeyNote], folders: SealingFolders, epoch: str
) -> bool:
    """Whether a wave's kept release was published before this database was restored.

    A restored database has another epoch. In the same one, a copy of the database has
    sealed: its release is none of ours. A wave that is being sealed, and whose key is
    here, was interrupted after its release was written: it can still be opened.
    """
    content = folders.load_release(wave.public_id)
    if content is None or SealedRelease.load(content).epoch == epoch:
        return False
    if wave.state == WaveState.SEALING:
        return key_name(wave) not in notes
    return wave.state in UNSEALED_STATES


def _find_used_keys(
    session: Session, notes: dict[str, KeyNote], now: datetime, epoch: str
) -> tuple[tuple[str, Wave | None], ...]:
    """Keys of waves that have ended, and those that no wave has named for long."""
    waves = {
        key_name(wave): wave
        for wave in _load_waves(session, [note.wave_id for note in notes.values()])
    }
    ended = [
        (name, waves[name])
        for name in sorted(notes)
        if name in waves
        and waves[name].state in ENDED_STATES
        and (notes[name].epoch == epoch or notes[name].destroy_after <= now)
    ]
    unnamed = [
        (name, None)
        for name, note in sorted(notes.items())
        if name not in waves and note.destroy_after <= now
    ]
    return (*ended, *unnamed)


def _find_old_releases(
    session: Session, kept: set[str], now: datetime
) -> tuple[str, ...]:
    return tuple(
        wave.public_id
        for wave in _load_waves(session, sorted(kept))
        if wave.state in ENDED_STATES and wave.retires_at <= now
    )


def find_unclaimed_releases(session: Session, folders: SealingFolders) -> list[str]:
    """Public ids of kept releases whose waves this database never announced.

    It was restored to a day before their announcement: what their charters said is
    gone, so that they cannot be taken over.
    """
    kept = folders.releases()
    announced = {
        wave.public_id
        for wave in _load_waves(session, sorted(kept))
        if wave.state not in {WaveState.PLANNED, WaveState.CANCELLED}
    }
    return sorted(kept - announced)


def _load_waves(session: Session, public_ids: list[str]) -> list[Wave]:
    """Those of the waves that the database knows."""
    keys = []
    for public_id in public_ids:
        try:
            keys.append(parse_wave_id(public_id))
        except UnknownWaveError:
            continue
    return list(
        session.scalars(
            select(Wave).where(tuple_(Wave.organization_id, Wave.wave_id).in_(keys))
        )
    )
