"""How small a group may ever be: floors in code, which agencies may only raise."""

from rapport_service.disclosure.tiers import CEILING, FLOOR

K_RANGE = range(FLOOR, CEILING + 1)
"""Respondents that a score needs at least; the default is the floor."""

M_RANGE = range(5, 26)
"""People who share a ballot key at least."""

DEFAULT_K = FLOOR
DEFAULT_M = 8
