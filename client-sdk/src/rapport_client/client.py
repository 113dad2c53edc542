"""The class for programs, and for people who read scores: the API by resources."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from os import PathLike
from typing import Self, TypeVar

from rapport_client._http import Request, Response, Transport, parse_origin
from rapport_client._resources.credentials import ClientCredentials
from rapport_client._resources.operation import Exchange, SyncRunner
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
from rapport_client._transport import CONNECT_TIMEOUT, READ_TIMEOUT, Urllib3Transport
from rapport_client.errors import TransportFailure

T = TypeVar("T")


class Client(Resources[SyncRunner]):
    """The API, for a program with its own id and secret.

    The methods are on its resources, such as ``client.teams.score("north")``. The
    access token is held in memory and renewed as needed. An object belongs to one
    thread. Each method raises ``ClientInvalid`` for a wrong id or secret, another
    ``ProblemError`` if the service refuses, ``TransportFailure`` if no reply comes, and
    ``UnexpectedReply`` if the reply is not Rapport's. The logger ``rapport_client``
    tells of each call its method, path, status, time and request id, and never more.

    Args:
        server: the service's origin, such as ``https://rapport.example``.
        client_id: given by the agency's admin.
        secret: given with it.
        timeout: seconds that may pass before a reply begins, or between two parts of
            it; a ``transport`` of yours has its own.
        max_retries: how often a call is repeated if no reply comes or the service is
            busy. Only calls are repeated that do no harm then: those that read, and
            those that create something, since the client chooses its id.
        transport: carries requests; the caller closes it. urllib3 if None.

    Raises:
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
        transport: Transport | None = None,
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
        transport: Transport | None = None,
    ) -> "Client":
        """The API for a person, with a code for reading; kept in a file of mode 0600.

        The code is presented with the first call. It can be given again: once it is in
        the file, the tokens there are used. ``from_token_file`` needs no code.

        Args:
            server: the service's origin, such as ``https://rapport.example``.
            code: the code for reading, such as ``acme-7QFM-29XK-T4WD``.
            token_file: made if missing; a person who has it can read what you can.
            device: of ``CodeForReading``, if a ``FieldDevice`` was given this code.
            timeout: as for a program.
            max_retries: as for a program.
            transport: as for a program.

        Raises:
            TokenFileUnusable: the file cannot be read, or is another service's.
            ValueError: the origin, the code or ``device`` is not one.
        """
        tokens = TokenFile(token_file, server, code, device)
        return Client._for_person(tokens, timeout, max_retries, transport)

    @staticmethod
    def from_token_file(
        token_file: str | PathLike[str],
        *,
        timeout: float = READ_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        transport: Transport | None = None,
    ) -> "Client":
        """The API for a person, with the tokens that ``from_reading_code`` kept.

        Args:
            token_file: the file.
            timeout: as for a program.
            max_retries: as for a program.
            transport: as for a program.

        Raises:
            TokenFileUnusable: there is none, or it cannot be read.
        """
        tokens = TokenFile(token_file)
        return Client._for_person(tokens, timeout, max_retries, transport)

    @staticmethod
    def _for_person(
        tokens: TokenFile,
        timeout: float,
        max_retries: int,
        transport: Transport | None,
    ) -> "Client":
        client = Client.__new__(Client)
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
        transport: Transport | None,
    ) -> None:
        if timeout <= 0:
            raise ValueError("a timeout is longer than nothing")
        self._closing = ExitStack()
        if transport is None:
            transport = Urllib3Transport(
                connect_seconds=min(CONNECT_TIMEOUT, timeout), read_seconds=timeout
            )
            self._closing.callback(transport.close)
        session = Session(
            server, credentials, max_retries=max_retries, clock=time.monotonic
        )
        super().__init__(_Runner(session, transport.send), session)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._closing.close()


class _Runner:
    def __init__(self, session: Session, send: Callable[[Request], Response]) -> None:
        self._session = session
        self._send = send

    def run(self, exchange: Exchange[T]) -> T:
        return self._drive(self._session.run(exchange))

    def _drive(self, flow: SessionFlow[T]) -> T:
        """Runs a flow to its end; closes it, whatever happens."""
        step: Callable[[], Step] = partial(next, flow)
        try:
            while True:
                asked = step()
                try:
                    response = self._take(asked)
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

    def _take(self, asked: Step) -> Response | None:
        match asked:
            case Request():
                return self._send(asked)
            case Pause(seconds):
                time.sleep(seconds)
            case Renewal():
                self._drive(self._session.renew(asked))
        return None
