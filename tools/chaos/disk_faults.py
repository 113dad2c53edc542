"""Disk faults and deaths at the n-th write, injected by ``strace``.

The programs run unchanged; the kernel returns the errors.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Self

STRACE = "strace"
WRITE_CALLS = "pwrite64"
SERVICE_WRITE_CALLS = "pwrite64,sendto"
KILL_WINDOW_SECONDS = 8.0
SYNC_CALLS = "fdatasync,fsync"


class DiskFault(StrEnum):
    """Kind of disk fault, named as in the table of a run."""

    DEATH = "phone killed at its n-th write"
    FULL = "outbox disk full (ENOSPC)"
    BROKEN = "outbox cannot be synced (EIO)"


INJECTIONS = {
    DiskFault.DEATH: f"{WRITE_CALLS}:signal=SIGKILL:when={{n}}",
    DiskFault.FULL: f"{WRITE_CALLS}:error=ENOSPC:when={{n}}+",
    DiskFault.BROKEN: f"{SYNC_CALLS}:error=EIO:when={{n}}",
}


@dataclass
class Injection:
    """Fault attached to a running process, due at its n-th write."""

    fault: DiskFault
    n: int
    _tracer: subprocess.Popen[str]
    _log: Path

    @classmethod
    def attach(cls, pid: int, file: Path, fault: DiskFault, n: int) -> Self:
        """Attaches to a process that waits to begin.

        Args:
            pid: the process.
            file: its writes count, together with those of its side files.
            fault: to inject.
            n: number of the write or sync.
        """
        log = file.with_name(f"{file.name}.{pid}.strace")
        paths = (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm")))
        calls = SYNC_CALLS if fault == DiskFault.BROKEN else WRITE_CALLS
        tracer = subprocess.Popen(
            [
                *(STRACE, "-f", "-p", str(pid), "-o", str(log)),
                *(word for path in paths for word in ("-P", str(path))),
                *(
                    "-e",
                    f"trace={calls}",
                    "-e",
                    "inject=" + INJECTIONS[fault].format(n=n),
                ),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        _wait_until_attached(tracer)
        return cls(fault, n, tracer, log)

    def has_struck(self) -> bool:
        """Whether the fault occurred; for use after the process has ended."""
        self._tracer.communicate()
        log = self._log.read_text()
        self._log.unlink()
        return "INJECTED" in log or "killed by SIGKILL" in log


class WriteKiller:
    """Killer of a process of the service at its n-th write from now on.

    Writes are those to the database: into its files, or through a socket to its server.

    Args:
        pid: the process.
        n: number of the write; each kind of call is counted separately.
        calls: system calls that count as a write.
    """

    def __init__(self, pid: int, n: int, calls: str = SERVICE_WRITE_CALLS) -> None:
        inject = f"inject={calls}:signal=SIGKILL:when={n}"
        self._until = time.monotonic() + KILL_WINDOW_SECONDS
        self._tracer = subprocess.Popen(
            [
                *(STRACE, "-f", "-p", str(pid), "-o", os.devnull),
                *("-e", f"trace={calls}", "-e", inject),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        _wait_until_attached(self._tracer)
        self.n = n
        self.died = False

    def is_over(self) -> bool:
        """Whether the process has died, or the time for it has passed."""
        if self._tracer.poll() is not None:
            self._tracer.communicate()
            self.died = True
            return True
        if time.monotonic() > self._until:
            self.release()
            return True
        return False

    def release(self) -> None:
        """Detaches from the process, which goes on."""
        self._tracer.send_signal(signal.SIGINT)
        self._tracer.communicate()


def _wait_until_attached(tracer: subprocess.Popen[str]) -> None:
    if tracer.stderr is not None:
        for line in tracer.stderr:
            if "attached" in line:
                return


@cache
def can_inject() -> bool:
    """Whether strace is installed and may attach to a process here."""
    if shutil.which(STRACE) is None:
        return False
    idle = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        tried = subprocess.run(
            [
                "timeout",
                "-s",
                "INT",
                "1",
                STRACE,
                "-p",
                str(idle.pid),
                "-e",
                "trace=none",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        return "attached" in tried.stderr
    finally:
        os.kill(idle.pid, signal.SIGKILL)
        idle.wait()
