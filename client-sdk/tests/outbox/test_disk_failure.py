"""A real process is killed, and a disk is full or broken, at any write (I16).

Faults are injected into the system calls of another process by ``strace``; where that
is not installed or not allowed the tests are skipped, and say so.
"""

import shutil
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from fake_service import crash_worker

from rapport_client._outbox.database import Database
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox

PROGRAM = Path(crash_worker.__file__)
ANSWERS = 6
CALLS = "pwrite64,write,fdatasync,fsync,ftruncate"


def is_traceable():
    """Whether this system lets a process trace another."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(
        ["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, check=False
    )
    return tried.returncode == 0


strace = pytest.mark.skipif(
    not is_traceable(),
    reason="strace is not here, or may not trace: disk faults untested",
)


def run_worker(path, *injection):
    """Answers in a process of its own; its exit status, and the answers it took."""
    tracer = ["strace", "-f", "-qq", "-o", "/dev/null", *injection] if injection else []
    done = subprocess.run(
        [*tracer, sys.executable, PROGRAM, path, str(ANSWERS)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, [int(word) for word in done.stdout.split()]


def read_kept_answers(path):
    """The answers that are whole in the outbox, each in its exact bytes."""
    with closing(Database(path)) as database:
        entries = Outbox(Namespace.for_person(database, "me")).entries()
    numbers = [int(entry.frozen.wave_id.removeprefix("acme.")) for entry in entries]
    for number, entry in zip(numbers, entries, strict=True):
        assert entry.frozen.envelope.startswith(f"answer {number}\0".encode())
        assert entry.state == "queued"
    return numbers


@pytest.fixture
def outbox(tmp_path):
    """An outbox that was used before, so that faults meet answers, not its creation."""
    path = tmp_path / "outbox.db"
    Database(path).close()
    return path


def strace_options(calls, what, number):
    return ("-e", f"inject={calls}:{what}:when={number}")


def test_answers_are_all_taken_and_kept_without_a_fault(outbox):
    status, taken = run_worker(outbox)

    assert (status, taken) == (0, list(range(ANSWERS)))
    assert read_kept_answers(outbox) == taken


@strace
@pytest.mark.parametrize("number", range(1, 48))
def test_killed_at_any_write_it_has_every_answer_that_it_acknowledged(outbox, number):
    status, taken = run_worker(outbox, *strace_options(CALLS, "signal=KILL", number))

    assert status in {-signal.SIGKILL, 128 + signal.SIGKILL, 0}
    kept = read_kept_answers(outbox)
    # One more may be there: killed after the commit, before the word.
    assert kept[: len(taken)] == taken
    assert len(kept) <= len(taken) + 1
    assert run_worker(outbox)[1] == [n for n in range(ANSWERS) if n not in kept]


@strace
@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync"])
def test_refused_answer_is_not_on_a_disk_that_fails(outbox, call, error, number):
    status, taken = run_worker(outbox, *strace_options(call, f"error={error}", number))

    kept = read_kept_answers(outbox)
    if status == 0:
        assert kept == taken
    else:  # the fault met the opening or the closing of the file
        assert set(taken) <= set(kept)
    assert len(taken) >= ANSWERS - 2 or status != 0
    assert sorted(kept) == kept


@strace
def test_a_disk_that_stays_full_takes_nothing_and_loses_nothing(outbox):
    run_worker(outbox)
    before = read_kept_answers(outbox)
    more = outbox.with_name("more.db")
    for name in ("", ".key"):
        shutil.copy(f"{outbox}{name}", f"{more}{name}")

    _, taken = run_worker(more, *strace_options("pwrite64", "error=ENOSPC", "1+"))

    assert taken == []
    assert read_kept_answers(more) == before
