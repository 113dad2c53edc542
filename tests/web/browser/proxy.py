"""A proxy between a phone and the service: no signal, a login page, lost replies."""

import http.client
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "date", "server"}
LOGIN_PAGE = (
    b"<!doctype html><title>Guest Wi-Fi</title><h1>Please accept the terms</h1>"
)


@dataclass(frozen=True)
class Asked:
    """A request that reached the proxy, without its body."""

    method: str
    path: str
    headers: dict[str, str]


class Signal:
    """Carries requests to a service, as well as the place allows.

    Attributes:
        mode: ``good``, ``none`` (no reply), ``login`` (a page of the network's own),
            ``lossy`` (submissions arrive, their replies do not) or ``old`` (the
            service knows no such address).
        login_paths: addresses at which the login page is, by their beginning.
        gate: submissions wait while it is not set.
        version: another number makes another service worker.
        planted: what stands before the service worker's own text.
        asked: every request, in order.
    """

    def __init__(self, service_url: str) -> None:
        self.service = urlsplit(service_url)
        self.mode = "good"
        self.login_paths = "/"
        self.gate = threading.Event()
        self.gate.set()
        self.version = 0
        self.planted = b""
        self.asked: list[Asked] = []
        handler = type("Handler", (_Handler,), {"signal": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://localhost:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the proxy."""
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, path: str, method: str = "POST") -> int:
        """How many requests an address got."""
        return sum(
            (each.method, each.path) == (method, path) for each in list(self.asked)
        )

    @property
    def submissions(self) -> int:
        """How many submissions came, answered or not."""
        return self.count("/v1/submissions")

    def calls(self) -> list[Asked]:
        """Requests to the API."""
        return [each for each in list(self.asked) if each.path.startswith("/v1/")]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    signal: ClassVar[Signal]

    def log_message(self, *_: Any) -> None:
        """Writes nothing."""

    def do_GET(self) -> None:
        """Carries a request."""
        self._carry()

    do_POST = do_HEAD = do_PUT = do_GET  # noqa: N815 - likewise

    def _carry(self) -> None:
        signal = self.signal
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        if signal.mode == "none":
            self.close_connection = True
            return
        asked = Asked(self.command, path, dict(self.headers.items()))
        signal.asked.append(asked)
        if signal.mode == "login" and path.startswith(signal.login_paths):
            self._reply(200, {"Content-Type": "text/html"}, LOGIN_PAGE)
            return
        is_submission = path == "/v1/submissions"
        if is_submission:
            signal.gate.wait()
        if signal.mode == "old":
            self.path = self.path.replace("/v1/", "/v0/")
        status, headers, data = self._ask(body)
        if is_submission and signal.mode == "lossy":
            self.close_connection = True
            return
        if path == "/sw.js" and (signal.version or signal.planted):
            new = f'VERSION = "{signal.version}-'.encode()
            data = signal.planted + re.sub(rb'VERSION = "', new, data)
            changed = {"ETag", "Content-Length"}
            headers = {k: v for k, v in headers.items() if k not in changed}
        self._reply(status, headers, data)

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        service = self.signal.service
        connection = http.client.HTTPConnection(service.hostname or "", service.port)
        headers = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in {*HOP_BY_HOP, "accept-encoding"}
        }
        if self.path == "/sw.js":
            headers.pop("If-None-Match", None)
        try:
            connection.request(self.command, self.path, body or None, headers)
            reply = connection.getresponse()
            data = reply.read()
            return reply.status, dict(reply.getheaders()), data
        except OSError:
            return 0, {}, b""
        finally:
            connection.close()

    def _reply(self, status: int, headers: dict[str, str], data: bytes) -> None:
        if status == 0:
            self.close_connection = True
            return
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in {"connection", "transfer-encoding"}:
                self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
