"""Invariants against wrong addresses, wrong clocks, cut-off rosters, lost rights.

Each check yields a sentence for each violation, naming the item.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from demo.waves import Wave
from tools.chaos.evidence import Evidence
from tools.chaos.right_changes import is_kept_out

CREDENTIAL_PATHS = frozenset({"/v1/token", "/v1/submissions"})
"""Paths to which a request brings a token or an answer, without a header for it."""

MAX_CLOCK_ERROR_SECONDS = 3600.0
"""Seconds by which a phone's corrected clock may be wrong: a minute hides no pulse of
real length, but one of a run."""


def check_wrong_address(evidence: Evidence) -> Iterator[str]:
    """An enrolled phone sends nothing to another Rapport, whose address was typed.

    A phone without an enrolment may present a code there, in vain.
    """
    for entry in evidence.wrong_address:
        if entry["has_bearer"] or entry["path"] in CREDENTIAL_PATHS:
            yield f"{entry['method']} {entry['path']} came to another Rapport"
    for device, ledger in evidence.phones.items():
        if any(entry["event"] == "moved" for entry in ledger):
            yield f"{device} has moved to another Rapport"
    if evidence.other_stored:
        yield f"another Rapport has stored {evidence.other_stored} ballots and devices"


def check_dates(evidence: Evidence) -> Iterator[str]:
    """A forged or missing date hides no open pulse from a phone with a right clock."""
    waves = {wave.id: wave for wave in evidence.waves}
    for device in evidence.phones.keys() - evidence.participants.wrong_clocks:
        for entry in evidence.phones[device]:
            if entry["event"] != "looked":
                continue
            now = datetime.fromtimestamp(entry["time"], UTC)
            is_wrong = abs(entry["error"]) > MAX_CLOCK_ERROR_SECONDS
            for name in entry["hidden"] if is_wrong else ():
                if waves[name].opens_at <= now < waves[name].closes_at:
                    days = entry["error"] / 86400
                    yield f"{device} went {days:+.0f} days wrong, and hid {name}"


def check_wave_times(evidence: Evidence) -> Iterator[str]:
    """No wave opens, closes or is sealed before its time, however the clock leaps."""
    waves = {wave.id: wave for wave in evidence.waves}
    early: set[tuple[str, str]] = set()
    for entry in evidence.operations:
        if entry["event"] != "states":
            continue
        now = datetime.fromtimestamp(entry["time"], UTC)
        early |= {
            (name, state)
            for name, state in entry["states"].items()
            if name in waves and not _is_due(waves[name], state, now)
        }
    for name, state in sorted(early):
        yield f"{name} was {state} before its time"


def _is_due(wave: Wave, state: str, now: datetime) -> bool:
    """Whether a wave may be in a state by now; in a run, none is cancelled."""
    match state:
        case "open":
            return now >= wave.opens_at
        case "closed":
            return now >= wave.closes_at
        case "sealing" | "sealed":
            return now >= wave.seals_at
        case "cancelled":
            return False
        case _:
            return True


def check_rosters(evidence: Evidence) -> Iterator[str]:
    """A cut-off roster removes no person, unless an operator has confirmed it."""
    for entry in evidence.operations:
        if (
            entry["event"] == "roster put"
            and entry["missing"]
            and not entry["confirmed"]
        ):
            yield (
                f"{len(entry['missing'])} people left by a roster that named "
                f"{entry['kept']}, and nobody had confirmed it"
            )


def check_rights(evidence: Evidence) -> Iterator[str]:
    """An administrator who was removed is let in no more, and one always stays."""
    for entry in evidence.operations:
        if entry["event"] != "right removed":
            continue
        if not is_kept_out(entry):
            yield (
                f"{entry['person']} read {entry['before']} as an administrator, and "
                f"{entry['after']} after the removal"
            )
        if not entry["is_last_kept"]:
            yield "the last administrator was removed"
