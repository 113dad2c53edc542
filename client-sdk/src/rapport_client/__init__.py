"""Answer Rapport pulses offline, and read team scores.

``FieldDevice`` is a caseworker's phone: it draws ballots while there is a signal, takes
answers while there is none, and sends them so that nobody can tell whose they are.
``Gateway`` serves many people on one device, such as a kiosk.
``Client`` is a program that reads team scores. Modules are internal; only the names
listed here are stable.
"""

from rapport_client._http import Request, Response, Transport
from rapport_client._outbox.keys import KeyFile, KeyStore, SystemKeyring
from rapport_client._outbox.status import DeadItem, ItemStatus, OutboxStatus
from rapport_client._protocol.reports import Team
from rapport_client._pulses.answers import Answer
from rapport_client._pulses.pulse import Option, Pulse, Question
from rapport_client._reports.effects import BriefEffect, Effect, Estimate
from rapport_client._reports.heatmap import Heatmap, HeatmapRow
from rapport_client._reports.releases import Release, WaveReleases
from rapport_client._reports.reliability import (
    AgreementCheck,
    Interval,
    ItemCheck,
    Reliability,
    ScaleCheck,
    TeamCheck,
)
from rapport_client._reports.roster import (
    Roster,
    RosterChanges,
    RosterDiff,
    RosterPerson,
    RosterTeam,
)
from rapport_client._reports.scores import (
    ConstructScore,
    ConstructScores,
    Figures,
    ItemFigure,
    Pending,
    Released,
    RolledUp,
    Score,
    ScoreInterval,
    ScoreTrend,
    Sentence,
    TeamName,
    Withheld,
)
from rapport_client._reports.sustainment import (
    Marker,
    NoFinding,
    Phase,
    PhasedWave,
    Sustainment,
    SustainmentFinding,
)
from rapport_client._reports.trend import Trend, TrendDirections, TrendPoint
from rapport_client._sync.clock import Clock, SystemClock
from rapport_client._sync.loop import SyncLoop
from rapport_client._sync.report import SyncReport
from rapport_client._transport import Urllib3Transport
from rapport_client.client import Client
from rapport_client.device import FieldDevice
from rapport_client.errors import (
    AlreadyAnswered,
    AlreadyEnrolled,
    AnswersInvalid,
    CharterRefused,
    ClientInvalid,
    CodeExpired,
    CodeForReading,
    CodeUnknown,
    CodeUsed,
    DeviceRevoked,
    DocumentRefused,
    FieldError,
    GrantInvalid,
    InstrumentRefused,
    KeyRefused,
    MarkerNotFound,
    NothingMeasured,
    NothingToWithdraw,
    OutboxDamaged,
    OutboxFull,
    OutboxLocked,
    OutboxUnusable,
    ProblemError,
    PulseNotOpen,
    RapportError,
    RequestInvalid,
    RetryLater,
    SignatureInvalid,
    TeamNotFound,
    TimedOut,
    TransportFailure,
    UnexpectedReply,
    UnknownProblem,
)
from rapport_client.gateway import Gateway

__all__ = [
    "AgreementCheck",
    "AlreadyAnswered",
    "AlreadyEnrolled",
    "Answer",
    "AnswersInvalid",
    "BriefEffect",
    "CharterRefused",
    "Client",
    "ClientInvalid",
    "Clock",
    "CodeExpired",
    "CodeForReading",
    "CodeUnknown",
    "CodeUsed",
    "ConstructScore",
    "ConstructScores",
    "DeadItem",
    "DeviceRevoked",
    "DocumentRefused",
    "Effect",
    "Estimate",
    "FieldDevice",
    "FieldError",
    "Figures",
    "Gateway",
    "GrantInvalid",
    "Heatmap",
    "HeatmapRow",
    "InstrumentRefused",
    "Interval",
    "ItemCheck",
    "ItemFigure",
    "ItemStatus",
    "KeyFile",
    "KeyRefused",
    "KeyStore",
    "Marker",
    "MarkerNotFound",
    "NoFinding",
    "NothingMeasured",
    "NothingToWithdraw",
    "Option",
    "OutboxDamaged",
    "OutboxFull",
    "OutboxLocked",
    "OutboxStatus",
    "OutboxUnusable",
    "Pending",
    "Phase",
    "PhasedWave",
    "ProblemError",
    "Pulse",
    "PulseNotOpen",
    "Question",
    "RapportError",
    "Release",
    "Released",
    "Reliability",
    "Request",
    "RequestInvalid",
    "Response",
    "RetryLater",
    "RolledUp",
    "Roster",
    "RosterChanges",
    "RosterDiff",
    "RosterPerson",
    "RosterTeam",
    "ScaleCheck",
    "Score",
    "ScoreInterval",
    "ScoreTrend",
    "Sentence",
    "SignatureInvalid",
    "Sustainment",
    "SustainmentFinding",
    "SyncLoop",
    "SyncReport",
    "SystemClock",
    "SystemKeyring",
    "Team",
    "TeamCheck",
    "TeamName",
    "TeamNotFound",
    "TimedOut",
    "Transport",
    "TransportFailure",
    "Trend",
    "TrendDirections",
    "TrendPoint",
    "UnexpectedReply",
    "UnknownProblem",
    "Urllib3Transport",
    "WaveReleases",
    "Withheld",
]
