"""Several processes on one outbox file, and one that is killed."""

import subprocess
import sys
from pathlib import Path

import pytest
from peer import another_process
from peer.phone import SERVER, Phone
from peer.service import Peer

from rapport_client import AlreadyAnswered


class Another:
    """Another process that uses the same outbox file."""

    def __init__(self, deed, *arguments):
        script = Path(another_process.__file__)
        self._process = subprocess.Popen(
            [sys.executable, script, deed, *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self):
        """Waits for the next line that it prints."""
        return self._process.stdout.readline().strip()

    def end(self):
        """Waits until it has ended; its exit status."""
        with self._process:
            return self._process.wait(10)


def test_what_was_in_flight_when_the_process_died_is_queued_again(answered, tmp_path):
    path = tmp_path / "outbox.db"
    answered.close()
    another = Another("die_while_sending", path)

    assert another.hear() == "in_flight"
    assert another.end() == 9

    with Phone(path, SERVER, transport=Peer()) as phone:
        status = phone.status()
    assert (status.queued, status.in_flight) == (1, 0)


def test_a_writer_waits_for_the_writer_of_another_process(phone, wave, tmp_path):
    (pulse,) = phone.open_pulses()
    another = Another("answer_slowly", tmp_path / "outbox.db", wave.id)
    assert another.hear() == "writing"

    with pytest.raises(AlreadyAnswered):
        phone.answer(pulse, {each.id: 4 for each in pulse.questions})

    assert another.end() == 0
    assert phone.status().queued == 1


def test_a_sync_waits_for_the_sync_of_another_process(answered, peer, tmp_path):
    """So no answer is sent twice at once, and no refresh token is spent twice."""
    another = Another("sync_without_a_signal", tmp_path / "outbox.db")
    assert another.hear() == "sending"

    report = answered.sync()

    assert another.hear() == "no signal"
    assert another.end() == 0
    assert report.accepted == 1
    assert peer.paths().count("/v1/submissions") == 1
