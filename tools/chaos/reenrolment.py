"""Hears from every ledger who lacks an enrolment code and whose phone is done."""

from demo.agency import ROOT
from tools.chaos.environment import RunEnvironment
from tools.chaos.journal import Entry, Tail

CODE_ERRORS = frozenset({"CodeUnknown", "CodeUsed", "CodeExpired"})
CODE_REQUEST_TEXT = "enrolment code"
UNSETTLED_STATES = frozenset({"queued", "in_flight"})


class CodeIssuer:
    """Gives out enrolment codes, ends phones, and knows who still waits.

    Args:
        stage: is running.
    """

    def __init__(self, stage: RunEnvironment) -> None:
        cast = stage.participants
        self._stage = stage
        self._tails = {name: Tail(stage.ledger(name)) for name in cast.devices}
        self._missing: dict[str, set[str]] = {name: set() for name in cast.devices}
        self._settled: dict[tuple[str, str], bool] = {}
        self._stopped: dict[str, str | None] = {}

    def issue_first_codes(self) -> list[str]:
        """Gives everybody the first code; the devices that can be enrolled."""
        cast = self._stage.participants
        first = [name for name in cast.devices if name not in cast.replaced.values()]
        self._stage.issue_codes(
            [(name, p) for name in first for p in cast.devices[name]]
        )
        for name in first:
            self._missing[name] = set(cast.devices[name])
        return first

    def list_unenrolled_devices(self) -> list[str]:
        """The devices on which somebody is not enrolled, as far as was heard."""
        return [device for device, people in self._missing.items() if people]

    def read_ledgers(self) -> None:
        """Reads on in every ledger."""
        for device, tail in self._tails.items():
            for entry in tail.read_new():
                self._apply_entry(device, entry)

    def issue_codes(self) -> None:
        """Whoever was told to ask for a new enrolment code gets one."""
        ended = self._stage.participants.ended
        wanted = {
            (device, person)
            for device, people in self._missing.items()
            for person in people
            if device not in ended
        }
        if wanted:
            self._stage.issue_codes(wanted)
        for people in self._missing.values():
            people.clear()

    def end_devices(self) -> int:
        """Ends some phones: by second ones for the same people, or by revocation.

        Returns:
            How many; 0 once it was done.
        """
        cast = self._stage.participants
        new = {
            (name, person)
            for old, name in cast.replaced.items()
            for person in cast.devices[old]
            if name not in self._stage.codes
        }
        if not new:
            return 0
        self._stage.issue_codes(new)
        self._stage.installation.rapport(
            "device", "revoke", ROOT, *sorted(cast.revoked)
        )
        return len(new) + len(cast.revoked)

    def reset_settled(self) -> None:
        """From now on everybody has to say anew that nothing waits."""
        self._settled.clear()

    def list_unsettled_devices(self) -> list[str]:
        """The devices that have not said of everything that it is settled."""
        cast = self._stage.participants
        return [
            device
            for device in self._stage.codes
            if self._stopped.get(device) is not None
            or not all(self._settled.get((device, p)) for p in cast.devices[device])
            or (self._missing[device] and device not in cast.ended)
        ]

    def _apply_entry(self, device: str, entry: Entry) -> None:
        match entry["event"]:
            case "enrolled":
                self._missing[device].discard(entry["person"])
            case "not enrolled" if entry["why"] in CODE_ERRORS:
                self._missing[device].add(entry["person"])
            case "synced":
                self._stopped[device] = entry["problem"]
                if any(CODE_REQUEST_TEXT in notice for notice in entry["notices"]):
                    self._missing[device] |= set(
                        self._stage.participants.devices[device]
                    )
            case "status":
                states = {item["state"] for item in entry["items"]}
                self._settled[device, entry["person"]] = not states & UNSETTLED_STATES
