"""Default transport: carries requests with urllib3."""

import time
from contextlib import closing
from urllib.parse import urlsplit

import urllib3

from rapport_client._http import Request, Response
from rapport_client._wording import bilingual_wording
from rapport_client.errors import TimedOut, TransportFailure, Unreachable

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 30.0
REPLY_TIMEOUT = 10 * 60.0
"""Enough for a charter on the slowest connection. A reply that trickles ends here,
because other processes wait for the sync lock meanwhile."""

MAX_REPLY_BYTES = 4 * 1024 * 1024
"""Far above the charter of an agency with thousands of groups, in bytes."""


_UNREACHABLE = bilingual_wording(
    "no connection to {}: try again where there is a signal; if there is one, check the"
    " address",
    "no hay conexión con {}: vuelva a intentarlo donde haya señal; si la hay, compruebe"
    " la dirección",
)
_BROKEN = bilingual_wording(
    "no reply from {}: the connection broke; try again where there is a signal",
    "no llegó respuesta de {}: la conexión se cortó; vuelva a intentarlo donde haya"
    " señal",
)
_TOO_SLOW = bilingual_wording(
    "no reply from {} in time: try again later",
    "no llegó a tiempo la respuesta de {}: vuelva a intentarlo más tarde",
)
_CERTIFICATE = bilingual_wording(
    "no reply from {}: its certificate was not accepted, or the connection broke; check"
    " this device's date, and whether the network wants a login",
    "no llegó respuesta de {}: no se aceptó su certificado o la conexión se cortó;"
    " compruebe la fecha de este dispositivo y si la red pide que inicie sesión",
)
REPLY_TOO_LONG = bilingual_wording(
    "the reply is too long", "la respuesta es demasiado larga"
)
_REPLY_TOO_SLOW = bilingual_wording(
    "the reply of the service took too long",
    "la respuesta del servicio tardó demasiado",
)


class FailureMessages:
    """Messages for a person when no reply came: which address, and what to do.

    Args:
        url: of the request; its path is left out.
    """

    def __init__(self, url: str) -> None:
        origin = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}"
        self.unreachable = _UNREACHABLE.format(origin)
        self.broken = _BROKEN.format(origin)
        self.too_slow = _TOO_SLOW.format(origin)
        self.certificate = _CERTIFICATE.format(origin)


class Urllib3Transport:
    """The default transport: explicit time-outs, no redirects, no retries, no cookies.

    A request that is ``fresh`` gets a connection pool of its own, which is closed after
    it; the others share connections that are kept alive.

    Args:
        connect_seconds: time limit for opening a connection.
        read_seconds: time limit for each read, while nothing arrives.
        reply_seconds: time limit for the whole body of a reply.
        largest_reply: size limit for the body of a reply, in bytes.
    """

    def __init__(
        self,
        *,
        connect_seconds: float = CONNECT_TIMEOUT,
        read_seconds: float = READ_TIMEOUT,
        reply_seconds: float = REPLY_TIMEOUT,
        largest_reply: int = MAX_REPLY_BYTES,
    ) -> None:
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._reply_seconds = reply_seconds
        self._max_reply_bytes = largest_reply
        self._shared_pool = self._new_pool()

    def send(self, request: Request) -> Response:
        """Carries one request and returns its response.

        Raises:
            Unreachable: no connection was made, so nothing was sent.
            TimedOut: the service was reached and sent nothing in time.
            TransportFailure: no whole response came, or it was too long.
        """
        time.sleep(request.delay)
        if not request.fresh:
            return self._exchange(self._shared_pool, request)
        with self._new_pool() as pool:
            return self._exchange(pool, request)

    def close(self) -> None:
        """Closes the connections that were kept alive."""
        self._shared_pool.clear()

    def _new_pool(self) -> urllib3.PoolManager:
        return urllib3.PoolManager(retries=False)

    def _exchange(self, pool: urllib3.PoolManager, request: Request) -> Response:
        max_bytes = request.max_reply_bytes or self._max_reply_bytes
        messages = FailureMessages(request.url)
        try:
            reply = pool.request(
                request.method,
                request.url,
                headers=dict(request.headers),
                body=request.body or None,
                redirect=False,
                timeout=self._timeout_for(request),
                preload_content=False,
            )
            # A reply read to its end returns its connection; any other is cut off.
            with closing(reply):
                body = self._read_body(reply, max_bytes)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise TimedOut(messages.too_slow) from error
        except (
            urllib3.exceptions.NewConnectionError,
            urllib3.exceptions.ConnectTimeoutError,
        ) as error:
            raise Unreachable(messages.unreachable) from error
        except urllib3.exceptions.SSLError as error:
            raise TransportFailure(messages.certificate) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise TransportFailure(messages.broken) from error
        if len(body) > max_bytes:
            raise TransportFailure(REPLY_TOO_LONG)
        headers = {name.lower(): value for name, value in reply.headers.items()}
        return Response(reply.status, headers, body)

    def _timeout_for(self, request: Request) -> urllib3.Timeout:
        read_seconds = max(self._read_seconds, request.read_seconds or 0.0)
        return urllib3.Timeout(connect=self._connect_seconds, read=read_seconds)

    def _read_body(self, reply: urllib3.BaseHTTPResponse, max_bytes: int) -> bytes:
        """The body as it came; if it is too long, one byte more than the limit."""
        until = time.monotonic() + self._reply_seconds
        body = bytearray()
        while left := max_bytes + 1 - len(body):
            part = reply.read1(left, decode_content=False)
            if not part:
                break
            body += part
            if time.monotonic() > until:
                raise TimedOut(_REPLY_TOO_SLOW)
        return bytes(body)
