"""Simulated crash, for tests in one process."""

import shutil


class CrashError(BaseException):
    """The process died."""


def copy_outbox_files(source, target):
    """Copies the file, its log and its key as they are on disk at this instant."""
    for name in (source.name, f"{source.name}-wal", f"{source.name}.key"):
        if source.with_name(name).exists():
            shutil.copy(
                source.with_name(name), target.with_name(target.name + name[9:])
            )
