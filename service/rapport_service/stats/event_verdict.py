"""Verdicts on the effect of an event; `event_effect` has the rules.

They have a file without numpy: web workers name verdicts in their documents and load no
statistics.
"""

from typing import Literal

EventVerdict = Literal[
    "accelerated", "sustained", "faded", "no_acceleration", "too_early_to_tell"
]
