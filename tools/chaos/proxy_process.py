"""Starter of the proxy process, and setter of its fault rates."""

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
        other: the port of another Rapport.
        seed: of its random generator.
        folder: for its ledgers.

    Attributes:
        url: leads to the service, over faults.
        other_url: leads to the other Rapport.
    """

    def __init__(self, upstream: int, other: int, seed: str, folder: Path) -> None:
        self._arguments = [str(upstream), str(other), seed, str(folder)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tools.chaos.proxy", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = f"http://127.0.0.1:{self._read_line()}"
        self.other_url = f"http://127.0.0.1:{self._read_line()}"
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def set_fault_rates(self, fault_rates: FaultRates = NO_FAULTS) -> None:
        """Changes the fault rates, from the next request on."""
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(asdict(fault_rates)) + "\n")
            self._process.stdin.flush()
        self._read_line()

    def _read_line(self) -> str:
        if self._process.stdout is None:
            raise ValueError("the proxy has no standard output")
        return self._process.stdout.readline().strip()
