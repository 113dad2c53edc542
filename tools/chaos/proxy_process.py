"""Starts the proxy in a process of its own, and changes its weather."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Self

from tools.chaos.network_faults import NO_FAULTS, FaultRates


class ProxyProcess:
    """The running proxy.

    Args:
        upstream: the service's port.
        journal: where it writes down what crosses.
        seed: of its dice.
    """

    def __init__(self, upstream: int, journal: Path, seed: str) -> None:
        self._arguments = [str(upstream), seed, str(journal)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.chaos.proxy", "0", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = f"http://127.0.0.1:{self._read_line()}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def set_fault_rates(self, weather: FaultRates = NO_FAULTS) -> None:
        """Changes the weather; the next request meets it."""
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(asdict(weather)) + "\n")
            self._process.stdin.flush()
        self._read_line()

    def _read_line(self) -> str:
        if self._process.stdout is None:
            raise ValueError("the proxy has no voice")
        return self._process.stdout.readline().strip()
