"""The public names of the package."""

import inspect

import pytest

import rapport_client
from rapport_client import errors

PUBLIC = [
    "CreatedPulse",
    "Level",
    "LevelVariances",
    "ScoreChange",
    "CreatedWave",
    "SizeReason",
    "SizedTeam",
    "TeamWithoutScore",
    "Actor",
    "ActorKind",
    "AuditAction",
    "AuditChange",
    "AuditEntry",
    "AuditSubject",
    "SubjectKind",
    "ClientScope",
    "ClientSecret",
    "DeclaredMarker",
    "EnrolmentCode",
    "EnvelopeCheck",
    "EnvelopeTrialFailed",
    "MarkerKind",
    "Organization",
    "Person",
    "PersonDifference",
    "PlannedWave",
    "Purpose",
    "RecurringPulse",
    "RosterDifferences",
    "ServiceClient",
    "TeamDifference",
    "WaveState",
    "__version__",
    "format_roster_csv",
    "AsyncClient",
    "AsyncTransport",
    "CodeForAnswering",
    "TokenFileUnusable",
    "Clock",
    "CurrentRoster",
    "DeadItem",
    "Gateway",
    "KeyFile",
    "KeyStore",
    "LastAdministrator",
    "NothingToOffer",
    "NothingToWithdraw",
    "OutboxDamaged",
    "OutboxFull",
    "OutboxLocked",
    "OutcomeUnknown",
    "PreconditionFailed",
    "ReadingCodeRefused",
    "RemovalsUnconfirmed",
    "Unreachable",
    "RetryLater",
    "SyncLoop",
    "SystemClock",
    "SystemKeyring",
    "TimedOut",
    "AlreadyAnswered",
    "AlreadyEnrolled",
    "Answer",
    "AnswerRefused",
    "AnswersInvalid",
    "BriefEffect",
    "ChangeCounts",
    "CharterRefused",
    "Client",
    "ClientInvalid",
    "ClientNotFound",
    "ClientRevoked",
    "CodeExpired",
    "CodeForReading",
    "CodeUnknown",
    "CodeUsed",
    "ConstructScores",
    "DeviceRevoked",
    "DocumentRefused",
    "Effect",
    "Estimate",
    "FieldDevice",
    "FieldError",
    "ConstructScore",
    "Figures",
    "SustainmentFinding",
    "GrantInvalid",
    "GroupHidden",
    "Heatmap",
    "HeatmapRow",
    "IdUsed",
    "InstrumentRefused",
    "ItemFigure",
    "ItemStatus",
    "KeyRefused",
    "Marker",
    "MarkerNotFound",
    "MoveRefused",
    "NoFinding",
    "NotFound",
    "NothingMeasured",
    "Option",
    "OutboxStatus",
    "OutboxUnusable",
    "Pending",
    "PersonNotFound",
    "Phase",
    "PhasedWave",
    "ProblemError",
    "Pulse",
    "PulseNotFound",
    "PulseNotOpen",
    "Question",
    "RapportError",
    "Release",
    "Released",
    "Request",
    "RequestInvalid",
    "RequestRefused",
    "Response",
    "RolledUp",
    "Roster",
    "RosterChanges",
    "RosterPerson",
    "RosterTeam",
    "Score",
    "ScopeMissing",
    "ScoreInterval",
    "ServiceUnavailable",
    "ScoreTrend",
    "SignatureInvalid",
    "Sustainment",
    "SyncReport",
    "Team",
    "TeamReference",
    "TeamNotFound",
    "Sentence",
    "TokenExpired",
    "TooLarge",
    "Transport",
    "TransportFailure",
    "Trend",
    "TrendPoint",
    "UnexpectedReply",
    "Unauthenticated",
    "UnknownProblem",
    "UpcomingPulse",
    "Urllib3Transport",
    "AgreementCheck",
    "ItemCheck",
    "Interval",
    "Reliability",
    "ScaleCheck",
    "TeamCheck",
    "TrendDirections",
    "WaveEnded",
    "WaveReleases",
    "WindowTaken",
    "Withheld",
    "WrongOrigin",
]


def test_the_public_names_are_these():
    assert sorted(rapport_client.__all__) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there(name):
    assert hasattr(rapport_client, name)


def list_exceptions():
    return [
        value
        for _, value in inspect.getmembers(errors, inspect.isclass)
        if issubclass(value, Exception)
    ]


def test_every_exception_is_public_and_has_one_root():
    assert {error.__name__ for error in list_exceptions()} <= set(PUBLIC)
    assert all(issubclass(error, errors.RapportError) for error in list_exceptions())


def test_the_drawn_tree_shows_every_exception_under_its_parent():
    above: dict[int, str] = {}
    drawn = {}
    for line in errors.__doc__.splitlines():
        _, branch, rest = line.partition("── ")
        if branch:
            name, depth = rest.split()[0], line.index(branch)
            above[depth] = name
            drawn[name] = above.get(depth - 4, "RapportError")
    assert drawn == {
        error.__name__: error.__base__.__name__
        for error in list_exceptions()
        if error is not errors.RapportError
    }
