"""Syncs until the process is told to stop."""

import signal
import sys
from threading import Event

from rapport_client.cli.printable import printable
from rapport_client.device import FieldDevice
from rapport_client.report import SyncReport


def keep_going(device: FieldDevice) -> SyncReport:
    """Keeps a device in sync until SIGINT or SIGTERM; tells what changes on stderr.

    SIGUSR1 says that a connection has come back.

    Returns:
        What the last step came to.
    """
    loop, stop = device.loop(), Event()
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, lambda *_: stop.set()),
        signal.SIGTERM: signal.signal(signal.SIGTERM, lambda *_: stop.set()),
        signal.SIGUSR1: signal.signal(signal.SIGUSR1, lambda *_: loop.connected()),
    }
    told = None
    try:
        while not stop.wait(loop.step()):
            if loop.report != told:
                told = loop.report
                sys.stderr.write(f"{printable(str(told))}\n")
                sys.stderr.flush()
        return loop.report
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
