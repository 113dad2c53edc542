"""What a run stands on: a house on an engine, a server under fire, and a bad line."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from demo.agency import ROOT, create_agency, mint_codes
from tests.support.postgres import PostgreSQL
from tools.chaos.participants import Participants
from tools.chaos.proxy_process import ProxyProcess
from tools.chaos.server import ChaosInstallation, ChaosServer, Engine, Postgres, SQLite

TICK_SECONDS = 0.5


@dataclass
class RunEnvironment:
    """Everything that a run needs, running.

    Attributes:
        folder: where all ledgers and outboxes lie.
        house: the installation.
        server: serves it.
        line: between phones and the server.
        cast: who has which part.
        codes: by device, an enrolment code for everybody who uses it.
        dice: decides what happens next.
    """

    folder: Path
    installation: ChaosInstallation
    server: ChaosServer
    proxy: ProxyProcess
    participants: Participants
    codes: dict[str, dict[str, str]]
    rng: Random

    @property
    def exchanges(self) -> Path:
        """The proxy's ledger."""
        return self.folder / "crossed"

    @property
    def attacks(self) -> Path:
        """The attacker's ledger."""
        return self.folder / "attacks"

    @property
    def port(self) -> int:
        """Where the service listens, past the line."""
        return urlsplit(self.server.url).port or 0

    def outbox(self, device: str) -> Path:
        """A device's outbox file."""
        return self.folder / f"{device}.db"

    def ledger(self, device: str) -> Path:
        """A device's own ledger."""
        return self.folder / f"{device}.ledger"

    def issue_codes(self, wanted: Collection[tuple[str, str]]) -> None:
        """Gives people another enrolment code, each for a device."""
        minted = mint_codes(self.installation, ROOT, *sorted({p for _, p in wanted}))
        for device, person in wanted:
            self.codes.setdefault(device, {})[person] = minted[person]


@contextmanager
def open_engine(name: str, folder: Path) -> Iterator[Engine]:
    """A fresh database on the engine of this name."""
    if name == SQLite.name:
        yield SQLite(folder)
        return
    with PostgreSQL() as server:
        yield Postgres(server)


@contextmanager
def start_environment(
    folder: Path, name: str, seed: str, cast: Participants, more: Mapping[str, str]
) -> Iterator[RunEnvironment]:
    """Sets everything up: the service served, the agency founded, codes minted.

    Args:
        folder: where all ledgers and outboxes will lie.
        name: of the engine.
        seed: of the run.
        cast: who takes part.
        more: environment of the service's programs.
    """
    with ExitStack() as up:
        house_folder = folder / "server"
        database = up.enter_context(open_engine(name, house_folder))
        house = ChaosInstallation(house_folder, database, more)
        server = up.enter_context(ChaosServer(house, tick_seconds=TICK_SECONDS))
        create_agency(house, ROOT, cast.roster())
        port = urlsplit(server.url).port or 0
        line = up.enter_context(ProxyProcess(port, folder / "crossed", seed))
        yield RunEnvironment(folder, house, server, line, cast, {}, Random(seed))
