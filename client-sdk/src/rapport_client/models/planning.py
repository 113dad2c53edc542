"""Plans: waves, and the recurring pulses that make them."""

from dataclasses import dataclass
from datetime import datetime

from rapport_client.models.team_sizes import TeamWithoutScore
from rapport_client.models.words import ClockChange, WaveState


@dataclass(frozen=True)
class PlannedWave:
    """A wave, its dates and its state.

    Attributes:
        id: its public id.
        pulse_id: the id of the pulse that planned it; None if it was planned by itself.
        state: how far it has come.
        announces_at: from when phones may draw ballots.
        opens_at: from when it can be answered.
        closes_at: until when.
        seals_at: when its envelopes are opened and its answers are counted.
        retires_at: when the rest of it is deleted.
        reason: why it was cancelled; None if it was not.
    """

    id: str
    pulse_id: str | None
    state: WaveState
    announces_at: datetime
    opens_at: datetime
    closes_at: datetime
    seals_at: datetime
    retires_at: datetime
    reason: str | None


@dataclass(frozen=True)
class RecurringPulse:
    """A pulse that plans a wave every few weeks.

    Attributes:
        id: Rapport's id, a UUID.
        first_opens: date and time of day on the agency's own clock, without a zone.
        time_zone: the agency's, such as ``America/Denver``.
        every_weeks: how often it opens.
        open_days: how long it is open.
        announce_days: how long before that it is announced.
        grace_days: how long after the close offline phones may report.
        active: whether it plans further waves.
    """

    id: str
    first_opens: str
    time_zone: str
    every_weeks: int
    open_days: int
    announce_days: int
    grace_days: int
    active: bool


@dataclass(frozen=True)
class CreatedWave(PlannedWave):
    """A new wave, and the meaning of the sizes of the teams for it.

    Attributes:
        can_be_asked: whether enough people can answer for it to be announced.
        teams_without_score: the teams that are too small for a score of their own.
    """

    can_be_asked: bool
    teams_without_score: tuple[TeamWithoutScore, ...]


@dataclass(frozen=True)
class UnusualTime:
    """A local time that a change of the clock skips or repeats.

    Attributes:
        local_time: as it was asked for, without a zone.
        kind: whether the clock skips or repeats it.
        at: the instant that is meant.
    """

    local_time: str
    kind: ClockChange
    at: datetime


@dataclass(frozen=True)
class CreatedPulse(RecurringPulse):
    """A new pulse, and the meaning of the sizes of the teams for its waves.

    Attributes:
        unusual_times: the openings and closes of the next two years whose local time
            the clock skips or repeats.
        can_be_asked: whether enough people can answer for a wave to be announced.
        teams_without_score: the teams that are too small for a score of their own.
    """

    unusual_times: tuple[UnusualTime, ...]
    can_be_asked: bool
    teams_without_score: tuple[TeamWithoutScore, ...]
