"""The urllib3 transport, over real sockets on the loopback address."""

import gzip
import socket
import ssl
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread
from time import monotonic, sleep

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fake_service.documents import to_bytes
from fake_service.http_server import serve

from rapport_client import (
    Request,
    Response,
    TimedOut,
    TransportFailure,
    Unreachable,
    Urllib3Transport,
)
from rapport_client._http import CONSTANT_HEADERS


@dataclass
class Echo:
    """Answers everything with one response, and remembers what it was asked."""

    response: Response = field(
        default_factory=lambda: Response(200, {"Content-Type": "text/plain"}, b"hello")
    )
    log: list = field(default_factory=list)

    def send(self, request):
        self.log.append(request)
        return self.response


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def http_server(echo):
    with serve(echo) as http_server:
        yield http_server


@pytest.fixture
def transport():
    with closing(
        Urllib3Transport(connect_seconds=2, read_seconds=0.3, largest_reply=1000)
    ) as transport:
        yield transport


def build_request(http_server, **options):
    return Request("GET", f"{http_server.origin}/v1/x", CONSTANT_HEADERS, **options)


def test_a_reply_comes_whole(http_server, transport):
    response = transport.send(build_request(http_server))

    assert (response.status, response.body) == (200, b"hello")
    assert response.headers["content-type"] == "text/plain"


def test_headers_are_those_of_the_request_and_of_http(http_server, transport, echo):
    transport.send(build_request(http_server))
    transport.send(
        Request("POST", f"{http_server.origin}/v1/x", CONSTANT_HEADERS, b"body")
    )

    names = [{name.lower() for name in request.headers} for request in echo.log]
    assert names[0] == {"host", "accept-encoding", "user-agent", "accept"}
    assert names[1] == names[0] | {"content-length"}
    assert {request.headers["User-Agent"] for request in echo.log} == {"rapport-client"}
    assert echo.log[1].body == b"body"


def test_a_fresh_request_has_a_connection_of_its_own(http_server, transport):
    for _ in range(3):
        transport.send(build_request(http_server, fresh=True))

    assert http_server.connections == 3


def test_the_other_requests_share_one(http_server, transport):
    for _ in range(3):
        transport.send(build_request(http_server))

    assert http_server.connections == 1


def test_a_redirect_is_not_followed(http_server, transport, echo):
    echo.response = Response(302, {"Location": f"{http_server.origin}/portal"}, b"")

    assert transport.send(build_request(http_server)).status == 302
    assert len(echo.log) == 1


def test_a_cookie_is_not_sent_back(http_server, transport, echo):
    echo.response = Response(200, {"Set-Cookie": "tag=you"}, b"")
    for fresh in (False, True, False, True):
        transport.send(build_request(http_server, fresh=fresh))

    assert all("Cookie" not in request.headers for request in echo.log)


@pytest.mark.parametrize("fresh", [False, True])
def test_a_reply_that_is_too_long_is_given_up(http_server, transport, echo, fresh):
    echo.response = Response(200, {}, bytes(1001))
    with pytest.raises(TransportFailure, match="too long"):
        transport.send(build_request(http_server, fresh=fresh))

    echo.response = Response(200, {}, bytes(1000))
    assert len(transport.send(build_request(http_server, fresh=fresh)).body) == 1000


def test_a_compressed_reply_is_not_blown_up(http_server, transport, echo):
    bomb = gzip.compress(bytes(100_000))
    echo.response = Response(200, {"Content-Encoding": "gzip"}, bomb)

    assert transport.send(build_request(http_server)).body == bomb


def test_a_reply_that_was_cut_off_is_no_reply(http_server, transport, echo):
    echo.response = Response(200, {"content-length": "100"}, b"only this much")

    with pytest.raises(TransportFailure):
        transport.send(build_request(http_server))


def test_a_service_that_stays_silent_is_given_up(transport):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(TransportFailure, match="in time"):
            transport.send(Request("GET", f"http://127.0.0.1:{port}/", {}))


def test_a_request_may_wait_longer_for_its_reply(http_server, transport, echo):
    answer = echo.send

    def answer_late(request):
        sleep(0.6)
        return answer(request)

    http_server.transport.send = answer_late

    with pytest.raises(TimedOut):
        transport.send(build_request(http_server))
    assert transport.send(build_request(http_server, read_seconds=20)).status == 200


def test_a_request_may_have_a_longer_reply(http_server, transport, echo):
    echo.response = Response(200, {}, bytes(5000))

    assert len(
        transport.send(build_request(http_server, max_reply_bytes=5000)).body
    ) == len(echo.response.body)
    with pytest.raises(TransportFailure, match="too long"):
        transport.send(build_request(http_server, max_reply_bytes=4999))


def test_a_request_is_sent_after_its_delay(http_server, transport):
    started = monotonic()

    transport.send(build_request(http_server, delay=0.2))

    assert monotonic() - started >= 0.2


def test_service_without_a_connection_is_unreachable(transport):
    with pytest.raises(Unreachable):
        transport.send(Request("GET", "http://127.0.0.1:1/", {}))


@pytest.mark.parametrize("fresh", [False, True])
def test_a_reply_that_trickles_has_an_end(fresh):
    """Each byte comes in time, and the last never does."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        closing(Urllib3Transport(read_seconds=5, reply_seconds=0.2)) as hasty,
    ):

        def trickle():
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.recv(1000)
                connection.sendall(head)
                while True:
                    connection.sendall(b"x")
                    sleep(0.05)

        thread = Thread(target=trickle)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(TimedOut, match="took too long"):
            hasty.send(Request("GET", url, {}, fresh=fresh))
        thread.join()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "gopher://127.0.0.1/", "http://"]
)
def test_a_service_that_is_not_there_is_a_transport_failure(transport, url):
    with pytest.raises(
        TransportFailure, match=r"no (reply from|connection to) [a-z]+://"
    ):
        transport.send(Request("GET", url, {}, fresh=True))


def test_a_certificate_that_is_not_accepted_says_what_to_look_at(transport, tmp_path):
    """A wrong date, or a login page that answers in the service's place."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(write_self_signed_certificate(tmp_path))
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake_hands():
            connection, _ = server.accept()
            with connection, suppress(OSError):
                context.wrap_socket(connection, server_side=True).close()

        thread = Thread(target=shake_hands)
        thread.start()
        url = f"https://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(TransportFailure, match="check this device's date"):
            transport.send(Request("GET", url, {}, fresh=True))
        thread.join()


def write_self_signed_certificate(folder):
    """A self-signed certificate with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    written = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "self-signed.pem"
    file.write_bytes(written + certificate.public_bytes(pem))
    return file


def test_something_that_is_not_http_is_a_transport_failure(transport):
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        request = Request("GET", f"http://127.0.0.1:{server.getsockname()[1]}/", {})
        server.settimeout(5)

        def talk():
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(to_bytes({"not": "http"}) + b"\n\n")

        thread = Thread(target=talk)
        thread.start()
        with pytest.raises(TransportFailure):
            transport.send(request)
        thread.join()
