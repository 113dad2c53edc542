"""Program that uses an outbox file as a second process and prints its progress."""

import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fake_service.frozen_items import build_frozen_item
from fake_service.phone import SERVER, Phone
from fake_service.service import FakeService
from rapport_client import TransportFailure

PAUSE_SECONDS = 0.3


def print_line(line):
    print(line, flush=True)  # noqa: T201 - the test reads it


def die_while_sending(path):
    """Dies between the request and its reply."""

    def die(*_):
        ((state,),) = phone._account.namespace.database.read("SELECT state FROM outbox")
        print_line(state)
        os._exit(9)

    phone = Phone(path, SERVER, transport=FakeService(intercept=die))
    phone.sync()


@contextmanager
def slow_transaction(database):
    """A write transaction that lasts until the test releases it."""
    with database.write() as rows:
        print_line("writing")
        time.sleep(PAUSE_SECONDS)
        yield rows


def answer_slowly(path, wave):
    """Takes a moment in the middle of writing an answer."""
    with Phone(path, SERVER, transport=FakeService()) as phone:
        phone._account.namespace.write = lambda: slow_transaction(
            phone._account.namespace.database
        )
        phone._outbox.add(build_frozen_item(wave))


def sync_without_a_signal(path):
    """Takes a moment to find out that there is no signal."""

    def fail(request, _):
        if request.url.endswith("/v1/submissions"):
            print_line("sending")
            time.sleep(PAUSE_SECONDS)
            print_line("no signal")
        raise TransportFailure("no signal")

    with Phone(path, SERVER, transport=FakeService(intercept=fail)) as phone:
        phone.sync()


if __name__ == "__main__":
    _, deed, *arguments = sys.argv
    {
        "die_while_sending": die_while_sending,
        "answer_slowly": answer_slowly,
        "sync_without_a_signal": sync_without_a_signal,
    }[deed](*arguments)
