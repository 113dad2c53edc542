"""``/v1/enrolments`` and ``/v1/token``: enrolment and login at the poll-book door."""

from base64 import b64decode
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import parse_qsl, unquote_plus

from flask import Blueprint, Response, request

from rapport_schemas.enrolment import (
    EnrolmentRequestSchema,
    TokenReplySchema,
    TokenRequestSchema,
)
from rapport_schemas.errors import (
    DocumentInvalidError,
    DocumentMalformedError,
    ErrorCode,
    FieldError,
    join_pointer,
)
from rapport_schemas.keys import KeySetSchema
from rapport_schemas.loading import pairs_to_document
from rapport_schemas.problems import Problem
from rapport_service.api.operation import RequestData, body, ignore_query, response
from rapport_service.api.problems import ProblemError
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.encoding import base64url
from rapport_service.pollbook.clients import confirm_client, log_in
from rapport_service.pollbook.enrolment import enrol, refresh
from rapport_service.pollbook.errors import ClientInvalidError, GrantInvalidError
from rapport_service.pollbook.tokens import ACCESS_LIFETIME, Tokens, access_token_jwk

blueprint = Blueprint("enrolment", __name__)

FORM = "application/x-www-form-urlencoded"
MAX_ENROLMENT_BYTES = 8 * 1024
DEVICE_BYTES = 32

OAUTH_ERRORS = {
    Problem.GRANT_INVALID: "invalid_grant",
    Problem.GRANT_UNSUPPORTED: "unsupported_grant_type",
    Problem.CLIENT_INVALID: "invalid_client",
}
"""Names that RFC 6749 section 5.2 has for problems; others are ``invalid_request``."""

P = ParamSpec("P")

KEY_SET_SECONDS = 300
"""How long caches may keep the key set."""


@blueprint.post("/v1/enrolments")
@body(EnrolmentRequestSchema, MAX_ENROLMENT_BYTES)
@response(
    TokenReplySchema,
    Problem.CODE_UNKNOWN,
    Problem.CODE_USED,
    Problem.CODE_EXPIRED,
    secret=True,
)
def create_enrolment(document: RequestData) -> object:
    """Exchanges a code for tokens. The same device can send it again."""
    try:
        device = base64url.decode(document["device"], DEVICE_BYTES)
    except base64url.NotBase64Error as error:
        malformed = FieldError(
            "/device", ErrorCode.WRONG_FORMAT, "must be base64url of 32 bytes"
        )
        raise ProblemError(Problem.INVALID, [malformed]) from error
    deps = dependencies()
    keyring = deps.keyring  # may need a transaction of its own
    with transaction(Door.POLL_BOOK) as session:
        tokens = enrol(session, keyring, document["code"], device, deps.clock())
    return _token_reply(tokens, document["device"])


def read_form(data: bytes) -> object:
    """Parses a form.

    Raises:
        DocumentMalformedError: it is none.
        DocumentInvalidError: a parameter comes twice.
    """
    try:
        pairs = parse_qsl(data.decode(), errors="strict", max_num_fields=16)
    except ValueError as error:
        raise DocumentMalformedError from error
    return pairs_to_document(pairs)


def oauth_errors(view: Callable[P, Response]) -> Callable[P, Response]:
    """Gives the problems of a view the member ``error`` (RFC 6749 section 5.2)."""

    @wraps(view)
    def with_error(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except DocumentMalformedError as error:
            raise _oauth_error(ProblemError(Problem.MALFORMED)) from error
        except DocumentInvalidError as error:
            raise _oauth_error(ProblemError(Problem.INVALID, error.errors)) from error
        except ProblemError as error:
            raise _oauth_error(error) from error

    return with_error


def _oauth_error(error: ProblemError) -> ProblemError:
    name = OAUTH_ERRORS.get(error.problem, "invalid_request")
    return ProblemError(error.problem, error.errors, **error.members, error=name)


@blueprint.post("/v1/token")
@oauth_errors
@ignore_query
@body(TokenRequestSchema, MAX_ENROLMENT_BYTES, {FORM: read_form})
@response(
    TokenReplySchema,
    Problem.GRANT_INVALID,
    Problem.GRANT_UNSUPPORTED,
    Problem.CLIENT_INVALID,
    secret=True,
)
def create_token(document: RequestData) -> object:
    """Gives new tokens for a refresh token or client credentials (RFC 6749)."""
    match document.get("grant_type"):
        case "refresh_token":
            token = _require_parameter(document, "refresh_token")
            return _token_reply(_refresh_tokens(token), token)
        case "client_credentials":
            client_id, secret = _read_client_credentials(document)
            return _token_reply(_log_in_client(client_id, secret), secret)
        case _:
            raise ProblemError(
                Problem.GRANT_UNSUPPORTED,
                [
                    FieldError(
                        "/grant_type",
                        ErrorCode.NOT_IN_LIST,
                        "must be one of refresh_token, client_credentials",
                    )
                ],
            )


@blueprint.get("/v1/jwks")
@response(KeySetSchema, max_age=KEY_SET_SECONDS)
def get_jwks() -> object:
    """The key that access tokens verify under; ballot keys are served one by one."""
    return _key_set()


@blueprint.get("/.well-known/jwks.json")
@response(KeySetSchema, max_age=KEY_SET_SECONDS)
def get_well_known_jwks() -> object:
    """The same key set, at the address where libraries look for it."""
    return _key_set()


def _key_set() -> dict[str, object]:
    return {"keys": [access_token_jwk(dependencies().keyring)]}


def _refresh_tokens(token: str) -> Tokens:
    deps = dependencies()
    try:
        keyring = deps.keyring  # may need a transaction of its own
        with transaction(Door.POLL_BOOK) as session:
            tokens = refresh(session, keyring, token, deps.clock())
    except GrantInvalidError as error:
        raise ProblemError(Problem.GRANT_INVALID) from error
    if tokens is None:  # the family was revoked just now, and that is committed
        raise ProblemError(Problem.GRANT_INVALID)
    return tokens


def _log_in_client(client_id: str, secret: str) -> Tokens:
    deps = dependencies()
    try:
        credentials = (deps.keyring, client_id, secret, deps.clock())
        with read_transaction(Door.POLL_BOOK) as session:
            entered = log_in(session, *credentials)
        if entered.is_first:
            with transaction(Door.POLL_BOOK) as session:
                confirm_client(session, *credentials)
    except ClientInvalidError as error:
        raise ProblemError(Problem.CLIENT_INVALID) from error
    return entered.tokens


def _read_client_credentials(document: RequestData) -> tuple[str, str]:
    """Id and secret, from the header or the form (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return _require_parameter(document, "client_id"), _require_parameter(
            document, "client_secret"
        )
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:  # not ASCII, not base64, or not UTF-8 inside
        raise ProblemError(Problem.CLIENT_INVALID) from error
    return unquote_plus(client_id), unquote_plus(secret)


def _require_parameter(document: RequestData, name: str) -> str:
    value: str | None = document.get(name)
    if not value:
        missing = FieldError(join_pointer(name), ErrorCode.MISSING, "is missing")
        raise ProblemError(Problem.INVALID, [missing])
    return value


def _token_reply(tokens: Tokens, presented: str) -> dict[str, object]:
    """The reply, bound by an echo to what only its asker can have presented."""
    reply: dict[str, object] = {
        "access_token": tokens.access,
        "expires_in": int(ACCESS_LIFETIME.total_seconds()),
        "scope": " ".join(sorted(tokens.scopes)),
        "echo": base64url.digest(presented.encode()),
    }
    if tokens.refresh is not None:
        reply["refresh_token"] = tokens.refresh
    return reply
