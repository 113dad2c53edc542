"""Benchmark of the roster by the number of people: ``make bench-roster``.

The SDK puts rosters of 1,000, 20,000 and 100,000 people into gunicorn as it is
deployed, each three times: anew, the same again, with one person changed. Each size has
a server and a database of its own, on SQLite and on PostgreSQL. Exit status 1 where the
largest takes longer, or more memory, than promised.
"""

import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from importlib.metadata import version
from pathlib import Path
from subprocess import run

import psycopg

from demo.installation import program
from demo.wave_steps import print_progress
from rapport_client import Client, Roster, RosterChanges, RosterPerson, RosterTeam
from tests.support.gunicorn import GunicornServer, environment
from tests.support.postgres import PostgreSQL

SIZES = (1_000, 20_000, 100_000)
TEAM_SIZE, SECTION_SIZE = 10, 20
"""How many people a team has, and how many teams a section."""

MAX_SECONDS = {"put": 15.0, "put again": 2.0, "one changed": 15.0}
"""By step, the longest that a roster of the largest size may take."""

MAX_MEGABYTES = 300
"""The most resident memory that a worker may have taken for it."""


@dataclass(frozen=True)
class RosterCosts:
    """Costs of one size on one engine.

    Attributes:
        seconds: by step, from the call of the SDK to its return.
        cpu_seconds: by step, what the workers computed, which other programs on the
            machine change less.
        megabytes: the largest peak of resident memory among the workers.
    """

    engine: str
    people: int
    seconds: dict[str, float]
    cpu_seconds: dict[str, float]
    megabytes: float


def main() -> int:
    """Measure and print; return the exit status."""
    with PostgreSQL() as postgres, tempfile.TemporaryDirectory() as folder:
        print_progress(describe_machine(postgres))
        databases: dict[str, Callable[[str], str]] = {
            "sqlite": lambda name: f"sqlite:///{folder}/{name}.db",
            "postgresql": postgres.create_database,
        }
        measured = []
        print_progress(
            "Seconds in all, and in brackets those that the workers computed"
        )
        print_progress(format_row("engine", "people", *MAX_SECONDS, "peak memory"))
        for engine, create_database in databases.items():
            for people in SIZES:
                url = create_database(f"roster_{people}")
                costs = measure(engine, url, people, Path(folder))
                times = (
                    f"{costs.seconds[step]:.2f} s ({costs.cpu_seconds[step]:.2f})"
                    for step in MAX_SECONDS
                )
                memory = f"{costs.megabytes:.0f} MB"
                print_progress(format_row(engine, f"{people:,}", *times, memory))
                measured.append(costs)
    broken = [line for costs in measured for line in find_broken_bounds(costs)]
    print(f"bench-roster: {'; '.join(broken) or 'all bounds hold'}")
    return 1 if broken else 0


def measure(engine: str, url: str, people: int, folder: Path) -> RosterCosts:
    """Put a roster of a size into a new service, three times."""
    roster = make_roster(people)
    with serve(url, folder / f"{engine}-{people}.log") as (server, credentials):
        origin = f"http://127.0.0.1:{server.port}"
        with Client(origin, *credentials) as client:
            client.teams.list()  # a token, and each module imported
            seconds, cpu_seconds = {}, {}
            for step, edit in EDITS.items():
                edit(roster)
                started, computed = time.perf_counter(), count_cpu_seconds(server)
                changes = client.roster.put(roster)
                seconds[step] = time.perf_counter() - started
                cpu_seconds[step] = count_cpu_seconds(server) - computed
                assert count_changes(changes) == EXPECTED_CHANGES[step](roster)
        peak = max(peak_megabytes(worker) for worker in server.workers())
    return RosterCosts(engine, people, seconds, cpu_seconds, peak)


def find_broken_bounds(costs: RosterCosts) -> Iterator[str]:
    """Return in words each bound that the largest size does not keep."""
    if costs.people < max(SIZES):
        return
    for step, bound in MAX_SECONDS.items():
        if costs.seconds[step] > bound:
            yield (
                f"{costs.engine}: {step} took {costs.seconds[step]:.2f} s "
                f"instead of {bound:.0f} s"
            )
    if costs.megabytes > MAX_MEGABYTES:
        yield (
            f"{costs.engine}: a worker took {costs.megabytes:.0f} MB "
            f"instead of {MAX_MEGABYTES} MB"
        )


def make_roster(people: int) -> Roster:
    """Make a roster: teams of ten with a supervisor each, twenty teams a section."""
    teams = people // TEAM_SIZE
    sections = -(-teams // SECTION_SIZE)
    return {
        "teams": [
            RosterTeam(external_id="agency", name="The agency", parent=None),
            *(
                RosterTeam(external_id=f"s-{n}", name=f"Section {n}", parent="agency")
                for n in range(sections)
            ),
            *(
                RosterTeam(
                    external_id=f"t-{n}",
                    name=f"Team number {n}",
                    parent=f"s-{n // SECTION_SIZE}",
                )
                for n in range(teams)
            ),
        ],
        "people": [
            RosterPerson(
                external_id=f"employee-{n:07}",
                team=f"t-{n % teams}",
                supervises=[] if n >= teams else [f"t-{n}"],
                away=False,
            )
            for n in range(people)
        ],
    }


def change_one(roster: Roster) -> None:
    """Move the last person to the first team."""
    roster["people"][-1]["team"] = "t-0"


EDITS: dict[str, Callable[[Roster], None]] = {
    "put": lambda _: None,
    "put again": lambda _: None,
    "one changed": change_one,
}
EXPECTED_CHANGES: dict[str, Callable[[Roster], int]] = {
    "put": lambda roster: len(roster["teams"]) + len(roster["people"]),
    "put again": lambda _: 0,
    "one changed": lambda _: 1,
}
"""By step, what is done to the roster before, and how many entries then change."""


def count_changes(changes: RosterChanges) -> int:
    """Count the entries that a put changed."""
    assert changes.teams is not None
    assert changes.people is not None
    return sum(astuple(changes.teams) + astuple(changes.people))


@contextmanager
def serve(url: str, log: Path) -> Iterator[tuple[GunicornServer, tuple[str, str]]]:
    """Serve a new agency.

    Yields:
        The server, and the id and secret of a client.
    """

    def rapport(*arguments: str) -> str:
        return run(
            [program("rapport"), *arguments],
            env=environment(url),
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    rapport("db", "upgrade")
    rapport(
        "organization", "create", "acme", "--name", "Acme County", "--time-zone", "UTC"
    )
    client_id, secret = rapport(
        *("client", "create", "acme", "--name", "HR", "--scope", "roster")
    ).split()
    server = GunicornServer(url, log)
    try:
        yield server, (client_id, secret)
    finally:
        server.stop()


def count_cpu_seconds(server: GunicornServer) -> float:
    """Return the time that the workers of a server have computed so far."""
    ticks = 0
    for worker in server.workers():
        fields = Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(
            fields[12]
        )  # utime and stime of proc_pid_stat(5)
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_megabytes(process: int) -> float:
    """Return the largest resident memory that a process has had, in MB."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ValueError("no VmHWM: this needs Linux")


def describe_machine(postgres: PostgreSQL) -> str:
    """Return the machine and the versions that the figures belong to."""
    with psycopg.connect(
        postgres.url("postgres").replace("+psycopg", "")
    ) as connection:
        postgres_version = connection.info.parameter_status("server_version")
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return (
        f"{os.cpu_count()} cores of {processor}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, PostgreSQL {postgres_version}, "
        f"gunicorn {version('gunicorn')}, SQLAlchemy {version('SQLAlchemy')}"
    )


def format_row(engine: str, people: str, *cells: str) -> str:
    """Return a row of the printed table."""
    return f"{engine:12}{people:>9}" + "".join(f"{cell:>18}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
