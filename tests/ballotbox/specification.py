"""Reference model of the ballot box in plain Python: results, and rows that stay.

It knows nothing of tables, locks or batches; the service must agree with it.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from tests.support.http_phone import (
    Content,
    content,
    invalid_content,
    unopenable_content,
)

CONTENTS = (
    content(form=0, value=2),
    content(form=44, value=5),
    invalid_content(),
    unopenable_content(),
)
"""Contents of submissions. The box cannot tell which of them a seal will count."""

ItemResult = tuple[str, str | None]


class Phase(Enum):
    """Phase of the wave, as far as the ballot box depends on it."""

    TAKING = auto()
    SEALING = auto()
    SEALED = auto()
    CANCELLED = auto()
    RETIRED = auto()


ENDED = {Phase.CANCELLED: "wave_cancelled", Phase.RETIRED: "expired"}


@dataclass(frozen=True)
class BallotModel:
    """A used ballot: its status and the content that binds it."""

    status: str
    first: Content | None


WITHDRAWN = BallotModel("withdrawn", None)


@dataclass
class Box:
    """One wave: its phase, and its used ballots by person."""

    phase: Phase = Phase.TAKING
    ballots: dict[int, BallotModel] = field(default_factory=dict)

    def submit(self, person: int, frozen: Content) -> ItemResult:
        """The result of a submission in the present phase."""
        if self.phase in ENDED:
            return "final", ENDED[self.phase]
        ballot = self.ballots.get(person)
        if ballot is None and self.phase is Phase.TAKING:
            self.ballots[person] = BallotModel("accepted", frozen)
            return "accepted", None
        if ballot is None:
            return "final", "too_late"
        if ballot == WITHDRAWN:
            return "withdrawn", None
        if ballot.first is frozen:
            return "duplicate", None
        return "final", "envelope_conflict"

    def withdraw(self, person: int) -> ItemResult:
        """The result of a withdrawal in the present phase."""
        if self.phase in ENDED:
            return "final", ENDED[self.phase]
        if self.phase is Phase.TAKING:
            self.ballots[person] = WITHDRAWN
        if self.ballots.get(person) == WITHDRAWN:
            return "withdrawn", None
        return "final", "withdraw_too_late"

    def end(self, phase: Phase) -> None:
        """Deletes every ballot."""
        self.phase = phase
        self.ballots.clear()
