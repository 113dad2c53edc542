"""Issuer of enrolment codes, which reads the needs of devices from their ledgers."""

from demo.agency import ROOT
from tools.chaos.device_timelines import list_refused_waves
from tools.chaos.environment import RunEnvironment
from tools.chaos.journal import Entry, Tail

CODE_ERRORS = frozenset({"CodeUnknown", "CodeUsed", "CodeExpired"})
CODE_REQUEST_TEXT = "enrolment code"
UNSETTLED_STATES = frozenset({"queued", "in_flight"})


class CodeIssuer:
    """Issues enrolment codes, ends phones, and lists the devices with work left.

    Args:
        environment: of the run.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        participants = environment.participants
        self._environment = environment
        self._tails = {
            name: Tail(environment.ledger(name)) for name in participants.devices
        }
        self._missing: dict[str, set[str]] = {
            name: set() for name in participants.devices
        }
        self._settled: dict[tuple[str, str], bool] = {}
        self._stopped: dict[str, str | None] = {}

    def issue_first_codes(self) -> list[str]:
        """Issues every first code; returns the devices that can be enrolled."""
        participants = self._environment.participants
        first = [
            name
            for name in participants.devices
            if name not in participants.replaced.values()
        ]
        self._environment.issue_codes(
            [(name, p) for name in first for p in participants.devices[name]]
        )
        for name in first:
            self._missing[name] = set(participants.devices[name])
        return first

    def list_unenrolled_devices(self) -> list[str]:
        """Lists devices with a person who is not enrolled, as far as ledgers show."""
        return [device for device, people in self._missing.items() if people]

    def read_ledgers(self) -> None:
        """Reads the new entries of every ledger."""
        for device, tail in self._tails.items():
            for entry in tail.read_new():
                self._apply_entry(device, entry)

    def issue_codes(self) -> None:
        """Issues a new code to each person whose device asked for one."""
        ended = self._environment.participants.ended
        wanted = {
            (device, person)
            for device, people in self._missing.items()
            for person in people
            if device not in ended
        }
        if wanted:
            self._environment.issue_codes(wanted)
        for people in self._missing.values():
            people.clear()

    def end_devices(self) -> int:
        """Ends some phones: by a replacement for the same person, or by revocation.

        Returns:
            Their number; 0 if it was done before.
        """
        participants = self._environment.participants
        replacements = {
            (name, person)
            for old, name in participants.replaced.items()
            for person in participants.devices[old]
            if name not in self._environment.codes
        }
        if not replacements:
            return 0
        self._environment.issue_codes(replacements)
        self._environment.installation.rapport(
            "device", "revoke", ROOT, *sorted(participants.revoked)
        )
        return len(replacements) + len(participants.revoked)

    def reset_settled(self) -> None:
        """Forgets which devices have settled everything."""
        self._settled.clear()

    def list_unsettled_devices(self) -> list[str]:
        """Lists devices whose ledger does not show that everything is settled."""
        participants = self._environment.participants
        return [
            device
            for device in self._environment.codes
            if self._stopped.get(device) is not None
            or not all(
                self._settled.get((device, p)) for p in participants.devices[device]
            )
            or (self._missing[device] and device not in participants.ended)
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
                        self._environment.participants.devices[device]
                    )
            case "status":
                states = {item["state"] for item in entry["items"]}
                self._settled[device, entry["person"]] = not (
                    states & UNSETTLED_STATES or list_refused_waves(entry["items"])
                )
