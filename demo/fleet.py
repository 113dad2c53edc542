"""Fleet of simulated field devices, with a good or a bad signal."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import TypeVar

from rapport_client import (
    FieldDevice,
    Pulse,
    Request,
    Response,
    Transport,
    TransportFailure,
    Urllib3Transport,
)

THREADS = 8
PROGRESS_INTERVAL = 500

T = TypeVar("T")
SignalQuality = Callable[[Transport], Transport]
"""A transport as the signal of a place makes it."""


class NoSignal:
    """A transport that carries nothing."""

    def __init__(self, transport: Transport) -> None:
        del transport

    def send(self, request: Request) -> Response:
        """Fails."""
        raise TransportFailure(f"no signal for {request.method}")


class LostReplies:
    """Loses every n-th reply of a whole fleet, after the service has done its work.

    Args:
        every: n.
    """

    def __init__(self, every: int) -> None:
        self.lost = 0
        self._every = every
        self._sent = 0
        self._counting = Lock()

    def __call__(self, transport: Transport) -> Transport:
        """A transport whose replies are counted."""
        return _LossyTransport(transport, self)

    def next_is_lost(self) -> bool:
        """Counts one reply and says whether it is lost."""
        with self._counting:
            self._sent += 1
            lost = self._sent % self._every == 0
            self.lost += lost
        return lost


class _LossyTransport:
    def __init__(self, transport: Transport, losses: LostReplies) -> None:
        self._transport = transport
        self._losses = losses

    def send(self, request: Request) -> Response:
        response = self._transport.send(request)
        if self._losses.next_is_lost():
            raise TransportFailure("the reply was lost on its way")
        return response


class NoOpenPulseError(Exception):
    """A device has no pulse to answer, or more than one."""


def get_open_pulse(device: FieldDevice) -> Pulse:
    """The one pulse that is open on a device.

    Raises:
        NoOpenPulseError: mostly because the wave closed before the fleet got so far.
    """
    pulses = device.open_pulses()
    if len(pulses) != 1:
        raise NoOpenPulseError(f"{len(pulses)} pulses are open on a device, not one")
    return pulses[0]


def good_signal(transport: Transport) -> Transport:
    """Nothing gets lost."""
    return transport


class Fleet:
    """Devices by person. Between two uses a device is a file and nothing more.

    Args:
        folder: where the files are; made if missing.
        server: the service's origin.
    """

    def __init__(self, folder: Path, server: str) -> None:
        folder.mkdir(exist_ok=True)
        self.server = server
        self._folder = folder

    def device(self, person: str, transport: Transport) -> FieldDevice:
        """Opens a person's device."""
        return FieldDevice(self.file(person), self.server, transport=transport)

    def each(
        self,
        people: Iterable[str],
        use: Callable[[str, FieldDevice], T],
        signal: SignalQuality = good_signal,
    ) -> dict[str, T]:
        """Uses the devices of some people, in this order, several at the same time.

        Returns:
            The results by person.
        """

        def use_device(person: str) -> tuple[str, T]:
            with (
                closing(Urllib3Transport()) as transport,
                self.device(person, signal(transport)) as device,
            ):
                return person, use(person, device)

        results = {}
        with ThreadPoolExecutor(THREADS) as threads:
            for person, result in threads.map(use_device, people):
                results[person] = result
                if len(results) % PROGRESS_INTERVAL == 0:
                    print(f"  {len(results)} devices ...", flush=True)
        return results

    def file(self, person: str) -> Path:
        """The file of a person's device."""
        return self._folder / f"{person}.db"
