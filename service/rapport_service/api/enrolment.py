"""``/v1/enrolments`` and ``/v1/token``: the way in at the poll-book door."""

from base64 import b64decode
from urllib.parse import unquote_plus

from flask import Blueprint, Response, request

from rapport_schemas.enrolment import EnrolmentRequest, TokenReply
from rapport_schemas.problems import Problem
from rapport_service import b64
from rapport_service.agency.errors import Mistake
from rapport_service.api.http import body, dump, read
from rapport_service.api.problems import ProblemError
from rapport_service.db import Door, reading, transaction
from rapport_service.pollbook.clients import log_in
from rapport_service.pollbook.enrolment import enrol, refresh
from rapport_service.pollbook.errors import ClientInvalidError, GrantInvalidError
from rapport_service.pollbook.tokens import LIFETIME, Tokens
from rapport_service.wiring import wiring

blueprint = Blueprint("enrolment", __name__)

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 8 * 1024
DEVICE_BYTES = 32


@blueprint.post("/v1/enrolments")
def post_enrolment() -> Response:
    """Exchanges a code for tokens; the same device may ask again."""
    sent = body(EnrolmentRequest(), MOST_BYTES)
    try:
        device = b64.decode(sent["device"], DEVICE_BYTES)
    except b64.NotBase64Error as error:
        mistake = Mistake("device", "must be base64url of 32 bytes")
        raise ProblemError(Problem.INVALID, [mistake]) from error
    house = wiring()
    with transaction(Door.POLL_BOOK) as session:
        tokens = enrol(session, house.keyring, sent["code"], device, house.clock())
    return _reply(tokens)


@blueprint.post("/v1/token")
def post_token() -> Response:
    """Refresh tokens and client credentials (RFC 6749, form encoding)."""
    if request.mimetype != FORM:
        raise ProblemError(Problem.MEDIA_TYPE_UNSUPPORTED, accept=FORM)
    read(MOST_BYTES)
    match request.form.get("grant_type"):
        case "refresh_token":
            return _reply(_refreshed(_given("refresh_token")))
        case "client_credentials":
            return _reply(_logged_in(*_client()))
        case _:
            raise ProblemError(
                Problem.GRANT_UNSUPPORTED,
                [Mistake("grant_type", "must be refresh_token or client_credentials")],
                error="unsupported_grant_type",
            )


def _refreshed(token: str) -> Tokens:
    house = wiring()
    try:
        with transaction(Door.POLL_BOOK) as session:
            tokens = refresh(session, house.keyring, token, house.clock())
    except GrantInvalidError as error:
        raise ProblemError(Problem.GRANT_INVALID, error="invalid_grant") from error
    if tokens is None:  # the family was revoked just now, and that is committed
        raise ProblemError(Problem.GRANT_INVALID, error="invalid_grant")
    return tokens


def _logged_in(client_id: str, secret: str) -> Tokens:
    house = wiring()
    try:
        with reading(Door.POLL_BOOK) as session:
            return log_in(session, house.keyring, client_id, secret, house.clock())
    except ClientInvalidError as error:
        raise ProblemError(Problem.CLIENT_INVALID, error="invalid_client") from error


def _client() -> tuple[str, str]:
    """Id and secret, from the header or the form (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return _given("client_id"), _given("client_secret")
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:  # not ASCII, not base64, or not UTF-8 inside
        raise ProblemError(Problem.CLIENT_INVALID, error="invalid_client") from error
    return unquote_plus(client_id), unquote_plus(secret)


def _given(name: str) -> str:
    value = request.form.get(name)
    if not value:
        raise ProblemError(
            Problem.INVALID, [Mistake(name, "is missing")], error="invalid_request"
        )
    return value


def _reply(tokens: Tokens) -> Response:
    reply = {
        "access_token": tokens.access,
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(sorted(tokens.scopes)),
    }
    if tokens.refresh is not None:
        reply["refresh_token"] = tokens.refresh
    response = dump(TokenReply(), reply)
    response.headers["Cache-Control"] = "no-store"
    del response.headers["ETag"]
    return response
