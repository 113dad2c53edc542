"""Environment of a run: a service on an engine, another one, and the proxy."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from demo.agency import ROOT, create_agency, mint_codes
from tests.support.postgres import PostgreSQL
from tools.chaos.envelopes import KeyKeeper
from tools.chaos.participants import Participants
from tools.chaos.proxy import EXCHANGES, WRONG_ADDRESS
from tools.chaos.proxy_process import ProxyProcess
from tools.chaos.server import ChaosInstallation, ChaosServer, Engine, Postgres, SQLite

TICK_SECONDS, OTHER_TICK_SECONDS = 0.5, 30.0


@dataclass
class RunEnvironment:
    """Everything that a run needs, running.

    Attributes:
        folder: holds all ledgers and outboxes.
        installation: the service's programs and settings.
        server: serves the installation.
        other: serves another installation, with an agency of the same name and people.
        proxy: between phones and both servers.
        participants: the people, their devices and their roles.
        codes: by device, an enrolment code for each of its people.
        rng: decides what happens next.
        key_keeper: copies the service's sealing keys.
    """

    folder: Path
    installation: ChaosInstallation
    server: ChaosServer
    other: ChaosServer
    proxy: ProxyProcess
    participants: Participants
    codes: dict[str, dict[str, str]]
    rng: Random
    key_keeper: KeyKeeper

    @property
    def exchanges(self) -> Path:
        """The proxy's ledger."""
        return self.folder / EXCHANGES

    @property
    def wrong_address(self) -> Path:
        """The proxy's ledger of the other server's address."""
        return self.folder / WRONG_ADDRESS

    @property
    def operations(self) -> Path:
        """The operator's ledger: states of waves, and rosters."""
        return self.folder / "operations"

    @property
    def attacks(self) -> Path:
        """The attacker's ledger."""
        return self.folder / "attacks"

    @property
    def port(self) -> int:
        """The port of the service itself, behind the proxy."""
        return urlsplit(self.server.url).port or 0

    def outbox(self, device: str) -> Path:
        """A device's outbox file."""
        return self.folder / f"{device}.db"

    def ledger(self, device: str) -> Path:
        """A device's own ledger."""
        return self.folder / f"{device}.ledger"

    def issue_codes(self, wanted: Collection[tuple[str, str]]) -> None:
        """Issues another enrolment code for each pair of device and person."""
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
    folder: Path,
    name: str,
    seed: str,
    participants: Participants,
    service_env: Mapping[str, str],
) -> Iterator[RunEnvironment]:
    """Starts both services and the proxy, and creates the agency at both.

    Args:
        folder: for all ledgers and outboxes.
        name: of the engine.
        seed: of the run.
        participants: the people, their devices and their roles.
        service_env: additional environment variables of the service's programs.
    """
    with ExitStack() as stack:
        server_folder = folder / "server"
        database = stack.enter_context(open_engine(name, server_folder))
        installation = ChaosInstallation(server_folder, database, service_env)
        server = stack.enter_context(
            ChaosServer(installation, tick_seconds=TICK_SECONDS)
        )
        other = stack.enter_context(_serve_another(folder / "other"))
        for each in (installation, other.installation):
            create_agency(each, ROOT, participants.roster())
        port, other_port = (urlsplit(each.url).port or 0 for each in (server, other))
        proxy = stack.enter_context(ProxyProcess(port, other_port, seed, folder))
        keeper = KeyKeeper(installation.sealing_folder, folder / "kept-keys")
        yield RunEnvironment(
            *(folder, installation, server, other, proxy, participants, {}),
            Random(seed),
            keeper,
        )


def _serve_another(folder: Path) -> ChaosServer:
    """A second Rapport, with a database and a secret of its own."""
    installation = ChaosInstallation(folder, SQLite(folder), {}, workers=1)
    return ChaosServer(installation, tick_seconds=OTHER_TICK_SECONDS)
