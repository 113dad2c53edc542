"""Reference model of the ballot box in plain Python: results, and rows that stay.

It knows nothing of tables, locks or batches; the service must agree with it.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from tests.support.http_phone import content

CONTENTS = (
    content(form=0, value=2),
    content(form=0, value=5),
    content(form=44, value=1),
    content().replace('"form": 0', '"form": 99'),
    "not JSON",
)
"""Contents of submissions: three that are valid, two that are not."""

WHY_HELD = {CONTENTS[3]: "form_unknown", CONTENTS[4]: "answers_invalid"}

ItemResult = tuple[str, str | None]


class Phase(Enum):
    """Phase of the wave, as far as the ballot box depends on it."""

    TAKING = auto()
    SEALING = auto()
    SEALED = auto()
    CANCELLED = auto()
    RETIRED = auto()


ENDED = {Phase.CANCELLED: "wave_cancelled", Phase.RETIRED: "expired"}


@dataclass
class BallotModel:
    """A ballot after its first item: its status, first and conflicting contents."""

    status: str
    first: str | None
    others: list[str] = field(default_factory=list)
    is_held: bool = True


@dataclass
class Box:
    """One wave: its phase, its ballots by person, how many answers are at rest."""

    phase: Phase = Phase.TAKING
    ballots: dict[int, BallotModel] = field(default_factory=dict)
    at_rest: int = 0

    def submit(self, person: int, frozen: str) -> ItemResult:
        """The result of a submission in the present phase."""
        if self.phase in ENDED:
            return "final", ENDED[self.phase]
        late = self.phase is not Phase.TAKING
        ballot = self.ballots.get(person)
        if ballot is None:
            status = "held" if frozen in WHY_HELD else "late" if late else "accepted"
            self.ballots[person] = BallotModel(status, frozen)
            return status, WHY_HELD.get(frozen)
        if ballot.status == "withdrawn":
            return "withdrawn", None
        if frozen != ballot.first:
            if frozen not in ballot.others and len(ballot.others) < 2:
                ballot.others.append(frozen)
            return "held", "content_conflict"
        if ballot.status == "accepted":
            return "duplicate", None
        return ballot.status, WHY_HELD.get(frozen)

    def withdraw(self, person: int) -> ItemResult:
        """The result of a withdrawal in the present phase."""
        if self.phase in ENDED:
            return "final", ENDED[self.phase]
        ballot = self.ballots.get(person)
        counted = ballot is not None and ballot.status == "accepted"
        if counted and self.phase is not Phase.TAKING:
            return "final", "withdraw_too_late"
        self.ballots[person] = BallotModel("withdrawn", None)
        return "withdrawn", None

    def discard(self) -> None:
        """Deletes held content; its ballots stay bound."""
        for ballot in self.ballots.values():
            ballot.others.clear()
            if ballot.status == "held":
                ballot.is_held = False

    def seal(self) -> None:
        """Separates accepted answers from their ballots."""
        self.phase = Phase.SEALED
        self.at_rest = len(self.counted())

    def end(self, phase: Phase) -> None:
        """Deletes every ballot; answers at rest stay, without any ballot."""
        self.phase = phase
        self.ballots.clear()

    def counted(self) -> set[int]:
        """The people whose answers the release counts, once there is one."""
        if self.phase is not Phase.SEALED:
            return set()
        return {p for p, b in self.ballots.items() if b.status == "accepted"}
