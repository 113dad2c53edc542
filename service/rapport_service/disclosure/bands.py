"""Bands in place of counts: of respondents, of participation, of invalid envelopes.

A number that is fixed for a band is as public as the band. So figures that must not
give a count away are computed from such a number: from the low end where they are a
promise (the tipping point), else from a usual value or from the middle.
"""

import math

_RESPONDENTS = {"5-9": 5, "10-19": 10, "20-49": 20, "50+": 50}
_INVALID = {"under 10": 0, "10-19": 10, "20-49": 20, "50+": 50}
_PARTICIPATION = {"<50": 0, "50-69": 50, "70-84": 70, "85+": 85}
_SMALL_TEAM_PARTICIPATION = {"<50": 0, "50-69": 50, "70+": 70}
_MIN_PERCENT = {"<50": 0, "50-69": 50, "70+": 70, "70-84": 70, "85+": 85}
_RESPONDENT_RANGES = {
    "5-9": (5, 9),
    "10-19": (10, 19),
    "20-49": (20, 49),
    "50+": (50, math.inf),
}
_MIDDLE_SHARE = {"<50": 0.4, "50-69": 0.6, "70+": 0.85, "70-84": 0.77, "85+": 0.93}
_USUAL_RESPONDENTS = {"5-9": 6, "10-19": 10, "20-49": 20, "50+": 50}
_USUAL_PERCENT = {"<50": 0, "50-69": 55, "70+": 80, "70-84": 75, "85+": 90}

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


def usual_respondents(band: str) -> int:
    """Return the number of people that an interval takes a band of respondents for."""
    return _USUAL_RESPONDENTS[band]


def usual_participation(band: str) -> int:
    """Return the percentage that an interval takes a band of participation for.

    0 where nothing can be taken off for those who answered.
    """
    return _USUAL_PERCENT[band]


def usual_size(respondents: str, participation: str, eligible: int) -> float:
    """Return about how many people answered, from what is published of a group.

    The middle of its band of participation, as far as its band of respondents allows.

    Args:
        respondents: the band of respondents.
        participation: the band of participation.
        eligible: the number of eligible people, which the charter names.
    """
    low, high = _RESPONDENT_RANGES[respondents]
    return min(max(_MIDDLE_SHARE[participation] * eligible, low), high)


def tipping_point(participation: str) -> int:
    """Return how far the silent must differ, at least, to move the score by 5 points.

    The score of everybody would move by d if the mean of those who did not answer lay d
    * N / (N - n) points away. With the least n/N of the band this is the least
    difference, whole points, rounded down.
    """
    silent = 100 - min_of_participation_band(participation)
    return math.floor(TIPPING_CHANGE * 100 / silent)
