"""Service of a run: several workers on either engine, killed and rolled back."""

import os
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Self
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
    def copy(self, name: str) -> None:
        """Takes a snapshot of this name."""

    @abstractmethod
    def roll_back(self, name: str) -> None:
        """Restores the snapshot of this name."""


class SQLite(Engine):
    """A database file in a folder.

    Args:
        folder: the installation's.
    """

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "rapport.db"

    @property
    def url(self) -> str:
        """The URL of the current database."""
        return f"sqlite:///{self._file}"

    def copy(self, name: str) -> None:
        """Takes a snapshot: the file and its log."""
        kept = self._file.with_name(name)
        kept.mkdir(exist_ok=True)
        for file in self._files():
            shutil.copy(file, kept)

    def roll_back(self, name: str) -> None:
        """Restores a snapshot."""
        for file in self._files():
            file.unlink()
        for file in self._file.with_name(name).iterdir():
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

    def copy(self, name: str) -> None:
        """Takes a snapshot: a copy by the server itself."""
        self._server.create_database(name, template=self._database)

    def roll_back(self, name: str) -> None:
        """Restores a snapshot under another name."""
        self._database = f"{name}_restored"
        self._server.create_database(self._database, template=name)


class ChaosInstallation(Installation):
    """Installation on either engine, perhaps with a mutated service.

    Attributes:
        sealing_folder: of the sealing job, beside the installation's folder.

    Args:
        folder: of the installation.
        engine: of its database.
        service_env: additional environment variables of its programs.
        workers: their number.
    """

    sealing_folder: Path

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        service_env: Mapping[str, str],
        workers: int = WORKERS,
    ) -> None:
        super().__init__(folder)
        self.sealing_folder = folder.with_name(f"{folder.name}-sealing-keys")
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
    """Server whose processes can be killed and restarted.

    A second sealing machine runs beside the job that the tick starts.
    """

    def __enter__(self) -> Self:
        """Starts everything."""
        server = super().__enter__()
        self._start_sealing()
        return server

    def pids(self, role: str) -> list[int]:
        """The process ids of the workers, of the tick, or of the sealing machine."""
        return self.workers() if role == "worker" else [self._processes[role].pid]

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

    def kill_sealing(self) -> None:
        """Kills the sealing machine, and starts another."""
        self._processes["seal"].kill()
        self._processes["seal"].wait()
        self._start_sealing()

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

    def revive(self) -> None:
        """Starts another tick or sealing machine if the last one has died."""
        if self._processes["tick"].poll() is not None:
            self._start_ticking()
        if self._processes["seal"].poll() is not None:
            self._start_sealing()

    def _start_sealing(self) -> None:
        self._start("seal", "rapport", "seal", "--every", str(self._tick_seconds))

    def restart(self, name: str, *, roll_back: bool) -> None:
        """Stops, takes or restores a snapshot, and serves again on the same port.

        A restore is followed by a new epoch, as always.

        Args:
            name: of the snapshot.
            roll_back: whether it is restored.
        """
        installation = self.installation
        if not isinstance(installation, ChaosInstallation):
            raise TypeError("only a chaos installation can be rolled back")
        self._stop()
        self._port = urlsplit(self.url).port or 0
        if roll_back:
            installation.engine.roll_back(name)
            installation.rapport("db", "renew-epoch")
        else:
            installation.engine.copy(name)
        self.__enter__()
