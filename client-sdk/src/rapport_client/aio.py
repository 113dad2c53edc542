"""The class for asyncio programs: the same resources, with awaitable methods."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from os import PathLike
from typing import Protocol, Self, TypeVar

from rapport_client._http import Request, Response, parse_origin
from rapport_client._resources.credentials import ClientCredentials
from rapport_client._resources.operation import AsyncRunner, Exchange
from rapport_client._resources.resources import Resources
from rapport_client._resources.session import (
    MAX_RETRIES,
    Credentials,
    Pause,
    Renewal,
    Session,
    SessionFlow,
    Step,
)
from rapport_client._token_file import TokenFile
from rapport_client._transport import READ_TIMEOUT
from rapport_client.errors import TransportFailure

T = TypeVar("T")


class AsyncTransport(Protocol):
    """Carrier of requests, asynchronous; the default one uses httpx."""

    async def send(self, request: Request) -> Response:
        """Carries one request and returns its response, after ``request.delay``.

        Follows no redirect, repeats no request, keeps no cookie.

        Raises:
            TransportFailure: no whole response came.
        """


class AsyncClient(Resources[AsyncRunner]):
    """The API, for an asynchronous program with its own id and secret.

    As ``Client``, with awaitable methods: ``await client.teams.score("north")``. Its
    tasks may share an object.

    Args:
        server: the service's origin, such as ``https://rapport.example``.
        client_id: given by the agency's admin.
        secret: given with it.
        timeout: seconds that may pass before a reply begins, or between two parts of
            it; a ``transport`` of yours has its own.
        max_retries: how often a call is repeated, as by ``Client``.
        transport: carries requests; the caller closes it. httpx if None, which
            ``pip install 'rapport-client[async]'`` brings.

    Raises:
        ImportError: there is no transport and no httpx.
        ValueError: the origin is not one.
    """

    def __init__(
        self,
        server: str,
        client_id: str,
        secret: str,
        *,
        timeout: float = READ_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        transport: AsyncTransport | None = None,
    ) -> None:
        credentials = ClientCredentials(client_id, secret)
        self._open(parse_origin(server), credentials, timeout, max_retries, transport)

    @staticmethod
    def from_reading_code(
        server: str,
        code: str,
        token_file: str | PathLike[str],
        *,
        device: str | None = None,
        timeout: float = READ_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        transport: AsyncTransport | None = None,
    ) -> "AsyncClient":
        """The API for a person, as ``Client.from_reading_code``."""
        tokens = TokenFile(token_file, server, code, device)
        return AsyncClient._for_person(tokens, timeout, max_retries, transport)

    @staticmethod
    def from_token_file(
        token_file: str | PathLike[str],
        *,
        timeout: float = READ_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        transport: AsyncTransport | None = None,
    ) -> "AsyncClient":
        """The API for a person, as ``Client.from_token_file``."""
        tokens = TokenFile(token_file)
        return AsyncClient._for_person(tokens, timeout, max_retries, transport)

    @staticmethod
    def _for_person(
        tokens: TokenFile,
        timeout: float,
        max_retries: int,
        transport: AsyncTransport | None,
    ) -> "AsyncClient":
        client = AsyncClient.__new__(AsyncClient)
        client._open(  # noqa: SLF001 - a method of its own
            tokens.server, tokens, timeout, max_retries, transport
        )
        return client

    def _open(
        self,
        server: str,
        credentials: Credentials,
        timeout: float,
        max_retries: int,
        transport: AsyncTransport | None,
    ) -> None:
        if timeout <= 0:
            raise ValueError("a timeout is longer than nothing")
        self._closing = AsyncExitStack()
        if transport is None:
            try:
                from rapport_client.httpx_transport import (  # noqa: PLC0415 - an extra
                    HttpxTransport,
                )
            except ModuleNotFoundError as error:
                raise ImportError(
                    "AsyncClient needs httpx: pip install 'rapport-client[async]';"
                    " or give it a transport="
                ) from error
            own = HttpxTransport(read_seconds=timeout)
            self._closing.push_async_callback(own.close)
            transport = own
        session = Session(
            server, credentials, max_retries=max_retries, clock=time.monotonic
        )
        super().__init__(_Runner(session, transport.send), session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._closing.aclose()


class _Runner:
    def __init__(
        self, session: Session, send: Callable[[Request], Awaitable[Response]]
    ) -> None:
        self._session = session
        self._send = send
        self._renewing = asyncio.Lock()

    async def run(self, exchange: Exchange[T]) -> T:
        return await self._drive(self._session.run(exchange))

    async def _drive(self, flow: SessionFlow[T]) -> T:
        """Runs a flow to its end; closes it, whatever happens."""
        step: Callable[[], Step] = partial(next, flow)
        try:
            while True:
                asked = step()
                try:
                    response = await self._take(asked)
                except TransportFailure as failure:
                    if isinstance(asked, Renewal):  # nothing of the call was sent
                        raise
                    step = partial(flow.throw, failure)
                else:
                    step = partial(flow.send, response)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            flow.close()

    async def _take(self, asked: Step) -> Response | None:
        match asked:
            case Request():
                return await self._send(asked)
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Renewal():
                async with self._renewing:
                    await self._drive(self._session.renew(asked))
        return None
