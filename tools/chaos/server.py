"""The service under fire: several workers on either engine, killed and rolled back."""

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
    """A database that can be copied away and rolled back while nobody uses it."""

    name: str

    @property
    @abstractmethod
    def url(self) -> str:
        """Where the database is now."""

    @abstractmethod
    def copy(self) -> None:
        """Keeps a snapshot."""

    @abstractmethod
    def roll_back(self) -> None:
        """Makes the database what it was at the snapshot."""


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
        """Where the database is now."""
        return f"sqlite:///{self._file}"

    def copy(self) -> None:
        """Keeps a snapshot: the file and its log."""
        self._kept.mkdir(exist_ok=True)
        for file in self._files():
            shutil.copy(file, self._kept)

    def roll_back(self) -> None:
        """Makes the database what it was at the snapshot."""
        for file in self._files():
            file.unlink()
        for file in self._kept.iterdir():
            shutil.copy(file, self._file.parent)

    def _files(self) -> list[Path]:
        side = ("", "-wal", "-shm")
        paths = [self._file.with_name(self._file.name + end) for end in side]
        return [path for path in paths if path.exists()]


class Postgres(Engine):
    """A database of a throw-away server.

    Args:
        server: is running.
    """

    name = "postgresql"

    def __init__(self, server: PostgreSQL) -> None:
        self._server = server
        self._database = "rapport"
        server.create_database(self._database)

    @property
    def url(self) -> str:
        """Where the database is now."""
        return self._server.url(self._database)

    def copy(self) -> None:
        """Keeps a snapshot: a copy by the server itself."""
        self._server.create_database("snapshot", template=self._database)

    def roll_back(self) -> None:
        """Goes on with a database that is what it was at the snapshot."""
        self._database = "restored"
        self._server.create_database(self._database, template="snapshot")


class ChaosInstallation(Installation):
    """An installation on either engine, perhaps with a service broken on purpose.

    Args:
        folder: as of any installation.
        engine: where its database is.
        more: environment of its programs, besides what they are told anyway.
    """

    def __init__(self, folder: Path, engine: Engine, more: Mapping[str, str]) -> None:
        super().__init__(folder)
        self.engine = engine
        self._more = more

    @property
    def environment(self) -> dict[str, str]:
        """What the service is told; gunicorn, how many workers to have."""
        workers = {"GUNICORN_CMD_ARGS": f"--workers={WORKERS}"}
        return super().environment | workers | dict(self._more)

    @property
    def database_url(self) -> str:
        """Where the database is now."""
        return self.engine.url


class ChaosServer(Server):
    """A server whose processes die without warning, and come back."""

    def pids(self, role: str) -> list[int]:
        """The process ids of the workers, or of the tick."""
        return self.workers() if role != "tick" else [self._processes["tick"].pid]

    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        web = self._processes["web"].pid
        children = Path(f"/proc/{web}/task/{web}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_worker(self, dice: Random) -> bool:
        """Kills a worker outright; says whether there was one."""
        workers = self.workers()
        if workers:
            os.kill(dice.choice(workers), signal.SIGKILL)
        return bool(workers)

    def kill_workers(self) -> None:
        """Kills all workers outright."""
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    def kill_tick(self) -> None:
        """Kills the tick outright, and starts another."""
        self._processes["tick"].kill()
        self._processes["tick"].wait()
        self._start_ticking()

    def revive_tick(self) -> None:
        """Starts another tick where the last one has died."""
        if self._processes["tick"].poll() is not None:
            self._start_ticking()

    def restart(self, *, roll_back: bool) -> None:
        """Stops, keeps a snapshot or goes back to it, and serves again on its port.

        After going back the epoch is renewed, as after any restore.
        """
        house = self.installation
        if not isinstance(house, ChaosInstallation):
            raise TypeError("only a house under fire can be rolled back")
        self._stop()
        self._port = urlsplit(self.url).port or 0
        if roll_back:
            house.engine.roll_back()
            house.rapport("db", "renew-epoch")
        else:
            house.engine.copy()
        self.__enter__()
