"""Work as a user without rights: root itself is refused nothing."""

import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from tests.support.postgres import UNPRIVILEGED_UID

Result = TypeVar("Result")

IS_ROOT = os.geteuid() == 0


@contextmanager
def unprivileged_folder() -> Iterator[Path]:
    """A folder of the user for whom ``run_unprivileged`` works."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-", dir="/tmp"))
    try:
        give_away(folder)
        yield folder
    finally:
        shutil.rmtree(folder)


def give_away(*paths: Path) -> None:
    """Gives files to that user, who is the user of the tests unless that is root."""
    if IS_ROOT:
        for path in paths:
            os.chown(path, UNPRIVILEGED_UID, UNPRIVILEGED_UID)


def run_unprivileged(work: Callable[[], Result]) -> Result:
    """The result of work in a child process, which has no rights of root."""
    process_context = multiprocessing.get_context("fork")
    ours, theirs = process_context.Pipe(duplex=False)
    child = process_context.Process(target=_work_and_send, args=(work, theirs))
    child.start()
    theirs.close()
    with ours:
        result: Result = ours.recv()
    child.join()
    return result


def _work_and_send(work: Callable[[], object], parent: Connection) -> None:
    if IS_ROOT:
        os.setgroups([])
        os.setgid(UNPRIVILEGED_UID)
        os.setuid(UNPRIVILEGED_UID)
    parent.send(work())
