"""Run as a program: uses an outbox file as another process, and says how far it is."""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from peer.frozen import frozen
from peer.phone import SERVER, Phone
from peer.service import Peer
from rapport_client import TransportFailure

MOMENT = 0.3


def say(line):
    print(line, flush=True)  # noqa: T201 - the test reads it


def die_while_sending(path):
    """Is killed between asking and hearing."""

    def die(*_):
        ((state,),) = phone._me.space.database.read("SELECT state FROM outbox")
        say(state)
        os._exit(9)

    phone = Phone(path, SERVER, transport=Peer(interfere=die))
    phone.sync()


@contextmanager
def slowly(database):
    """A transaction that takes its time."""
    with database.write() as rows:
        say("writing")
        time.sleep(MOMENT)
        yield rows


def answer_slowly(path, wave):
    """Takes a moment in the middle of writing an answer."""
    with Phone(path, SERVER, transport=Peer()) as phone:
        phone._me.space.write = lambda: slowly(phone._me.space.database)
        phone._outbox.add(frozen(wave))


def sync_without_a_signal(path):
    """Takes a moment to find out that there is no signal."""

    def fail(request, _):
        if request.url.endswith("/v1/submissions"):
            say("sending")
            time.sleep(MOMENT)
            say("no signal")
        raise TransportFailure("no signal")

    with Phone(path, SERVER, transport=Peer(interfere=fail)) as phone:
        phone.sync()


if __name__ == "__main__":
    _, deed, *arguments = sys.argv
    {
        "die_while_sending": die_while_sending,
        "answer_slowly": answer_slowly,
        "sync_without_a_signal": sync_without_a_signal,
    }[deed](*arguments)
