"""Service under attack: the app in this process, on a real database, with a clock."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from flask.testing import FlaskClient

from rapport_service.blindsign.keys import make_key
from rapport_service.core.logging_config import JsonFormatter
from rapport_service.lifecycle.organization import advance_all
from rapport_service.lifecycle.seal_starter import SealStarter
from tests.support.ballots import combine_keys
from tests.support.postgres import PostgreSQL
from tests.support.service import ServiceHarness, start_service

ENGINES = ("sqlite", "postgresql")
SERVER_OPTIONS = ("autovacuum=off", "wal_recycle=off", "min_wal_size=32MB")
"""Settings of the server: those of compose.yaml, and no vacuum at random times."""

GENERATED_KEYS = 11
BALLOT_KEYS = 100
"""Ballot keys of an agency: no key may serve two waves."""

MAX_SEALS = 3
"""Runs of the sealing job in one tick: a key, then a seal, and what has to go."""

ORGANIZATION = "acme"


class TickFailedError(Exception):
    """A tick failed; the run would prove nothing."""


@dataclass
class Deployment:
    """Running service.

    Attributes:
        engine: name of its engine.
        folder: its files: the database, its logs, temporary files.
        harness: the app and its clock.
        server: of the database, on PostgreSQL.
        database_url: of the database.
        unchanged: digests of the server's files before there was an agency; they hold
            nothing of it.
    """

    engine: str
    folder: Path
    harness: ServiceHarness
    server: PostgreSQL | None
    database_url: str
    unchanged: frozenset[bytes] = frozenset()

    @property
    def log(self) -> Path:
        """The log of the service."""
        return self.folder / "service.log"

    @property
    def data_directory(self) -> Path:
        """The folder of the database's files."""
        return self.folder if self.server is None else self.server._folder / "data"

    @property
    def server_log(self) -> Path | None:
        """The log of the database server."""
        return None if self.server is None else self.server._folder / "log"

    def tick(self, **later: float) -> None:
        """Move the clock on, and do everything that is due by then."""
        self.harness.clock.now += timedelta(**later)
        deps = self.harness.dependencies
        sealing = SealStarter(deps)
        is_well = advance_all(deps, confirm_clock=True)
        for _ in range(MAX_SEALS):
            if is_well and sealing.start_if_due():
                is_well = sealing.wait() and advance_all(deps, confirm_clock=True)
        if not is_well:
            raise TickFailedError(self.log.read_text().splitlines()[-1])

    def read_private_keys(self) -> set[bytes]:
        """The sealing keys that are in use: what an operator's copy must not hold."""
        return {path.read_bytes() for path in self.harness.sealing_folder.glob("*.pem")}

    def rewrite(self) -> None:
        """Let the hour pass after which tables are rewritten."""
        self.tick(minutes=61)


@contextmanager
def deploy(engine: str, folder: Path) -> Iterator[Deployment]:
    """Start a service with an empty database on an engine.

    Args:
        engine: ``sqlite`` or ``postgresql``.
        folder: made if missing; holds everything but PostgreSQL's data directory.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        server, url = None, f"sqlite:///{folder}/rapport.db"
        if engine == "postgresql":
            server = stack.enter_context(PostgreSQL(*SERVER_OPTIONS))
            url = server.create_database("rapport")
        stack.enter_context(_log_to(folder / "service.log"))
        keys = combine_keys([make_key() for _ in range(GENERATED_KEYS)], BALLOT_KEYS)
        harness = stack.enter_context(start_service(url, keys))
        harness.app.test_client_class = FlaskClient
        stack.enter_context(harness.app.app_context())
        deployment = Deployment(engine, folder, harness, server, url)
        if server is not None:
            deployment.unchanged = frozenset(
                sha256(path.read_bytes()).digest()
                for path in deployment.data_directory.rglob("*")
                if path.is_file()
            )
        yield deployment


@contextmanager
def _log_to(file: Path) -> Iterator[None]:
    """Write the log as in production, and the warnings of all libraries."""
    handler = logging.FileHandler(file)
    handler.setFormatter(JsonFormatter())
    ours, root = logging.getLogger("rapport_service"), logging.getLogger()
    ours.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
