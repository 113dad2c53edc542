"""Asynchronous transport: carries requests with httpx, which is an extra."""

import anyio
import httpx

from rapport_client._http import Request, Response
from rapport_client._transport import (
    CONNECT_TIMEOUT,
    MAX_REPLY_BYTES,
    READ_TIMEOUT,
    REPLY_TIMEOUT,
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
        self._client = httpx.AsyncClient() if client is None else client
        self._is_own = client is None
        self._read_seconds = read_seconds

    async def send(self, request: Request) -> Response:
        """Carries one request and returns its response, after ``request.delay``.

        Raises:
            Unreachable: no connection was made, so nothing was sent.
            TimedOut: the service was reached and sent nothing in time.
            TransportFailure: no whole response came, or it was too long.
        """
        await anyio.sleep(request.delay)
        try:
            with anyio.fail_after(REPLY_TIMEOUT):
                return await self._exchange(request)
        except (httpx.ReadTimeout, TimeoutError) as error:
            raise TimedOut("no reply from the service in time") from error
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            reason = type(error).__name__
            raise Unreachable(f"no connection to the service ({reason})") from error
        except httpx.HTTPError as error:
            reason = type(error).__name__
            raise TransportFailure(f"no reply from the service ({reason})") from error

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
            timeout=httpx.Timeout(read_seconds, connect=CONNECT_TIMEOUT),
        ) as reply:
            body = bytearray()
            async for part in reply.aiter_raw():
                body += part
                if len(body) > max_bytes:
                    raise TransportFailure("the reply is too long")
        headers = {name.lower(): value for name, value in reply.headers.items()}
        return Response(reply.status_code, headers, bytes(body))
