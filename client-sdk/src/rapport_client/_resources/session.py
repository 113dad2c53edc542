"""Session of a program: credentials, repetitions, log and the last response. No I/O."""

import json
import logging
import random
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

from rapport_client._http import CONSTANT_HEADERS, Request, Response
from rapport_client._protocol.replies import JSON_MEDIA_TYPE
from rapport_client._protocol.tokens import Tokens
from rapport_client._resources.operation import Call, Exchange
from rapport_client._version import __version__
from rapport_client.errors import TransportFailure

log = logging.getLogger("rapport_client")

T = TypeVar("T")
Y = TypeVar("Y")

MAX_RETRIES = 2

FIRST_BACKOFF = 0.5
"""Seconds before the first repetition, at most; twice as many before each next one."""

MAX_WAIT = 60.0
"""The longest ``Retry-After``, in seconds, that is waited for."""

CSV_MEDIA_TYPE = "text/csv"

PERSON = re.compile(r"/people/[^/]+")
"""Part of a path that names a person, who shall not stand in a log."""

NO_RESPONSE = Response(0, {}, b"")
"""Sent for a step that is no request."""

USER_AGENT = f"rapport-client/{__version__}"


@dataclass(frozen=True)
class Renewal:
    """Step of a flow: a new access token in place of a stale one.

    Tasks that share a client ask one after the other, so that only the first of them
    gets tokens.
    """

    stale_token: str


@dataclass(frozen=True)
class Pause:
    """Step of a flow: seconds to wait."""

    seconds: float


Step = Request | Renewal | Pause
SessionFlow = Generator[Step, Any, T]
"""Flow whose renewals and pauses are sent None, and its requests their responses."""


class Credentials(Protocol):
    """Source of access tokens."""

    def obtain(self, server: str) -> SessionFlow[Tokens]:
        """Obtains new tokens."""


class Session:
    """State that all calls of a client share.

    Args:
        server: the origin, in its normal form.
        credentials: where access tokens come from.
        max_retries: how often a call may be repeated that does no harm.
        clock: seconds that only grow.

    Attributes:
        last_response: the response to the newest call; None before the first, and
            after a call without one.

    Raises:
        ValueError: ``max_retries`` is negative.
    """

    def __init__(
        self,
        server: str,
        credentials: Credentials,
        *,
        max_retries: int,
        clock: Callable[[], float],
    ) -> None:
        if max_retries < 0:
            raise ValueError("max_retries may not be negative")
        self.last_response: Response | None = None
        self._server = server
        self._credentials = credentials
        self._max_retries = max_retries
        self._clock = clock
        self._access_token = ""
        self._expires_at = clock()

    def run(self, exchange: Exchange[T]) -> SessionFlow[T]:
        """The flow of an exchange: its calls as complete requests.

        Raises:
            RapportError: as the exchange does.
        """
        return _relay(exchange, self._carry)

    def renew(self, renewal: Renewal) -> SessionFlow[None]:
        """Obtains a new access token, unless another task has.

        Raises:
            RapportError: as the credentials do.
        """
        is_valid = self._clock() < self._expires_at
        if is_valid and self._access_token != renewal.stale_token:
            return
        requested_at = self._clock()
        tokens = yield from _relay(
            self._credentials.obtain(self._server), self._carry_token_request
        )
        self._access_token = tokens.access_token
        self._expires_at = requested_at + tokens.expires_in

    def _carry(self, call: Call) -> SessionFlow[Response]:
        """Carries one call; renews a token that has expired or is refused, once."""
        self.last_response = None
        is_stale = not call.is_anonymous and self._clock() >= self._expires_at
        if is_stale:
            yield Renewal(self._access_token)
        sent_token = self._access_token
        response = yield from self._send(self._complete(call), call.is_repeatable)
        may_renew = not call.is_anonymous and not is_stale
        if response.status == HTTPStatus.UNAUTHORIZED and may_renew:
            yield Renewal(sent_token)
            response = yield from self._send(self._complete(call), call.is_repeatable)
        self.last_response = response
        return response

    def _carry_token_request(self, asked: Step) -> SessionFlow[Response]:
        if isinstance(asked, Request):
            return (yield from self._send(asked, is_repeatable=True))
        yield asked
        return NO_RESPONSE

    def _complete(self, call: Call) -> Request:
        headers = {**CONSTANT_HEADERS, **call.headers}
        if not call.is_anonymous:
            headers["Authorization"] = f"Bearer {self._access_token}"
        body = b""
        if isinstance(call.body, bytes):
            body, headers["Content-Type"] = call.body, CSV_MEDIA_TYPE
        elif call.body is not None:
            body = json.dumps(call.body, ensure_ascii=False).encode()
            headers["Content-Type"] = JSON_MEDIA_TYPE
        query = {name: text for name, text in call.query.items() if text is not None}
        return Request(
            call.method,
            f"{self._server}{call.path}{'?' if query else ''}{urlencode(query)}",
            headers,
            body,
            delay=call.delay,
            read_seconds=call.read_seconds,
            max_reply_bytes=call.max_reply_bytes,
        )

    def _send(self, request: Request, is_repeatable: bool) -> SessionFlow[Response]:
        """Sends a request; again, if no reply comes or the service is busy."""
        request = replace(
            request, headers={**request.headers, "User-Agent": USER_AGENT}
        )
        path = PERSON.sub("/people/...", urlsplit(request.url).path)
        name = f"{request.method} {path}"
        retries = self._max_retries if is_repeatable else 0
        for retry in range(retries + 1):
            sent_at = self._clock()
            wait = random.uniform(0, FIRST_BACKOFF * 2**retry)  # noqa: S311 - no secret
            try:
                response: Response = yield request
            except TransportFailure as failure:
                log.info("%s: %s", name, failure)
                if retry == retries:
                    raise
            else:
                log.debug(
                    "%s: %d in %.3f s (request %s)",
                    name,
                    response.status,
                    self._clock() - sent_at,
                    response.request_id,
                )
                asked = _retry_after(response)
                if retry == retries or asked is None or asked > MAX_WAIT:
                    break
                wait += asked
            log.info("%s: again in %.1f s", name, wait)
            request = replace(request, delay=wait)
        return response


def _retry_after(response: Response) -> float | None:
    """Seconds after which a busy service wants to be asked again; None of others."""
    if response.status != HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() else 0.0


def _relay(
    inner: Generator[Y, Response, T], carry: Callable[[Y], SessionFlow[Response]]
) -> SessionFlow[T]:
    """Runs a generator; what it yields is carried, and it gets what comes of that."""
    step: Callable[[], Y] = partial(next, inner)
    try:
        while True:
            try:
                asked = step()
            except StopIteration as end:
                result: T = end.value
                return result
            try:
                response = yield from carry(asked)
            except TransportFailure as failure:
                step = partial(inner.throw, failure)
            else:
                step = partial(inner.send, response)
    finally:
        inner.close()
