"""Answer Rapport pulses offline, and read team scores.

``FieldDevice`` is a caseworker's phone: it draws ballots while there is a signal, takes
answers while there is none, and sends them so that nobody can tell whose they are.
``Gateway`` serves many people on one device, such as a kiosk.
``Client`` is a program that reads team scores. Modules are internal; only the names
listed here are stable.
"""

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
from rapport_client.flows.reports import Team
from rapport_client.gateway import Gateway
from rapport_client.pulses.answers import Answer
from rapport_client.pulses.pulse import Option, Pulse, Question
from rapport_client.reports.effects import BriefEffect, Effect, Estimate
from rapport_client.reports.heatmap import Heatmap, HeatmapRow
from rapport_client.reports.releases import Release, WaveReleases
from rapport_client.reports.reliability import (
    AgreementCheck,
    Interval,
    ItemCheck,
    Reliability,
    ScaleCheck,
    TeamCheck,
)
from rapport_client.reports.roster import (
    Changes,
    Roster,
    RosterChanges,
    RosterPerson,
    RosterTeam,
)
from rapport_client.reports.scores import (
    Constructs,
    Figure,
    Figures,
    ItemFigure,
    Pending,
    Released,
    RolledUp,
    Score,
    ScoreInterval,
    ScoreTrend,
    TeamName,
    Told,
    Withheld,
)
from rapport_client.reports.sustainment import (
    Finding,
    Marker,
    NoFinding,
    Phase,
    PhasedWave,
    Sustainment,
)
from rapport_client.reports.trend import Headings, Trend, TrendPoint
from rapport_client.store.keys import KeyFile, KeyStore, SystemKeyring
from rapport_client.store.status import DeadItem, ItemStatus, OutboxStatus
from rapport_client.sync.clock import Clock, SystemClock
from rapport_client.sync.loop import SyncLoop
from rapport_client.sync.report import SyncReport
from rapport_client.transport import Urllib3Transport
from rapport_client.wire import Request, Response, Transport

__all__ = [
    "AgreementCheck",
    "AlreadyAnswered",
    "AlreadyEnrolled",
    "Answer",
    "AnswersInvalid",
    "BriefEffect",
    "Changes",
    "CharterRefused",
    "Client",
    "ClientInvalid",
    "Clock",
    "CodeExpired",
    "CodeForReading",
    "CodeUnknown",
    "CodeUsed",
    "Constructs",
    "DeadItem",
    "DeviceRevoked",
    "DocumentRefused",
    "Effect",
    "Estimate",
    "FieldDevice",
    "FieldError",
    "Figure",
    "Figures",
    "Finding",
    "Gateway",
    "GrantInvalid",
    "Headings",
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
    "RosterPerson",
    "RosterTeam",
    "ScaleCheck",
    "Score",
    "ScoreInterval",
    "ScoreTrend",
    "SignatureInvalid",
    "Sustainment",
    "SyncLoop",
    "SyncReport",
    "SystemClock",
    "SystemKeyring",
    "Team",
    "TeamCheck",
    "TeamName",
    "TeamNotFound",
    "TimedOut",
    "Told",
    "Transport",
    "TransportFailure",
    "Trend",
    "TrendPoint",
    "UnexpectedReply",
    "UnknownProblem",
    "Urllib3Transport",
    "WaveReleases",
    "Withheld",
]
