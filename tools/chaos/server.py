"""Service of a run: several workers on either engine, killed and rolled back."""

import os
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from demo.installation import Installation
from demo.server import Server
from tests.support.postgres import PostgreSQL

WORKERS = 3


class Engine(ABC):
    """Database that can be copied and rolled back while it is not in use."""

    name: str

    @property
    @abstractmethod
    def url(self) -> str:
        """The URL of the current database."""

    @abstractmethod
    def copy(self) -> None:
        """Takes a snapshot."""

    @abstractmethod
    def roll_back(self) -> None:
        """Restores the snapshot."""


class SQLite(Engine):
    """A database file in a folder.

    Args:
        folder: the installation's.
    """

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "rapport.db"
        self._kept = folder / "snapshot"

    @property
    def url(self) -> str:
        """The URL of the current database."""
        return f"sqlite:///{self._file}"

    def copy(self) -> None:
        """Takes a snapshot: the file and its log."""
        self._kept.mkdir(exist_ok=True)
        for file in self._files():
            shutil.copy(file, self._kept)

    def roll_back(self) -> None:
        """Restores the snapshot."""
        for file in self._files():
            file.unlink()
        for file in self._kept.iterdir():
            shutil.copy(file, self._file.parent)

    def _files(self) -> list[Path]:
        side = ("", "-wal", "-shm")
        paths = [self._file.with_name(self._file.name + end) for end in side]
        return [path for path in paths if path.exists()]


class Postgres(Engine):
    """A database of a temporary server.

    Args:
        server: the running server.
    """

    name = "postgresql"

    def __init__(self, server: PostgreSQL) -> None:
        self._server = server
        self._database = "rapport"
        server.create_database(self._database)

    @property
    def url(self) -> str:
        """The URL of the current database."""
        return self._server.url(self._database)

    def copy(self) -> None:
        """Takes a snapshot: a copy by the server itself."""
        self._server.create_database("snapshot", template=self._database)

    def roll_back(self) -> None:
        """Restores the snapshot under another name."""
        self._database = "restored"
        self._server.create_database(self._database, template="snapshot")


class ChaosInstallation(Installation):
    """Installation on either engine, perhaps with a mutated service.

    Args:
        folder: of the installation.
        engine: of its database.
        service_env: additional environment variables of its programs.
        workers: their number.
    """

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        service_env: Mapping[str, str],
        workers: int = WORKERS,
    ) -> None:
        super().__init__(folder)
        self.engine = engine
        self._service_env = service_env
        self._workers = workers

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of the service, with the number of workers."""
        workers = {"GUNICORN_CMD_ARGS": f"--workers={self._workers}"}
        return super().environment | workers | dict(self._service_env)

    @property
    def database_url(self) -> str:
        """The URL of the current database."""
        return self.engine.url


class ChaosServer(Server):
    """Server whose processes can be killed and restarted."""

    def pids(self, role: str) -> list[int]:
        """The process ids of the workers, or of the tick."""
        return self.workers() if role != "tick" else [self._processes["tick"].pid]

    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        web = self._processes["web"].pid
        children = Path(f"/proc/{web}/task/{web}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_worker(self, rng: Random) -> bool:
        """Kills a worker; returns whether there was one."""
        workers = self.workers()
        if workers:
            os.kill(rng.choice(workers), signal.SIGKILL)
        return bool(workers)

    def kill_workers(self) -> None:
        """Kills all workers."""
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def kill_tick(self) -> None:
        """Kills the tick, and starts another."""
        self._end_tick()
        self._start_ticking()

    def leap(self, seconds: float) -> None:
        """Replaces the tick by another, whose clock is so many seconds ahead."""
        self._end_tick()
        self._start(
            "tick",
            *("python", "-m", "tools.chaos.leaping_clock", str(seconds)),
            *("tick", "--every", str(self._tick_seconds)),
        )

    def return_from_leap(self, *, is_confirmed: bool) -> None:
        """Replaces the tick by one whose clock is right, and perhaps called so."""
        self._end_tick()
        self._start(
            "tick",
            *("rapport", "tick", "--every", str(self._tick_seconds)),
            *(["--confirm-clock"] if is_confirmed else []),
        )

    def _end_tick(self) -> None:
        self._processes["tick"].kill()
        self._processes["tick"].wait()

    def revive_tick(self) -> None:
        """Starts another tick if the last one has died."""
        if self._processes["tick"].poll() is not None:
            self._start_ticking()

    def restart(self, *, roll_back: bool) -> None:
        """Stops, takes or restores a snapshot, and serves again on the same port.

        A restore is followed by a new epoch, as always.
        """
        installation = self.installation
        if not isinstance(installation, ChaosInstallation):
            raise TypeError("only a chaos installation can be rolled back")
        self._stop()
        self._port = urlsplit(self.url).port or 0
        if roll_back:
            installation.engine.roll_back()
            installation.rapport("db", "renew-epoch")
        else:
            installation.engine.copy()
        self.__enter__()
