"""Sync loop of the command: runs until a signal stops the process."""

import signal
import sys

from rapport_client._cli.outcome import escape_control_characters
from rapport_client.device import FieldDevice
from rapport_client.models import SyncReport


def run_loop(device: FieldDevice) -> SyncReport:
    """Keeps a device in sync until SIGINT or SIGTERM; prints changes on stderr.

    SIGUSR1 means that a connection has come back.

    Returns:
        The report of the last step.
    """
    loop = device.loop()
    handlers = {
        signal.SIGINT: loop.stop,
        signal.SIGTERM: loop.stop,
        signal.SIGUSR1: loop.connected,
    }
    previous = {
        number: signal.signal(number, lambda *_, handle=handle: handle())
        for number, handle in handlers.items()
    }
    try:
        loop.run(_print_report)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    return loop.report


def _print_report(report: SyncReport) -> None:
    sys.stderr.write(f"{escape_control_characters(str(report))}\n")
    sys.stderr.flush()
