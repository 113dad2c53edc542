"""HTTP server on the loopback address in front of the fake service."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from rapport_client import Request


class FakeHttpServer(ThreadingHTTPServer):
    """Hands every request to a transport; ``connections`` counts accepted sockets."""

    daemon_threads = True

    def __init__(self, transport):
        super().__init__(("127.0.0.1", 0), Handler)
        self.transport = transport
        self.connections = 0
        self.origin = f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request, client_address):
        self.connections += 1
        super().process_request(request, client_address)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        response = self.server.transport.send(
            Request(
                self.command,
                f"{self.server.origin}{self.path}",
                dict(self.headers.items()),
                self.rfile.read(length),
            )
        )
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if "content-length" not in response.headers:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_POST = do_PUT = do_GET  # noqa: N815 - http.server looks for these names

    def log_message(self, *_):
        pass


@contextmanager
def serve(transport) -> Iterator[FakeHttpServer]:
    """Serves until the block ends."""
    with FakeHttpServer(transport) as front:
        thread = Thread(target=front.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield front
        finally:
            front.shutdown()
            thread.join()
