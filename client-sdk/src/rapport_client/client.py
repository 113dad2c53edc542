"""The class for programs, and for people who read scores: the API by resources."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from os import PathLike
from typing import Self, TypeVar

from rapport_client._http import Request, Response, Transport, drive, parse_origin
from rapport_client._resources.credentials import ClientCredentials
from rapport_client._resources.operation import Exchange, SyncRunner
from rapport_client._resources.resources import Resources
from rapport_client._resources.session import MAX_RETRIES, Credentials, Session
from rapport_client._token_file import TokenFile
from rapport_client._transport import READ_TIMEOUT, Urllib3Transport

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
        timeout: seconds that the service may take to reply; a ``transport`` of yours
            has its own.
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

    @classmethod
    def from_reading_code(
        cls,
        server: str,
        code: str,
        token_file: str | PathLike[str],
        *,
        device: str | None = None,
        timeout: float = READ_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        transport: Transport | None = None,
    ) -> Self:
        """The API for a person, with a code for reading; kept in a file of mode 0600.

        The code is presented with the first call. It can be given again: once it is in
        the file, the tokens there are used. ``from_token_file`` needs no code.

        Args:
            server: the service's origin, such as ``https://rapport.example``.
            code: the code for reading, such as ``acme-7QFM-29XK-T4WD``.
            token_file: made if missing; whoever has it can read what you can.
            device: of ``CodeForReading``, if a ``FieldDevice`` was given this code.
            timeout: as for a program.
            max_retries: as for a program.
            transport: as for a program.

        Raises:
            TokenFileUnusable: the file cannot be read or written.
            ValueError: the origin is not one.
        """
        tokens = TokenFile.prepare(token_file, parse_origin(server), code, device)
        return cls._for_person(tokens, timeout, max_retries, transport)

    @classmethod
    def from_token_file(
        cls,
        token_file: str | PathLike[str],
        *,
        timeout: float = READ_TIMEOUT,
        max_retries: int = MAX_RETRIES,
        transport: Transport | None = None,
    ) -> Self:
        """The API for a person, with the tokens that ``from_reading_code`` kept.

        Args:
            token_file: the file.
            timeout: as for a program.
            max_retries: as for a program.
            transport: as for a program.

        Raises:
            TokenFileUnusable: there is none, or it cannot be read.
        """
        return cls._for_person(TokenFile(token_file), timeout, max_retries, transport)

    @classmethod
    def _for_person(
        cls,
        tokens: TokenFile,
        timeout: float,
        max_retries: int,
        transport: Transport | None,
    ) -> Self:
        client = cls.__new__(cls)
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
        self._closing = ExitStack()
        if transport is None:
            transport = Urllib3Transport(read_seconds=timeout)
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
        return drive(self._session.run(exchange), self._send)
