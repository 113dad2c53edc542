"""Figures of a group as a score document publishes them."""

from collections.abc import Mapping
from typing import TypedDict

from rapport_schemas.enums import (
    AgainstOrganization,
    Agreement,
    Bound,
    Change,
    Tier,
    TrendDirection,
)
from rapport_service.disclosure.rounding import Construct, PublishedInterval


class PublishedTrend(TypedDict):
    """The direction of a score over the waves, and its speed if that is clear.

    ``detectable`` is the least speed that would have been clear.
    """

    direction: TrendDirection
    per_four_weeks: int | None
    detectable: int


class PublishedLevel(TypedDict):
    """Level of a group by all of its waves so far, with its 95 % interval."""

    score: int
    interval: PublishedInterval


class PublishedChange(TypedDict):
    """The change of a score against the level before it.

    ``detectable`` is the least change in points that would have been clear.
    """

    direction: Change
    detectable: int


class PublishedFigure(TypedDict):
    """The figures of one construct as they are published."""

    score: int
    bound: Bound | None
    interval: PublishedInterval
    level: PublishedLevel | None
    change: PublishedChange | None
    two_wave_change: PublishedChange | None
    favourable: int | None
    trend: PublishedTrend | None
    against_organization: AgainstOrganization | None


class PublishedItem(TypedDict):
    """The figures of one question as they are published."""

    score: int
    interval: PublishedInterval
    favourable: int


class ScoreContent(TypedDict):
    """Everything that a score document shows of a group."""

    tier: Tier
    respondents: str
    participation: str
    tipping_point: int
    constructs: Mapping[Construct, PublishedFigure]
    agreement: Agreement | None
    items: Mapping[str, PublishedItem] | None
    crisis_percent: int | None
