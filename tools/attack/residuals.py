"""Closed list of residuals, as in docs/security/what-the-operator-can-learn.md.

A finding that no residual covers is a leak. A residual without covered findings is of
what no attack of this program can try: a network, a changed service, colleagues.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tools.attack.capture import Moment
from tools.attack.findings import Finding, Kind

MID_WAVE = frozenset({Moment.REWRITTEN.value, Moment.ARRIVING.value})
SINCE_REWRITE = frozenset({Moment.ARRIVING.value})
LOG_KEPT = MID_WAVE | {Moment.SEALED.value}
SEALED = frozenset({Moment.SEALED.value, Moment.LATER.value})
ALWAYS = MID_WAVE | SEALED
READING = frozenset({"reading"})


@dataclass(frozen=True)
class Residual:
    """Thing that is known to remain.

    Attributes:
        title: as in the document.
        covers: kinds of findings, each with the moments at which it is covered.
    """

    title: str
    covers: Mapping[Kind, frozenset[str]]

    def does_cover(self, finding: Finding) -> bool:
        """Return whether a finding is of this residual."""
        return finding.moment in self.covers.get(finding.kind, frozenset())


RESIDUALS: Mapping[str, Residual] = {
    "R1": Residual("Who drew a ballot.", {Kind.DRAWS: MID_WAVE}),
    "R2": Residual(
        "How many answers came from a voting team.", {Kind.COUNT_BY_KEY: MID_WAVE}
    ),
    "R3": Residual(
        "The order since the last rewrite.",
        {Kind.ORDER_OF_ROWS: SINCE_REWRITE, Kind.LINK_BY_ORDER: SINCE_REWRITE},
    ),
    "R4": Residual(
        "The order in PostgreSQL's write-ahead log.", {Kind.ORDER_IN_LOG: LOG_KEPT}
    ),
    "R5": Residual("Network addresses.", {}),
    "R6": Residual("A running service that was changed.", {}),
    "R7": Residual("The rows of a released group.", {Kind.SAME_ANSWERS: SEALED}),
    "R8": Residual("Exact numbers.", {Kind.COUNT_BY_GROUP: SEALED}),
    "R9": Residual("Who could answer.", {Kind.NO_PHONE: ALWAYS}),
    "R10": Residual("A ballot in the hand.", {}),
    "R11": Residual("How many envelopes did not open, or held nonsense.", {}),
    "R12": Residual("Copies made before the seal.", {}),
    "R13": Residual(
        "An old copy of the database together with the sealing folder of that time.", {}
    ),
    "R14": Residual("A sealing key that was unlinked.", {}),
    "R15": Residual("A quantum computer.", {}),
    "R16": Residual("Colleagues.", {}),
    "R17": Residual("One joiner or leaver.", {Kind.ISOLATION_OVER_TIME: READING}),
    "R18": Residual("An administrator who pads a group.", {}),
    "R19": Residual("An administrator who makes a code.", {}),
    "R20": Residual("A phone in other hands.", {}),
    "R21": Residual("A score itself.", {Kind.UNANIMITY: READING}),
}


def find_residual(finding: Finding) -> str | None:
    """Return the number of the residual that covers a finding; None for a leak."""
    return next(
        (number for number, each in RESIDUALS.items() if each.does_cover(finding)), None
    )


def find_leaks(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that no residual covers, each sentence once."""
    leaks: dict[tuple[str, ...], Finding] = {}
    for each in findings:
        if find_residual(each) is None:
            key = (each.attack, each.kind, each.moment, each.engine, each.sentence)
            leaks.setdefault(key, each)
    return list(leaks.values())
