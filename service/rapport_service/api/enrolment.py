"""``/v1/enrolments`` and ``/v1/token``: the way in at the poll-book door."""

from base64 import b64decode
from urllib.parse import parse_qsl, unquote_plus

from flask import Blueprint, request

from rapport_schemas.enrolment import EnrolmentRequest, TokenReply, TokenRequest
from rapport_schemas.keys import KeySet
from rapport_schemas.problems import Problem
from rapport_service import b64
from rapport_service.agency.errors import Mistake
from rapport_service.api.contract import Loaded, gives, takes
from rapport_service.api.problems import ProblemError
from rapport_service.db import Door, reading, transaction
from rapport_service.pollbook.clients import log_in
from rapport_service.pollbook.enrolment import enrol, refresh
from rapport_service.pollbook.errors import ClientInvalidError, GrantInvalidError
from rapport_service.pollbook.tokens import LIFETIME, Tokens, access_key
from rapport_service.wiring import wiring

blueprint = Blueprint("enrolment", __name__)

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 8 * 1024
DEVICE_BYTES = 32


@blueprint.post("/v1/enrolments")
@takes(EnrolmentRequest, MOST_BYTES)
@gives(
    TokenReply,
    Problem.CODE_UNKNOWN,
    Problem.CODE_USED,
    Problem.CODE_EXPIRED,
    secret=True,
)
def post_enrolment(sent: Loaded) -> object:
    """Exchanges a code for tokens; the same device may ask again."""
    try:
        device = b64.decode(sent["device"], DEVICE_BYTES)
    except b64.NotBase64Error as error:
        mistake = Mistake("device", "must be base64url of 32 bytes")
        raise ProblemError(Problem.INVALID, [mistake]) from error
    house = wiring()
    with transaction(Door.POLL_BOOK) as session:
        tokens = enrol(session, house.keyring, sent["code"], device, house.clock())
    return _reply(tokens, sent["device"])


def read_form(data: bytes) -> object:
    """The parameters of a form; of one that stands twice, the last.

    Raises:
        ProblemError: ``malformed``.
    """
    try:
        return dict(parse_qsl(data.decode(), errors="strict", max_num_fields=16))
    except ValueError as error:
        raise ProblemError(Problem.MALFORMED, error="invalid_request") from error


@blueprint.post("/v1/token")
@takes(TokenRequest, MOST_BYTES, {FORM: read_form})
@gives(
    TokenReply,
    Problem.GRANT_INVALID,
    Problem.GRANT_UNSUPPORTED,
    Problem.CLIENT_INVALID,
    secret=True,
)
def post_token(sent: Loaded) -> object:
    """Refresh tokens and client credentials (RFC 6749, form encoding)."""
    match sent.get("grant_type"):
        case "refresh_token":
            token = _given(sent, "refresh_token")
            return _reply(_refreshed(token), token)
        case "client_credentials":
            client_id, secret = _client(sent)
            return _reply(_logged_in(client_id, secret), secret)
        case _:
            raise ProblemError(
                Problem.GRANT_UNSUPPORTED,
                [Mistake("grant_type", "must be refresh_token or client_credentials")],
                error="unsupported_grant_type",
            )


@blueprint.get("/v1/jwks")
@gives(KeySet)
def get_jwks() -> object:
    """The key that access tokens verify under; ballot keys are served one by one."""
    return {"keys": [access_key(wiring().keyring)]}


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


def _client(sent: Loaded) -> tuple[str, str]:
    """Id and secret, from the header or the form (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return _given(sent, "client_id"), _given(sent, "client_secret")
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:  # not ASCII, not base64, or not UTF-8 inside
        raise ProblemError(Problem.CLIENT_INVALID, error="invalid_client") from error
    return unquote_plus(client_id), unquote_plus(secret)


def _given(sent: Loaded, name: str) -> str:
    value: str | None = sent.get(name)
    if not value:
        raise ProblemError(
            Problem.INVALID, [Mistake(name, "is missing")], error="invalid_request"
        )
    return value


def _reply(tokens: Tokens, presented: str) -> dict[str, object]:
    """The reply, bound by an echo to what only its asker can have presented."""
    reply: dict[str, object] = {
        "access_token": tokens.access,
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": " ".join(sorted(tokens.scopes)),
        "echo": b64.digest(presented.encode()),
    }
    if tokens.refresh is not None:
        reply["refresh_token"] = tokens.refresh
    return reply
