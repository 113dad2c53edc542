"""How small a group may ever be: floors in code, which agencies may only raise."""

from rapport_service.disclosure.tiers import (
    MIN_RESPONDENTS_CEILING,
    MIN_RESPONDENTS_FLOOR,
)

MIN_RESPONDENTS_RANGE = range(MIN_RESPONDENTS_FLOOR, MIN_RESPONDENTS_CEILING + 1)
"""Respondents that a score needs at least; the default is the floor."""

MIN_POOL_RANGE = range(5, 26)
"""People who share a ballot key at least."""

DEFAULT_MIN_RESPONDENTS = MIN_RESPONDENTS_FLOOR
DEFAULT_MIN_POOL = 8
