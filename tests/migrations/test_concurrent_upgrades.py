import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import text

from rapport_service import migrate
from rapport_service.core.data_keys import Secrets, create_data_keys
from rapport_service.core.db import Door, db, transaction
from tests.cli.command_runner import environment_for
from tests.support.concurrency import open_transaction

RAPPORT = Path(sys.executable).with_name("rapport")

DONE = "schema: up to date\n"
NOTED = (
    "note: this database now works only with this RAPPORT_SECRET. Keep a copy of it\n"
)
"""Further output of the first upgrade; of two at once, either is the first."""


def upgrade_concurrently(url):
    """Two processes that migrate one database at once: output and status of each."""
    running = [
        subprocess.Popen(
            [RAPPORT, "db", "upgrade"],
            env=environment_for(url),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    return [(process.communicate()[0], process.returncode) for process in running]


def test_first_upgrades_at_once_do_not_collide(server):
    """The administrator's login, on a server that has no roles yet."""
    server.run("CREATE DATABASE production")

    ends = upgrade_concurrently(server.url("postgres"))

    assert sorted(ends) == [(DONE, 0), (DONE + NOTED, 0)]


def test_an_upgrade_waits_for_another_one_before_it_looks_at_roles(server, engine):
    server.run("CREATE DATABASE production")
    first, second = (engine(server.url("postgres")) for _ in range(2))
    waiting = text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with first.connect() as other, ThreadPoolExecutor(1) as threads:
        other.execute(text(f"SELECT pg_advisory_lock({migrate.ADVISORY_LOCK})"))
        upgrade = threads.submit(migrate.upgrade, second)
        deadline = time.monotonic() + 20
        while not other.scalar(waiting) and time.monotonic() < deadline:
            assert not upgrade.done()

        meanwhile = server.roles()

        other.execute(text(f"SELECT pg_advisory_unlock({migrate.ADVISORY_LOCK})"))
        upgrade.result()

    assert meanwhile == set()
    assert server.roles() == set(Door)


def test_first_upgrades_at_once_do_not_collide_on_sqlite(tmp_path):
    ends = upgrade_concurrently(f"sqlite:///{tmp_path}/rapport.db")

    assert sorted(ends) == [(DONE, 0), (DONE + NOTED, 0)]


def test_first_upgrades_at_once_make_the_keys_once(unmigrated):
    """The second one looked when there were no keys yet."""
    migrate.upgrade(db.engine)

    def create(session):
        return create_data_keys(session, Secrets(bytes(32)))

    def create_too():
        with unmigrated.app.app_context(), transaction(Door.POLL_BOOK) as session:
            return create(session)

    with open_transaction(unmigrated, Door.POLL_BOOK, create) as first:
        waited, made_by_second, made_by_first = first.run_meanwhile(create_too)

    assert (waited, made_by_second, made_by_first) == (True, False, True)
