"""The log of the sealing job goes through the tick, which leaves out repetitions."""

import json
import sys

from rapport_service.core.logging_config import RepeatFilter
from rapport_service.core.seal_process import _RelayedProcess

FAILURE = {"at": "2027-03-01T12:00:00.000", "level": "error", "event": "tick failed"}


class Job:
    """A job that is started again and again by one tick."""

    def __init__(self, capfd):
        self._repeats = RepeatFilter()
        self._capfd = capfd

    def run(self, *lines, status=0):
        """One run that writes these lines; those that come out, as they come out."""
        program = f"import sys; sys.stderr.write({''.join(lines)!r}); exit({status})"
        self._repeats.begin_turn()
        process = _RelayedProcess([sys.executable, "-c", program], self._repeats)
        assert process.wait(timeout=30) == status
        assert process.poll() == status
        return self._capfd.readouterr().err.splitlines(keepends=True)


def line(**members):
    return json.dumps(FAILURE | members) + "\n"


def test_failure_that_each_run_meets_is_logged_once(capfd):
    job = Job(capfd)
    runs = [
        line(at=f"2027-03-01T12:00:0{n}.000", wave_id="acme.1", trace=[f"line {n}"])
        for n in range(3)
    ]

    assert [job.run(each, status=1) for each in runs] == [[runs[0]], [], []]


def test_failure_of_another_wave_and_one_that_came_back_are_news(capfd):
    job = Job(capfd)
    first, second = line(wave_id="acme.1"), line(wave_id="acme.2")

    assert job.run(first) == [first]
    assert job.run(first, second) == [second]
    assert job.run() == []
    assert job.run(first) == [first]


def test_steps_and_what_is_no_line_of_a_log_always_come_out(capfd):
    job = Job(capfd)
    step = line(level="info", event="wave sealed and released")

    for _ in range(2):
        assert job.run(step, "Traceback: é\n", "[1]\n", "no end") == [
            step,
            "Traceback: é\n",
            "[1]\n",
            "no end",
        ]
