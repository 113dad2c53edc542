"""What a run stands on: a house on an engine, a server under fire, and a bad line."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from demo.agency import ROOT, found, mint_codes
from tests.chaos.cast import Cast
from tests.chaos.line import BadLine
from tests.chaos.server import Engine, House, Postgres, ServerUnderFire, SQLite
from tests.postgres import PostgreSQL

TICK_SECONDS = 0.5


@dataclass
class Stage:
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
    house: House
    server: ServerUnderFire
    line: BadLine
    cast: Cast
    codes: dict[str, dict[str, str]]
    dice: Random

    @property
    def crossed(self) -> Path:
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

    def mint(self, wanted: Collection[tuple[str, str]]) -> None:
        """Gives people another enrolment code, each for a device."""
        minted = mint_codes(self.house, ROOT, *sorted({p for _, p in wanted}))
        for device, person in wanted:
            self.codes.setdefault(device, {})[person] = minted[person]


@contextmanager
def engine(name: str, folder: Path) -> Iterator[Engine]:
    """A fresh database on the engine of this name."""
    if name == SQLite.name:
        yield SQLite(folder)
        return
    with PostgreSQL() as server:
        yield Postgres(server)


@contextmanager
def stage(
    folder: Path, name: str, seed: str, cast: Cast, more: Mapping[str, str]
) -> Iterator[Stage]:
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
        database = up.enter_context(engine(name, house_folder))
        house = House(house_folder, database, more)
        server = up.enter_context(ServerUnderFire(house, tick_seconds=TICK_SECONDS))
        found(house, ROOT, cast.roster())
        port = urlsplit(server.url).port or 0
        line = up.enter_context(BadLine(port, folder / "crossed", seed))
        yield Stage(folder, house, server, line, cast, {}, Random(seed))
