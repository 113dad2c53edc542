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
ClientScope = Literal["reports", "roster"]
Purpose = Literal["answering", "reading"]

ItemOp = Literal["submit", "withdraw"]
ItemState = Literal["queued", "in_flight", "settled", "dead"]
