"""Hears from every ledger who lacks an enrolment code and whose phone is done."""

from demo.agency import ROOT
from tests.chaos.journal import Entry, Tail
from tests.chaos.stage import Stage

NEEDS_A_CODE = frozenset({"CodeUnknown", "CodeUsed", "CodeExpired"})
ASKS_FOR_A_CODE = "enrolment code"
UNSETTLED = frozenset({"queued", "in_flight"})


class Helpdesk:
    """Gives out enrolment codes, ends phones, and knows who still waits.

    Args:
        stage: is running.
    """

    def __init__(self, stage: Stage) -> None:
        cast = stage.cast
        self._stage = stage
        self._tails = {name: Tail(stage.ledger(name)) for name in cast.devices}
        self._missing: dict[str, set[str]] = {name: set() for name in cast.devices}
        self._done: dict[tuple[str, str], bool] = {}
        self._stopped: dict[str, str | None] = {}

    def open(self) -> list[str]:
        """Gives everybody the first code; the devices that can be enrolled."""
        cast = self._stage.cast
        first = [name for name in cast.devices if name not in cast.replaced.values()]
        self._stage.mint([(name, p) for name in first for p in cast.devices[name]])
        for name in first:
            self._missing[name] = set(cast.devices[name])
        return first

    def not_enrolled(self) -> list[str]:
        """The devices on which somebody is not enrolled, as far as was heard."""
        return [device for device, people in self._missing.items() if people]

    def listen(self) -> None:
        """Reads on in every ledger."""
        for device, tail in self._tails.items():
            for entry in tail.news():
                self._hear(device, entry)

    def give_codes(self) -> None:
        """Whoever was told to ask for a new enrolment code gets one."""
        ended = self._stage.cast.ended
        wanted = {
            (device, person)
            for device, people in self._missing.items()
            for person in people
            if device not in ended
        }
        if wanted:
            self._stage.mint(wanted)
        for people in self._missing.values():
            people.clear()

    def end_phones(self) -> int:
        """Ends some phones: by second ones for the same people, or by revocation.

        Returns:
            How many; 0 once it was done.
        """
        cast = self._stage.cast
        new = {
            (name, person)
            for old, name in cast.replaced.items()
            for person in cast.devices[old]
            if name not in self._stage.codes
        }
        if not new:
            return 0
        self._stage.mint(new)
        self._stage.house.rapport("device", "revoke", ROOT, *sorted(cast.revoked))
        return len(new) + len(cast.revoked)

    def forget_who_is_done(self) -> None:
        """From now on everybody has to say anew that nothing waits."""
        self._done.clear()

    def waiting(self) -> list[str]:
        """The devices that have not said of everything that it is settled."""
        cast = self._stage.cast
        return [
            device
            for device in self._stage.codes
            if self._stopped.get(device) is not None
            or not all(self._done.get((device, p)) for p in cast.devices[device])
            or (self._missing[device] and device not in cast.ended)
        ]

    def _hear(self, device: str, entry: Entry) -> None:
        match entry["event"]:
            case "enrolled":
                self._missing[device].discard(entry["person"])
            case "not enrolled" if entry["why"] in NEEDS_A_CODE:
                self._missing[device].add(entry["person"])
            case "synced":
                self._stopped[device] = entry["problem"]
                if any(ASKS_FOR_A_CODE in notice for notice in entry["notices"]):
                    self._missing[device] |= set(self._stage.cast.devices[device])
            case "status":
                states = {item["state"] for item in entry["items"]}
                self._done[device, entry["person"]] = not states & UNSETTLED
