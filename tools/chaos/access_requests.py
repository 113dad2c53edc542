"""Requests for tokens and for what they open, straight to the service."""

import json
import secrets
import time
from http import HTTPStatus
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from rapport_client._protocol import base64url

TRIES, PAUSE_SECONDS = 60, 0.5
"""Tries until the service answers: its workers may have been killed just now."""


class NoAnswerError(Exception):
    """The service did not answer at all, or only that it cannot now."""


def enrol(server: str, code: str) -> tuple[str, str]:
    """An access token and a refresh token of a new device."""
    device = base64url.encode(secrets.token_bytes(32))
    body = json.dumps({"code": code, "device": device}).encode()
    request = Request(
        f"{server}/v1/enrolments", body, {"Content-Type": "application/json"}
    )
    status, reply = _send(request)
    if status != HTTPStatus.OK:
        raise NoAnswerError(f"enrolment: {status}")
    tokens = json.loads(reply)
    return tokens["access_token"], tokens["refresh_token"]


def refresh(server: str, token: str) -> str | None:
    """The successor of a refresh token; None if it was refused."""
    form = urlencode({"grant_type": "refresh_token", "refresh_token": token})
    request = Request(f"{server}/v1/token", form.encode())
    status, reply = _send(request)
    if status != HTTPStatus.OK:
        return None
    successor: str = json.loads(reply)["refresh_token"]
    return successor


def read_status(server: str, path: str, access_token: str) -> int:
    """The status of a request with an access token."""
    headers = {"Authorization": f"Bearer {access_token}"}
    status, _ = _send(Request(f"{server}{path}", headers=headers))
    return status


def _send(request: Request) -> tuple[int, bytes]:
    for _ in range(TRIES):
        try:
            with urlopen(request, timeout=10) as reply:
                return reply.status, reply.read()
        except HTTPError as error:
            if error.code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return error.code, error.read()
        except (URLError, OSError):
            pass
        time.sleep(PAUSE_SECONDS)
    raise NoAnswerError(request.full_url)
