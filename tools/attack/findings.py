"""Findings of attacks, and the ledger in which a run collects them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Thing that an attacker learned; residuals name those that they cover."""

    ORDER_OF_ROWS = "order in which rows of a table came"
    ORDER_IN_LOG = "order in which changes stand in the database's own log"
    LINK = "link from a person to an answer or a ballot"
    LINK_BY_ORDER = "link that two orders give"
    DRAWS = "people who drew a ballot"
    COUNT_BY_KEY = "number of answers under a ballot key"
    NO_PHONE = "people without a phone, who did not answer"
    COUNT_BY_GROUP = "number of answers of a released group"
    FINER_GROUP = "group of rows that is finer than a released group"
    SAME_ANSWERS = "answers that are the same in two waves"
    PLAINTEXT = "answers in readable form"
    KEY_MATERIAL = "private half of a sealing key"
    ISOLATION = "combination of published figures about fewer than k people"
    ISOLATION_OVER_TIME = "the same, if people answer alike in every wave"
    HIDDEN_PRECISION = "digits or counts that rounding and bands hide"
    UNANIMITY = "answers of everybody in a group"
    EARLY_REPORT = "figures before the seal"
    LIVE_CHANGE = "replies that change when an answer arrives"
    ROLE_ADVANTAGE = "figures that one role or one form of a report has alone"
    PROTOCOL = "promise of the protocol that is not kept"
    LOG_LINE = "trace of a submission in a text log"


@dataclass(frozen=True)
class Finding:
    """Thing that an attack learned.

    Attributes:
        attack: name of the attack.
        kind: of thing.
        moment: when: a moment of a copy, or ``reading``.
        sentence: for a person who reads the report.
        engine: of the database.
        seed: of the agency.
    """

    attack: str
    kind: Kind
    moment: str
    sentence: str
    engine: str = ""
    seed: str = ""


@dataclass
class Ledger:
    """Attacks that were tried, and their findings.

    Attributes:
        attacks: names of all attacks that were tried.
        roles: roles that attacked.
        findings: things that they learned.
    """

    attacks: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def tried(self, attack: str, findings: Iterable[Finding] = ()) -> None:
        """Note that an attack was tried, and all that it learned."""
        self.attacks.add(attack)
        self.findings += findings

    def merge(self, other: "Ledger") -> None:
        """Take over everything of another ledger."""
        self.attacks |= other.attacks
        self.roles |= other.roles
        self.findings += other.findings
