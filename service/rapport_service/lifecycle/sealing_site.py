"""Sealing folders of this machine: which, what is wrong with them, and their mark."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from rapport_schemas.enums import WaveState
from rapport_service.core.db import Door, database_file, db, read_transaction
from rapport_service.core.dependencies import Dependencies
from rapport_service.core.installation import get_installation_id
from rapport_service.registry.models import Wave
from rapport_service.registry.sealing import UNSEALED_STATES, key_name
from rapport_service.releases.sealing_keys import (
    FolderProblem,
    SealingFolder,
    SealingFolders,
    default_folder,
)

MARKABLE_PROBLEMS = frozenset({FolderProblem.MISSING, FolderProblem.UNMARKED})


class SealingFolderError(Exception):
    """A sealing folder cannot be marked; the message says why, and what to do."""


@dataclass(frozen=True)
class SealingSite:
    """The sealing folders of this machine, and what is wrong with each.

    Attributes:
        installation: the identity of the database.
        problems: by folder; None where there is none.
        may_initialize: whether the one folder is the default, and no key was ever in
            it. Later an empty one is a lost one, which must be told and not replaced.
    """

    installation: UUID
    problems: dict[SealingFolder, FolderProblem | None]
    may_initialize: bool

    @property
    def usable(self) -> SealingFolders | None:
        """The folders that can be used; None if none can."""
        usable = tuple(
            folder for folder, problem in self.problems.items() if problem is None
        )
        if not usable:
            return None
        return SealingFolders(usable, is_complete=len(usable) == len(self.problems))

    def initialize(self) -> "SealingSite":
        """Marks the default folder of a new database; any other is left as it is."""
        if not self.may_initialize or not MARKABLE_PROBLEMS.issuperset(
            self.problems.values()
        ):
            return self
        for folder in self.problems:
            folder.mark(self.installation)
        return replace(self, problems=dict.fromkeys(self.problems))


def find_site(deps: Dependencies) -> SealingSite:
    """Looks for the sealing folders that are named, or for the default.

    There is no default on PostgreSQL: a machine without folders does not seal.
    """
    database = database_file(db.engine)
    with read_transaction(Door.SEAL) as session:
        installation = get_installation_id(session)
        had_key = session.scalar(
            select(Wave.wave_id).where(Wave.sealing_key.is_not(None)).limit(1)
        )
    paths = deps.sealing_folders
    is_default = not paths and database is not None
    if is_default:
        paths = (default_folder(installation),)
    return SealingSite(
        installation,
        {
            folder: folder.problem(installation, database)
            for folder in map(SealingFolder, paths)
        },
        may_initialize=is_default and had_key is None,
    )


def mark_folders(deps: Dependencies) -> list[SealingFolder]:
    """Marks every sealing folder of this machine that is not marked yet; all or none.

    Raises:
        SealingFolderError: there is none, or one cannot be used.
    """
    site = find_site(deps)
    if not site.problems:
        raise SealingFolderError(
            "RAPPORT_SEALING_KEYS is not set. Set it to a folder on a disk or volume "
            "that the backups of the database do not hold."
        )
    for folder, problem in site.problems.items():
        if problem is not None and problem not in MARKABLE_PROBLEMS:
            raise SealingFolderError(f"{folder.path} {problem.value}")
    for folder, problem in site.problems.items():
        if problem is not None:
            try:
                folder.mark(site.installation)
            except OSError as error:
                raise SealingFolderError(
                    f"{folder.path} cannot be made: {error.strerror}"
                ) from error
    return list(site.problems)


def find_lost_keys(deps: Dependencies) -> list[str]:
    """Public ids of the waves that need a key, and it is in no folder here."""
    folders = find_site(deps).usable
    present = set() if folders is None else folders.key_notes().keys()
    with read_transaction(Door.SEAL) as session:
        waves = session.scalars(
            select(Wave)
            .where(
                Wave.state.in_((WaveState.PLANNED, *UNSEALED_STATES)),
                Wave.sealing_key.is_not(None),
            )
            .order_by(Wave.organization_id, Wave.wave_id)
        ).all()
    return [wave.public_id for wave in waves if key_name(wave) not in present]
