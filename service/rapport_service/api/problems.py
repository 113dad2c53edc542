"""Error handlers: every failure becomes a problem document (RFC 9457)."""

import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, g, json, request
from werkzeug.exceptions import HTTPException

from rapport_schemas.errors import (
    DocumentInvalidError,
    DocumentMalformedError,
    FieldError,
)
from rapport_schemas.problems import CONTENT_TYPE, ENGLISH, SPANISH, Problem
from rapport_schemas.renames import find_new_path
from rapport_schemas.submissions import MAX_ITEMS, MAX_REQUEST_BYTES
from rapport_service.agency.administrators import AdministratorsLeftOutError
from rapport_service.agency.errors import (
    IdUsedError,
    RemovalsUnconfirmedError,
    RosterChangedError,
    UnknownPersonError,
)
from rapport_service.api.url_converters import InvalidIdError
from rapport_service.core.data_keys import (
    DataKeysMissingError,
    DataKeysRenewedError,
    SecretMismatchError,
)
from rapport_service.core.database_errors import (
    DATABASE_ERRORS,
    DatabaseFault,
    diagnose,
)
from rapport_service.core.db import db
from rapport_service.encoding.language_tags import look_up_language
from rapport_service.encoding.timestamps import format_utc
from rapport_service.pollbook import errors as pollbook
from rapport_service.registry.markers import UnknownMarkerError
from rapport_service.registry.queries import UnknownWaveError
from rapport_service.reports.rights import TeamNotReadableError
from rapport_service.reports.service import NothingMeasuredError
from rapport_service.waves.free_windows import WindowTakenError
from rapport_service.waves.planning import UnknownPulseError
from rapport_service.waves.transitions import WaveEndedError

log = logging.getLogger(__name__)

BALLOT_BOX = "ballot_box"
"""The blueprint of the door that keeps no time and no log line per request."""

HEALTH = "health"
"""The blueprint that machines ask every few seconds; it keeps no log line either."""

RETRY_AFTER_SECONDS = 5
RETRYABLE_STATUSES = {429, 503}
"""Statuses that come with ``Retry-After``."""

MAX_FIELD_ERRORS = 1000
"""The most field errors that a problem names; a roster could have millions."""

SUBMISSION_LIMITS = {
    "items": MAX_ITEMS,
    "bytes": MAX_REQUEST_BYTES,
}
"""Limits of one submission request, in every sync and in its 413."""

CHALLENGES = {
    Problem.UNAUTHENTICATED: "Bearer",
    Problem.TOKEN_EXPIRED: 'Bearer error="invalid_token"',
    Problem.CLIENT_INVALID: 'Basic realm="rapport"',
}
"""How to log in; every 401 has to name it (RFC 9110 section 15.5.2)."""


class ProblemError(Exception):
    """Ends a view with a problem.

    Args:
        problem: its kind.
        errors: the rules that the request breaks.
        **members: further members of the document.
    """

    def __init__(
        self,
        problem: Problem,
        errors: Sequence[FieldError] = (),
        **members: object,
    ) -> None:
        super().__init__(problem.kind.code)
        self.problem = problem
        self.errors = errors
        self.members = members


PROBLEMS_BY_EXCEPTION: dict[type[Exception], Problem] = {
    SecretMismatchError: Problem.NOT_READY,
    DataKeysMissingError: Problem.NOT_READY,
    DataKeysRenewedError: Problem.BUSY,
    pollbook.CodeUnknownError: Problem.CODE_UNKNOWN,
    pollbook.CodeUsedError: Problem.CODE_USED,
    pollbook.CodeExpiredError: Problem.CODE_EXPIRED,
    pollbook.ReadingCodeRefusedError: Problem.READING_CODE_REFUSED,
    pollbook.TokenExpiredError: Problem.TOKEN_EXPIRED,
    pollbook.TokenInvalidError: Problem.UNAUTHENTICATED,
    pollbook.DeviceRevokedError: Problem.DEVICE_REVOKED,
    pollbook.ClientUnknownError: Problem.CLIENT_NOT_FOUND,
    pollbook.ClientRevokedError: Problem.CLIENT_REVOKED,
    UnknownMarkerError: Problem.MARKER_NOT_FOUND,
    UnknownPulseError: Problem.PULSE_NOT_FOUND,
    WaveEndedError: Problem.WAVE_ENDED,
    UnknownPersonError: Problem.PERSON_NOT_FOUND,
    IdUsedError: Problem.ID_USED,
    RosterChangedError: Problem.PRECONDITION_FAILED,
    UnknownWaveError: Problem.NOT_FOUND,
    TeamNotReadableError: Problem.TEAM_NOT_FOUND,
    NothingMeasuredError: Problem.NOTHING_MEASURED,
}

WINDOW_DETAILS = {
    True: "The wave that would open at {mine} meets wave {other}, which is open from"
    " {opens_at} to {closes_at}.",
    False: "The wave that would open at {mine} meets a wave of pulse {other}, which is"
    " open from {opens_at} to {closes_at}.",
}
SPANISH_WINDOW_DETAILS = {
    True: "La ronda que se abriría el {mine} coincide con la ronda {other}, que está"
    " abierta del {opens_at} al {closes_at}.",
    False: "La ronda que se abriría el {mine} coincide con una ronda del pulso"
    " {other}, que está abierta del {opens_at} al {closes_at}.",
}
"""By whether the other wave is planned already."""

PROBLEMS_BY_FAULT = {
    DatabaseFault.BUSY: Problem.BUSY,
    DatabaseFault.DISK_FULL: Problem.STORAGE_FULL,
    DatabaseFault.STATEMENT_REFUSED: Problem.INTERNAL,
}
"""Problems by what is wrong with the database; of anything else, not ready."""

PROBLEMS_BY_STATUS = {
    404: Problem.NOT_FOUND,
    405: Problem.METHOD_NOT_ALLOWED,
}


def register(app: Flask) -> None:
    """Registers the error handlers that answer with problem documents."""
    app.register_error_handler(ProblemError, _handle_problem_error)
    app.register_error_handler(DocumentMalformedError, _handle_malformed_document)
    app.register_error_handler(DocumentInvalidError, _handle_invalid_document)
    app.register_error_handler(RemovalsUnconfirmedError, _handle_removals)
    app.register_error_handler(AdministratorsLeftOutError, _handle_left_out)
    app.register_error_handler(WindowTakenError, _handle_window_taken)
    app.register_error_handler(InvalidIdError, _handle_invalid_id)
    app.register_error_handler(HTTPException, _handle_http_exception)
    app.register_error_handler(Exception, _handle_unexpected_error)
    for failed in DATABASE_ERRORS:
        app.register_error_handler(failed, _handle_database_error)
    for exception, problem in PROBLEMS_BY_EXCEPTION.items():
        app.register_error_handler(exception, _handler_for(problem))


def problem_response(
    problem: Problem, errors: Sequence[FieldError] = (), **members: object
) -> Response:
    """The response with a problem document."""
    kind, language = problem.kind, negotiate_language()
    document: dict[str, Any] = {
        "type": f"/problems/{kind.code}",
        "title": problem.title_in(language or ENGLISH),
        "status": kind.status,
        "code": kind.code,
        "retry": kind.retry.value,
        "request_id": g.request_id,
        **members,
    }
    if errors:
        named = errors[:MAX_FIELD_ERRORS]
        document["errors"] = [_field_error_document(error) for error in named]
        if more := len(errors) - len(named):
            document["more_errors"] = more
    response = Response(json.dumps(document), kind.status, mimetype=CONTENT_TYPE)
    if language is not None:
        response.content_language.add(language)
        response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "no-store"  # a charter may be there tomorrow
    if problem in CHALLENGES:
        response.headers["WWW-Authenticate"] = CHALLENGES[problem]
    if "accept_encoding" in members:
        response.headers["Accept-Encoding"] = str(members["accept_encoding"])
    if kind.status in RETRYABLE_STATUSES:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _field_error_document(error: FieldError) -> dict[str, str | None]:
    document = {"pointer": error.pointer, "code": error.code, "detail": error.detail}
    if error.parameter is not None:
        document["parameter"] = error.parameter
    return document


def negotiate_language() -> str | None:
    """The caller's language; None where no caller may say which one they read.

    That is the ballot box, and every address that belongs to no door: it could be a
    misspelt one of the ballot box.
    """
    if request.blueprint in {None, BALLOT_BOX}:
        return None
    wanted = [tag for tag, quality in request.accept_languages if quality > 0]
    return look_up_language(wanted, {ENGLISH, SPANISH}) or ENGLISH


def _handler_for(problem: Problem) -> Callable[[Exception], Response]:
    def handler(_error: Exception) -> Response:
        return problem_response(problem)

    return handler


def _handle_problem_error(error: ProblemError) -> Response:
    return problem_response(error.problem, error.errors, **error.members)


def _handle_malformed_document(error: DocumentMalformedError) -> Response:
    if error.detail is None:
        return problem_response(Problem.MALFORMED)
    return problem_response(Problem.MALFORMED, detail=error.detail)


def _handle_invalid_document(error: DocumentInvalidError) -> Response:
    return problem_response(Problem.INVALID, error.errors)


def _handle_removals(error: RemovalsUnconfirmedError) -> Response:
    return problem_response(
        Problem.REMOVALS_UNCONFIRMED,
        detail=(
            f"{error.removals} of your {error.people} people are not in this roster. "
            f"If they have left, send it again with confirm_removals={error.removals}."
        ),
        removals=error.removals,
    )


def _handle_left_out(error: AdministratorsLeftOutError) -> Response:
    return problem_response(
        Problem.LAST_ADMINISTRATOR,
        detail=f"Your roster leaves out every administrator: {error}.",
    )


def _handle_window_taken(error: WindowTakenError) -> Response:
    opens_at, closes_at = map(format_utc, error.other)
    is_planned = error.wave_id is not None
    details = (
        SPANISH_WINDOW_DETAILS if negotiate_language() == SPANISH else WINDOW_DETAILS
    )
    return problem_response(
        Problem.WINDOW_TAKEN,
        detail=details[is_planned].format(
            mine=format_utc(error.opens_at),
            other=error.wave_id if is_planned else error.pulse_id,
            opens_at=opens_at,
            closes_at=closes_at,
        ),
        taken_by={
            "wave_id": error.wave_id,
            "pulse_id": None if error.pulse_id is None else str(error.pulse_id),
            "opens_at": opens_at,
            "closes_at": closes_at,
        },
    )


def _handle_http_exception(error: HTTPException) -> Response:
    problem = PROBLEMS_BY_STATUS.get(error.code or 500, Problem.BAD_REQUEST)
    members: dict[str, object] = {}
    if new_path := find_new_path(request.path):
        members["detail"] = f"This address is now {new_path}"
    response = problem_response(problem, (), **members)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _handle_invalid_id(error: InvalidIdError) -> Response:
    return problem_response(Problem.NOT_FOUND, detail=error.description)


def _handle_unexpected_error(error: Exception) -> Response:
    log_failure(error)
    return problem_response(Problem.INTERNAL)


def _handle_database_error(error: Exception) -> Response:
    diagnosis = diagnose(error, db.engine.url)
    log_failure(error, reason=str(diagnosis))
    return problem_response(PROBLEMS_BY_FAULT.get(diagnosis.fault, Problem.NOT_READY))


def log_failure(error: Exception, **extra: str) -> None:
    """Logs what broke and where; never the message, which can quote what was sent.

    Behind the ballot-box door it says the hour alone, and not which request it was.
    """
    failure: dict[str, object] = {
        "error": type(error).__name__,
        **extra,
        "trace": traceback.format_tb(error.__traceback__),
    }
    if request.blueprint == BALLOT_BOX:
        failure["hourly"] = True
    else:
        failure["request_id"] = g.request_id
    log.error("failure", extra=failure)
