"""Words and limits that wire and service share, each defined once. Plain Python.

Words that rows store or code branches on are enumerations; words that the pure rooms
work out are literal types. ``words`` lists either.
"""

from enum import EnumType, StrEnum
from typing import Literal, get_args

DOCUMENT_FORMAT = 2
"""Format of stored documents: charters, scores, findings, reliability reports."""


class Scope(StrEnum):
    """Permission of an access token's bearer.

    The first three are people's, ``roster`` and ``reports`` are service clients', and
    ``audit`` is that of an auditor of either kind.
    """

    MEMBER = "member"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    ROSTER = "roster"
    REPORTS = "reports"
    AUDIT = "audit"


CLIENT_SCOPES = (Scope.REPORTS, Scope.ROSTER, Scope.AUDIT)
"""Scopes that a service client may have."""


class Role(StrEnum):
    """Capacity in which a reader reads."""

    MEMBER = "member"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    CLIENT = "reports"


class ActorKind(StrEnum):
    """Kind of the one who did something that the audit lists.

    ``command_line`` is an operator of the server, ``tick`` what time does.
    """

    PERSON = "person"
    CLIENT = "client"
    COMMAND_LINE = "command_line"
    TICK = "tick"


class SubjectKind(StrEnum):
    """Kind of what was changed, as the audit lists it."""

    ORGANIZATION = "organization"
    TEAM = "team"
    PERSON = "person"
    CLIENT = "client"
    PULSE = "pulse"
    WAVE = "wave"
    MARKER = "marker"
    INSTALLATION = "installation"


class AuditAction(StrEnum):
    """Change that the audit lists. The list is closed.

    Draws, syncs and the enrolment of phones are no actions: they would show who takes
    part.
    """

    ORGANIZATION_CREATED = "organization_created"
    SETTINGS_CHANGED = "settings_changed"
    ROSTER_REPLACED = "roster_replaced"
    ADMINISTRATOR_ADDED = "administrator_added"
    ADMINISTRATOR_REMOVED = "administrator_removed"
    AUDITOR_ADDED = "auditor_added"
    AUDITOR_REMOVED = "auditor_removed"
    CODE_CREATED = "code_created"
    READER_ENROLLED = "reader_enrolled"
    DEVICES_REVOKED = "devices_revoked"
    CLIENT_CREATED = "client_created"
    CLIENT_SECRET_REPLACED = "client_secret_replaced"  # noqa: S105
    CLIENT_SECRET_ROTATED = "client_secret_rotated"  # noqa: S105
    CLIENT_REVOKED = "client_revoked"
    PULSE_CREATED = "pulse_created"
    PULSE_STOPPED = "pulse_stopped"
    WAVE_PLANNED = "wave_planned"
    WAVE_CANCELLED = "wave_cancelled"
    INVALID_ACCEPTED = "invalid_accepted"
    MARKER_DECLARED = "marker_declared"
    MARKER_RETRACTED = "marker_retracted"
    EPOCH_RENEWED = "epoch_renewed"
    SECRET_ROTATED = "secret_rotated"  # noqa: S105
    DATA_KEYS_RENEWED = "data_keys_renewed"


MAX_AUDIT_CHANGES = 1_000
"""The most changes that one entry of the audit lists; their number is always whole."""


class ClockChange(StrEnum):
    """Effect of a change of the clock on a local time."""

    SKIPPED = "skipped"
    REPEATED = "repeated"


class Purpose(StrEnum):
    """Use that a device is enrolled for; one device never does both."""

    ANSWERING = "answering"
    READING = "reading"


class WaveState(StrEnum):
    """Stage of a wave's life."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    SEALING = "sealing"
    SEALED = "sealed"
    CANCELLED = "cancelled"


class PendingDelay(StrEnum):
    """Cause for which a wave is sealed later than it should be."""

    SEALING_KEY_MISSING = "sealing_key_missing"
    SEAL_BLOCKED = "seal_blocked"
    CLOCK_UNCONFIRMED = "clock_unconfirmed"


SYNCED_STATES = (WaveState.ANNOUNCED, WaveState.OPEN, WaveState.CANCELLED)
"""States of the waves that a phone syncs."""


class MarkerKind(StrEnum):
    """Kind of a marker. The list is closed: free words could tell of cases."""

    CRISIS_START = "crisis_start"
    CRISIS_END = "crisis_end"
    POLICY_CHANGE = "policy_change"
    LEADERSHIP_CHANGE = "leadership_change"
    STAFFING_SHOCK = "staffing_shock"
    OFFICE_CLOSURE = "office_closure"


class SyncDirective(StrEnum):
    """Word to the device of a person, next to the list of waves."""

    REVOKED = "revoked"
    NOT_ASKED = "not_asked"


class DrawStatus(StrEnum):
    """Outcome of one request for a ballot."""

    SIGNED = "signed"
    ALREADY_DRAWN = "already_drawn"
    NOT_ELIGIBLE = "not_eligible"
    WRONG_KEY = "wrong_key"
    NOT_DRAWABLE = "not_drawable"
    BLINDED_INVALID = "blinded_invalid"


class SubmissionOp(StrEnum):
    """Operation that an item of a submission asks for."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"


class SubmissionStatus(StrEnum):
    """Outcome of an item, by which a device knows whether to delete its copy."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"
    FINAL = "final"
    REJECTED = "rejected"


class SubmissionReason(StrEnum):
    """Cause of a submission status that has several causes."""

    ENVELOPE_CONFLICT = "envelope_conflict"
    WITHDRAW_TOO_LATE = "withdraw_too_late"
    TOO_LATE = "too_late"
    WAVE_CANCELLED = "wave_cancelled"
    EXPIRED = "expired"
    BALLOT_INVALID = "ballot_invalid"
    BALLOT_UNKNOWN_KEY = "ballot_unknown_key"
    UNDECODABLE = "undecodable"
    OP_UNKNOWN = "op_unknown"


ItemConstruct = Literal["anchor", "trust", "communication"]
WaveContext = Literal["normal", "stretched", "crisis"]

Tier = Literal["coarse", "fine"]
ReleaseStatus = Literal["released", "rolled_up", "withheld"]
Bound = Literal["at_most", "at_least"]
Change = Literal["up", "down", "no_clear_change"]
EventMethod = Literal["noise_model", "placebo_dates"]
TrendDirection = Literal["rising", "falling", "no_clear_trend"]
AgainstOrganization = Literal["above", "below", "not_clearly_different"]
Agreement = Literal["agree", "no_clear_agreement"]

ScaleVerdict = Literal["holds", "doubtful"]
PairBand = Literal["50-199", "200+"]

EventVerdict = Literal[
    "accelerated", "sustained", "faded", "no_acceleration", "too_early_to_tell"
]
Phase = Literal["before", "during", "after", "transition"]
ExclusionReason = Literal["provisional", "overlapping", "ends_nothing"]

SizeReason = Literal["too_small", "joins_larger_team"]

MIN_GROUP_FLOOR = 5
"""The lowest number for k, the fewest respondents of a score, and m, the fewest people
who share a ballot key; agencies may only raise them."""

MIN_GROUP_CEILING = 25
"""The highest number that an agency may raise either to."""

MAX_NAME_LENGTH = 200
"""Characters of the name of a team or a program."""

MAX_PULSE_LENGTH = 365
"""Weeks or days, of every length of a pulse."""

PLAINTEXT_BYTES = 256
"""Length of what is sealed: answers are padded, so that no length tells anything."""

ENVELOPE_BYTES = 337
"""Length of every envelope: encapsulated key, ciphertext, tag."""


def words(kind: object) -> tuple[str, ...]:
    """The words of an enumeration, a part of one, or a literal type, in order."""
    if isinstance(kind, (tuple, EnumType)):
        return tuple(map(str, kind))
    return get_args(kind)
