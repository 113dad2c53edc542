"""Sync loop of the command: runs until a signal stops the process."""

import signal
import sys
from datetime import datetime

from rapport_client._cli.messages import format_report
from rapport_client.device import FieldDevice
from rapport_client.models import SyncReport


def run_loop(device: FieldDevice, language: str) -> SyncReport:
    """Keeps a device in sync until SIGINT or SIGTERM; prints changes on stderr.

    SIGUSR1 means that a connection has come back.

    Args:
        device: the person's.
        language: of what is printed.

    Returns:
        The report of the last step.
    """
    loop = device.loop(language)
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
    at = f"{datetime.now().astimezone():%H:%M}"
    sys.stderr.write(f"{at} {format_report(report).replace(chr(10), '; ')}\n")
    sys.stderr.flush()
