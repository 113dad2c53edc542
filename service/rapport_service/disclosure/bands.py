"""Bands in place of counts: of respondents, of participation, of invalid envelopes.

A band's low end is as public as the band, so figures that must not give a count away
are computed from it.
"""

import math

_RESPONDENTS = {"5-9": 5, "10-19": 10, "20-49": 20, "50+": 50}
_INVALID = {"under 10": 0, "10-19": 10, "20-49": 20, "50+": 50}
_PARTICIPATION = {"<50": 0, "50-69": 50, "70-84": 70, "85+": 85}
_SMALL_TEAM_PARTICIPATION = {"<50": 0, "50-69": 50, "70+": 70}
_MIN_PERCENT = {"<50": 0, "50-69": 50, "70+": 70, "70-84": 70, "85+": 85}

RESPONDENT_BANDS = tuple(_RESPONDENTS)
PARTICIPATION_BANDS = tuple(_PARTICIPATION)
SMALL_TEAM_PARTICIPATION_BANDS = tuple(_SMALL_TEAM_PARTICIPATION)
ALL_PARTICIPATION_BANDS = tuple(_MIN_PERCENT)
"""Those of small and of large teams, the band that promises least first."""

MIN_ELIGIBLE_FOR_UPPER_BANDS = 15
"""With fewer eligible people the two upper bands are one: of six people, 85+ would say
that all answered, and 70-84 that exactly one did not."""

TIPPING_CHANGE = 5
"""A change of the score, in points, that would matter."""


def respondents_band(respondents: int) -> str:
    """Return the band that a released group's number of respondents falls in.

    Raises:
        ValueError: Fewer than five, which no release ever shows.
    """
    if respondents < 5:
        raise ValueError("a group of fewer than five is never released")
    return [band for band, low in _RESPONDENTS.items() if respondents >= low][-1]


def invalid_band(invalid: int) -> str:
    """Return the band of the number of invalid envelopes; none is in the lowest too."""
    return [band for band, low in _INVALID.items() if invalid >= low][-1]


def participation_band(respondents: int, eligible: int) -> str:
    """Return the band of the share who responded, in percent.

    A share between two bands belongs to the lower: 84.9 percent is not 85. A small
    team's upper bands are one. More respondents than eligible people, from a roster
    that lags behind, is the top band.

    Raises:
        ValueError: Nobody was eligible.
    """
    if eligible < 1:
        raise ValueError("participation needs someone who could respond")
    is_small = eligible < MIN_ELIGIBLE_FOR_UPPER_BANDS
    return [
        band
        for band, percent in (
            _SMALL_TEAM_PARTICIPATION if is_small else _PARTICIPATION
        ).items()
        if 100 * respondents >= percent * eligible
    ][-1]


def min_of_respondents_band(band: str) -> int:
    """Return the fewest people that a band of respondents can mean."""
    return _RESPONDENTS[band]


def min_of_participation_band(band: str) -> int:
    """Return the least percentage that a band of participation can mean."""
    return _MIN_PERCENT[band]


def tipping_point(participation: str) -> int:
    """Return how far the silent must differ, at least, to move the score by 5 points.

    The score of everybody would move by d if the mean of those who did not answer lay d
    * N / (N - n) points away. With the least n/N of the band this is the least
    difference, whole points, rounded down.
    """
    silent = 100 - min_of_participation_band(participation)
    return math.floor(TIPPING_CHANGE * 100 / silent)
