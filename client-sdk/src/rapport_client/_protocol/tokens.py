"""Token requests: for an enrolment code, a refresh token or a client's secret."""

import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from rapport_client._http import CONSTANT_HEADERS, Flow, Request, Response
from rapport_client._protocol import base64url, replies
from rapport_client.errors import UnexpectedReply

_MEMBER_SCOPE = "member"

# The form of a bearer token (RFC 6750 section 2.1); nothing else may enter a header.
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")


@dataclass(frozen=True)
class Tokens:
    """Tokens of the poll book.

    Attributes:
        access_token: goes with each authenticated request.
        refresh_token: gets the next tokens; None where the old one stays valid.
        expires_in: seconds that the access token is valid.
        may_answer: whether they are for answering; a person who reads scores has
            tokens of another scope.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int
    may_answer: bool


def redeem_code(server: str, code: str, device: bytes) -> Flow[Tokens]:
    """Enrols a device.

    Args:
        server: the origin of the poll-book door.
        code: the enrolment code.
        device: 32 random bytes that the device has committed; the same pair may be
            sent again after a lost reply.

    Raises:
        CodeUnknown: no such code.
        CodeUsed: another device has used it.
        CodeExpired: it is too old.
        ProblemError: refused for another reason.
        UnexpectedReply: not a reply of Rapport's.
        TransportFailure: no reply.
    """
    body = {"code": code, "device": base64url.encode(device)}
    response = yield Request(
        "POST",
        f"{server}/v1/enrolments",
        {**CONSTANT_HEADERS, "Content-Type": replies.JSON_MEDIA_TYPE},
        json.dumps(body).encode(),
    )
    tokens = _read_tokens(response, body["device"])
    if tokens.refresh_token is None:
        raise UnexpectedReply("the enrolment came without a refresh token")
    return tokens


def refresh_tokens(server: str, refresh_token: str) -> Flow[Tokens]:
    """Gets new tokens; the same refresh token may be sent again after a lost reply.

    Raises:
        GrantInvalid: the device's enrolment has ended.
        ProblemError: refused for another reason.
        UnexpectedReply: not a reply of Rapport's.
        TransportFailure: no reply.
    """
    return _request_tokens(
        server,
        refresh_token,
        grant_type="refresh_token",
        refresh_token=refresh_token,
    )


def client_credentials(server: str, client_id: str, secret: str) -> Flow[Tokens]:
    """Gets a token for a program (RFC 6749 section 4.4).

    Raises:
        ClientInvalid: the client id or its secret is wrong.
        ProblemError: refused for another reason.
        UnexpectedReply: not a reply of Rapport's.
        TransportFailure: no reply.
    """
    return _request_tokens(
        server,
        secret,
        grant_type="client_credentials",
        client_id=client_id,
        client_secret=secret,
    )


def _request_tokens(server: str, presented: str, **form: str) -> Flow[Tokens]:
    response = yield Request(
        "POST",
        f"{server}/v1/token",
        {**CONSTANT_HEADERS, "Content-Type": "application/x-www-form-urlencoded"},
        urlencode(form).encode(),
    )
    return _read_tokens(response, presented)


def _read_tokens(response: Response, presented: str) -> Tokens:
    """Reads tokens; refuses those for another request, which are another person's."""
    reply = replies.read_document(response, "the token reply")
    if reply.text("echo") != base64url.digest(presented.encode()):
        raise UnexpectedReply("the token reply is to another request")
    access_token = reply.text("access_token")
    if not _BEARER.fullmatch(access_token):
        raise UnexpectedReply("the access token is not one")
    scope = reply.text_or_none("scope")
    return Tokens(
        access_token=access_token,
        refresh_token=reply.text_or_none("refresh_token"),
        expires_in=reply.integer("expires_in"),
        # A missing scope is the one that was asked for (RFC 6749 section 5.1).
        may_answer=scope is None or _MEMBER_SCOPE in scope.split(),
    )
