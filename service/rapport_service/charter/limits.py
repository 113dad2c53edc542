"""Floors for the size of groups, which an organization may only raise."""

from rapport_schemas.enums import MIN_GROUP_CEILING, MIN_GROUP_FLOOR
from rapport_service.disclosure.tiers import (
    MIN_RESPONDENTS_CEILING,
    MIN_RESPONDENTS_FLOOR,
)

MIN_RESPONDENTS_RANGE = range(MIN_RESPONDENTS_FLOOR, MIN_RESPONDENTS_CEILING + 1)
"""Range of the fewest respondents of a score (k); the default is the floor."""

MIN_POOL_RANGE = range(MIN_GROUP_FLOOR, MIN_GROUP_CEILING + 1)
"""Range of the fewest people who share a ballot key (m)."""

DEFAULT_MIN_RESPONDENTS = MIN_RESPONDENTS_FLOOR
DEFAULT_MIN_POOL = 6
