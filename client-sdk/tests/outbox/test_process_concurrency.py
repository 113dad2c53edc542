"""Several processes on one outbox file, and one that is killed."""

import subprocess
import sys
from pathlib import Path

import pytest
from fake_service import concurrent_worker
from fake_service.phone import SERVER, Phone
from fake_service.service import FakeService

from rapport_client import AlreadyAnswered


class ConcurrentProcess:
    """Another process that uses the same outbox file."""

    def __init__(self, deed, *arguments):
        script = Path(concurrent_worker.__file__)
        self._process = subprocess.Popen(
            [sys.executable, script, deed, *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )

    def read_line(self):
        """Waits for the next line that it prints."""
        return self._process.stdout.readline().strip()

    def wait(self):
        """Waits until it has ended; its exit status."""
        with self._process:
            return self._process.wait(10)


def test_item_in_flight_at_the_death_is_queued_again(answered_phone, tmp_path):
    path = tmp_path / "outbox.db"
    answered_phone.close()
    another = ConcurrentProcess("die_while_sending", path)

    assert another.read_line() == "in_flight"
    assert another.wait() == 9

    with Phone(path, SERVER, transport=FakeService()) as phone:
        status = phone.status()
    assert (status.queued, status.in_flight) == (1, 0)


def test_a_writer_waits_for_the_writer_of_another_process(phone, wave, tmp_path):
    (pulse,) = phone.open_pulses()
    another = ConcurrentProcess("answer_slowly", tmp_path / "outbox.db", wave.id)
    assert another.read_line() == "writing"

    with pytest.raises(AlreadyAnswered):
        phone.answer(pulse, {each.id: 4 for each in pulse.questions})

    assert another.wait() == 0
    assert phone.status().queued == 1


def test_a_sync_waits_for_the_sync_of_another_process(
    answered_phone, service, tmp_path
):
    """No answer is sent twice at once, and no refresh token is used twice."""
    another = ConcurrentProcess("sync_without_a_signal", tmp_path / "outbox.db")
    assert another.read_line() == "sending"

    report = answered_phone.sync()

    assert another.read_line() == "no signal"
    assert another.wait() == 0
    assert report.accepted == 1
    assert service.paths().count("/v1/submissions") == 1
