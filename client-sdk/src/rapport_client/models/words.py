"""Words of the documents: the closed lists that a type checker can know."""

from typing import Literal

Tier = Literal["coarse", "fine"]
Bound = Literal["at_most", "at_least"]
Change = Literal["up", "down", "no_clear_change"]
Direction = Literal["rising", "falling", "no_clear_trend"]
Comparison = Literal["above", "below", "not_clearly_different"]
Agreement = Literal["agree", "no_clear_agreement"]
PublishedStatus = Literal["released", "rolled_up", "withheld"]

EventVerdict = Literal[
    "accelerated", "sustained", "faded", "no_acceleration", "too_early_to_tell"
]
EventMethod = Literal["noise_model", "placebo_dates"]
PhaseName = Literal["before", "during", "after", "transition"]
NoFindingStatus = Literal["withheld", "not_analysed", "pending", "rolled_up"]
ExclusionReason = Literal["provisional", "overlapping", "ends_nothing"]
ScaleVerdict = Literal["holds", "doubtful"]
SizeReason = Literal["too_small", "joins_larger_team"]

MarkerKind = Literal[
    "crisis_start",
    "crisis_end",
    "policy_change",
    "leadership_change",
    "staffing_shock",
    "office_closure",
]
WaveState = Literal[
    "planned", "announced", "open", "closed", "sealing", "sealed", "cancelled"
]
ClientScope = Literal["reports", "roster", "audit"]
ActorKind = Literal["person", "client", "command_line", "tick"]
SubjectKind = Literal[
    "organization",
    "team",
    "person",
    "client",
    "pulse",
    "wave",
    "marker",
    "installation",
]
AuditAction = Literal[
    "organization_created",
    "settings_changed",
    "roster_replaced",
    "administrator_added",
    "administrator_removed",
    "auditor_added",
    "auditor_removed",
    "code_created",
    "reader_enrolled",
    "devices_revoked",
    "client_created",
    "client_secret_replaced",
    "client_secret_rotated",
    "client_revoked",
    "pulse_created",
    "pulse_stopped",
    "wave_planned",
    "wave_cancelled",
    "invalid_accepted",
    "marker_declared",
    "marker_retracted",
    "epoch_renewed",
    "secret_rotated",
    "data_keys_renewed",
]
Purpose = Literal["answering", "reading"]

ClockChange = Literal["skipped", "repeated"]
ItemOp = Literal["submit", "withdraw"]
ItemState = Literal["queued", "in_flight", "settled", "dead"]
