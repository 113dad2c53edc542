"""Syncs until the process is told to stop."""

import signal
import sys

from rapport_client._cli.outcome import escape_control_characters
from rapport_client.device import FieldDevice
from rapport_client.models import SyncReport


def run_loop(device: FieldDevice) -> SyncReport:
    """Keeps a device in sync until SIGINT or SIGTERM; tells what changes on stderr.

    SIGUSR1 says that a connection has come back.

    Returns:
        What the last step came to.
    """
    loop = device.loop()
    heard = {
        signal.SIGINT: loop.stop,
        signal.SIGTERM: loop.stop,
        signal.SIGUSR1: loop.connected,
    }
    before = {
        number: signal.signal(number, lambda *_, react=react: react())
        for number, react in heard.items()
    }
    try:
        loop.run(_print_report)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return loop.report


def _print_report(report: SyncReport) -> None:
    sys.stderr.write(f"{escape_control_characters(str(report))}\n")
    sys.stderr.flush()
