"""Asynchronous transport: carries requests with httpx, which is an extra."""

import asyncio
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from rapport_client._http import Request, Response
from rapport_client._transport import (
    CONNECT_TIMEOUT,
    MAX_REPLY_BYTES,
    READ_TIMEOUT,
    REPLY_TIMEOUT,
    REPLY_TOO_LONG,
    FailureMessages,
)
from rapport_client.errors import TimedOut, TransportFailure, Unreachable


class HttpxTransport:
    """The default asynchronous transport, with the limits of the synchronous one.

    Args:
        client: of yours, with its own proxies and certificates; the caller closes it.
            One of its own if None.
        read_seconds: time limit for each read, while nothing arrives.
    """

    def __init__(
        self,
        client: httpx.AsyncClient | None = None,
        *,
        read_seconds: float = READ_TIMEOUT,
    ) -> None:
        self._client = _new_client() if client is None else client
        self._is_own = client is None
        self._read_seconds = read_seconds

    async def send(self, request: Request) -> Response:
        """Carries one request and returns its response, after ``request.delay``.

        Raises:
            Unreachable: no connection was made, so nothing was sent.
            TimedOut: the service was reached and sent nothing in time.
            TransportFailure: no whole response came, or it was too long.
        """
        await asyncio.sleep(request.delay)
        if self._client.is_closed:
            raise TransportFailure("this client is closed")
        messages = FailureMessages(request.url)
        try:
            async with asyncio.timeout(REPLY_TIMEOUT):
                return await self._exchange(request)
        except (httpx.ReadTimeout, TimeoutError) as error:
            raise TimedOut(messages.too_slow) from error
        except httpx.HTTPError as error:
            raise _to_failure(error, messages) from error

    async def close(self) -> None:
        """Closes the connections that are its own."""
        if self._is_own:
            await self._client.aclose()

    async def _exchange(self, request: Request) -> Response:
        max_bytes = request.max_reply_bytes or MAX_REPLY_BYTES
        read_seconds = max(self._read_seconds, request.read_seconds or 0.0)
        async with self._client.stream(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body or None,
            follow_redirects=False,
            timeout=httpx.Timeout(
                read_seconds, connect=min(CONNECT_TIMEOUT, read_seconds)
            ),
        ) as reply:
            body = bytearray()
            async for part in reply.aiter_raw():
                body += part
                if len(body) > max_bytes:
                    raise TransportFailure(REPLY_TOO_LONG)
        headers = {name.lower(): value for name, value in reply.headers.items()}
        return Response(reply.status_code, headers, bytes(body))


def _new_client() -> httpx.AsyncClient:
    """A client that keeps no cookie and takes no proxy from the environment."""
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return httpx.AsyncClient(cookies=no_cookies, trust_env=False)


def _to_failure(error: httpx.HTTPError, messages: FailureMessages) -> TransportFailure:
    causes = [error.__cause__, error.__context__]
    while causes:
        cause = causes.pop()
        if isinstance(cause, ssl.SSLError):
            return TransportFailure(messages.certificate)
        if cause is not None:
            causes += [cause.__cause__, cause.__context__]
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Unreachable(messages.unreachable)
    return TransportFailure(messages.broken)
