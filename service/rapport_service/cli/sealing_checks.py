"""Checks of ``rapport doctor`` on sealing folders, keys, and seals held up."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import select

from rapport_schemas.enums import PendingDelay
from rapport_service.cli.check_result import CheckResult
from rapport_service.core.db import Door, read_transaction
from rapport_service.core.dependencies import Dependencies
from rapport_service.lifecycle.sealing_site import (
    SealingSite,
    find_lost_keys,
    find_site,
)
from rapport_service.lifecycle.sealing_work import find_unclaimed_releases
from rapport_service.registry.models import Wave
from rapport_service.registry.sealing import UNSEALED_STATES
from rapport_service.releases.sealing_keys import FolderProblem, filesystem_type

VOLATILE_FILESYSTEMS = frozenset({"overlay", "aufs", "tmpfs", "ramfs"})
"""File systems that go with a container, or with the next start of the computer."""

MOUNTS = Path("/proc/self/mountinfo")


def check_sealing(deps: Dependencies) -> Iterator[CheckResult]:
    """Runs the checks on the sealing folders of this machine, and on all seals."""
    site = find_site(deps)
    if not site.problems:
        yield CheckResult(
            "sealing folder",
            ok=True,
            detail="RAPPORT_SEALING_KEYS is not set, so this machine seals no wave. "
            "Run `rapport seal check` on the one that does.",
        )
    elif site.may_initialize and _is_all_missing(site):
        yield CheckResult(
            "sealing folder",
            ok=True,
            detail="it is made together with the key of the first wave",
        )
    else:
        yield _check_folders(site)
        if _is_all_missing(site):
            yield _unchecked("sealing disk")
        else:
            yield _check_disks(site, MOUNTS.read_text() if MOUNTS.exists() else "")
        has_folder, lost = site.usable is not None, find_lost_keys(deps)
        yield _check_step(site) if has_folder else _unchecked("sealing copies")
        yield _check_keys(lost) if has_folder or lost else _unchecked("sealing keys")
        yield _check_releases(site) if has_folder else _unchecked("sealing releases")
    yield _check_seals()


def _unchecked(check: str) -> CheckResult:
    return CheckResult(check, ok=True, detail="not checked, because there is no folder")


def _is_all_missing(site: SealingSite) -> bool:
    return set(site.problems.values()) == {FolderProblem.MISSING}


def _check_folders(site: SealingSite) -> CheckResult:
    broken = [
        f"{folder.path} {problem.value}"
        for folder, problem in site.problems.items()
        if problem is not None
    ]
    if broken:
        return CheckResult("sealing folder", ok=False, detail=" ".join(broken))
    paths = " and ".join(str(folder.path) for folder in site.problems)
    return CheckResult(
        "sealing folder",
        ok=True,
        detail=f"the keys that open answers lie in {paths}, ready for use",
    )


def _check_disks(site: SealingSite, mounts: str) -> CheckResult:
    volatile = [
        f"{folder.path} lies on {kind}"
        for folder in site.problems
        if (kind := filesystem_type(folder.path, mounts)) in VOLATILE_FILESYSTEMS
    ]
    if volatile:
        remedy = (
            f"{'; '.join(volatile)}, which goes with the container or with the next "
            "start. Every key in there would be lost, and with it every answer that "
            "waits for its seal. Mount a volume there."
        )
        return CheckResult("sealing disk", ok=False, detail=remedy)
    return CheckResult(
        "sealing disk",
        ok=True,
        detail="what lies in the folder outlives a restart of this computer",
    )


def _check_step(site: SealingSite) -> CheckResult:
    if len(site.problems) == 1:
        advice = (
            "there is one folder and no copy of it. Name a second one, on another "
            "disk: RAPPORT_SEALING_KEYS=/a:/b"
        )
        return CheckResult("sealing copies", ok=True, detail=advice)
    apart = [] if site.usable is None else site.usable.out_of_step()
    if apart:
        remedy = (
            f"{len(apart)} files are not in each folder: {', '.join(apart)}. "
            "`rapport seal` copies them. If this stays, `rapport tick` runs with other "
            "folders: start it again with these. If it comes back, look at the disks."
        )
        return CheckResult("sealing copies", ok=False, detail=remedy)
    return CheckResult(
        "sealing copies", ok=True, detail="what lies in one folder lies in the other"
    )


def _check_keys(lost: Sequence[str]) -> CheckResult:
    if lost:
        remedy = (
            f"the keys of {', '.join(lost)} are in no folder here, and nobody can "
            "open these answers. Put the files back from a copy of the folder. Without "
            "a copy they are lost: run `rapport wave cancel WAVE --reason TEXT` and "
            "tell people."
        )
        return CheckResult("sealing keys", ok=False, detail=remedy)
    return CheckResult(
        "sealing keys",
        ok=True,
        detail="the key of each wave that is not sealed is there",
    )


def _check_releases(site: SealingSite) -> CheckResult:
    unclaimed: list[str] = []
    if site.usable is not None:
        with read_transaction(Door.SEAL) as session:
            unclaimed = find_unclaimed_releases(session, site.usable)
    if unclaimed:
        remedy = (
            f"published and not in this database: {', '.join(unclaimed)}. It was "
            "restored to a day before these waves were announced. If there is a newer "
            "backup, restore that. Their files stay in the folder."
        )
        return CheckResult("sealing releases", ok=False, detail=remedy)
    return CheckResult(
        "sealing releases",
        ok=True,
        detail="the database has each release that was published here",
    )


def _check_seals() -> CheckResult:
    with read_transaction(Door.SEAL) as session:
        delayed = session.execute(
            select(Wave.organization_id, Wave.wave_id, Wave.sealing_delay)
            .where(
                Wave.state.in_(UNSEALED_STATES),
                Wave.sealing_delay.is_not(None),
                Wave.accepts_invalid.is_(False)
                | (Wave.sealing_delay != PendingDelay.SEAL_BLOCKED),
            )
            .order_by(Wave.organization_id, Wave.wave_id)
        ).all()
    blocked, missing = (
        ", ".join(f"{row[0]}.{row[1]}" for row in delayed if row[2] == delay)
        for delay in (PendingDelay.SEAL_BLOCKED, PendingDelay.SEALING_KEY_MISSING)
    )
    remedies = []
    if blocked:
        remedies.append(
            f"blocked: {blocked}. Too many answers do not open or are not valid. Find "
            "out which app sends them. If a later version can open them, run `rapport "
            "seal` with it. To do without them: `rapport wave seal --accept-invalid "
            "WAVE`."
        )
    if missing:
        remedies.append(
            f"without key: {missing}. The sealing folder has lost it. Put the file "
            "back from a copy of the folder; then the wave is sealed by itself. "
            "Without a copy, run `rapport wave cancel WAVE --reason TEXT` and tell "
            "people."
        )
    if remedies:
        return CheckResult("seals", ok=False, detail=" ".join(remedies))
    return CheckResult("seals", ok=True, detail="no seal is held up")
