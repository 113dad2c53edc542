import base64
import json
import re
import subprocess

import pytest

from tests.support.gunicorn import BIN, TIMEOUT_SECONDS, GunicornServer, environment


def database_in(folder):
    return f"sqlite:///{folder}/rapport.db"


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """Replies, exit status and log of a server that ran for a short time."""
    folder = tmp_path_factory.mktemp("served")
    subprocess.run(
        [BIN / "rapport", "db", "upgrade"],
        env=environment(database_in(folder)),
        check=True,
    )
    served = GunicornServer(database_in(folder), folder / "log")
    try:
        replies = {
            "sync": served.request("GET", "/v1/sync"),
            "nothing": served.request("GET", "/v1/keys/acme.x"),
            "chunked": served.request(
                "POST",
                "/v1/submissions",
                body=iter([b" " * 65536] * 20),
                headers={"Content-Type": "application/json"},
                encode_chunked=True,
            ),
            "garbage": served.raw(b"GARBAGE\r\n\r\n"),
            "a bad header": served.raw(b"GET / HTTP/1.1\r\nno colon\r\n\r\n"),
            "cut off": served.raw(
                b"POST /v1/submissions HTTP/1.1\r\nHost: x\r\n"
                b"Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
            ),
            "too long": served.raw(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n"),
        }
        replies["exit"] = served.stop()
    finally:
        served.process.kill()
    replies["log"] = served.log.read_text()
    return replies


def test_a_request_without_a_token_is_answered_with_a_problem(story):
    reply, document = story["sync"]

    assert reply.status == 401
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert json.loads(document)["code"] == "unauthenticated"


def test_a_body_in_chunks_is_limited_too(story):
    reply, document = story["chunked"]

    assert reply.status == 413
    assert json.loads(document)["code"] == "too-large"


def test_a_body_that_breaks_off_is_answered_with_a_problem(story):
    head, _, document = story["cut off"].partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(document)["code"] == "bad-request"
    assert "ended before" in json.loads(document)["detail"]


@pytest.mark.parametrize("name", ["garbage", "a bad header", "too long"])
def test_request_that_is_no_http_is_answered_with_a_problem(story, name):
    head, _, body = story[name].partition(b"\r\n\r\n")
    document = json.loads(body)

    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert (document["code"], document["retry"]) == ("bad-request", "after_fix")
    assert "RFC 9112" in document["detail"]
    assert b"GARBAGE" not in body
    assert b"aaaa" not in body


def test_every_line_of_the_log_is_json(story):
    lines = [json.loads(line) for line in story["log"].splitlines()]

    assert all({"at", "level", "event"} <= line.keys() for line in lines)
    assert "Starting gunicorn" in lines[0]["event"]


def test_no_address_and_nothing_of_a_malformed_request_is_in_the_log(story):
    about_itself = re.sub(r"Listening at: \S+", "", story["log"])

    assert "127.0.0.1" not in about_itself
    assert "GARBAGE" not in about_itself
    assert "no colon" not in about_itself
    assert "aaaa" not in about_itself


def test_requests_are_logged_once_and_those_at_the_ballot_box_never(story):
    lines = [json.loads(line) for line in story["log"].splitlines()]

    requests = [line for line in lines if "route" in line or "/v1/" in str(line)]

    assert [line["route"] for line in requests] == ["/v1/sync"]


def test_sigterm_ends_it_without_sigkill(story):
    """The master ends in order, and no worker has to be killed."""
    assert story["exit"] == 0
    assert "SIGKILL" not in story["log"]


def start_server(folder, **settings):
    """A server that ends by itself."""
    return subprocess.run(
        [
            *(BIN / "gunicorn", "-c", "python:rapport_service.gunicorn_conf"),
            *("-b", f"unix:{folder}/socket", "--workers", "1"),
        ],
        env=environment(database_in(folder)) | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )


def test_bad_settings_are_logged_and_end_the_server(tmp_path):
    done = start_server(tmp_path, RAPPORT_SECRET="short", RAPPORT_TYPO="1")

    assert done.returncode != 0
    assert "RAPPORT_SECRET: needs base64" in done.stderr
    assert "RAPPORT_TYPO: no such setting" in done.stderr
    assert "short" not in done.stderr
    assert "Traceback" not in done.stderr


def test_secret_of_another_database_is_logged_and_ends_the_server(tmp_path):
    subprocess.run(
        [BIN / "rapport", "db", "upgrade"],
        env=environment(database_in(tmp_path)),
        check=True,
    )

    done = start_server(tmp_path, RAPPORT_SECRET=base64.b64encode(bytes(32)).decode())

    assert done.returncode != 0
    assert "RAPPORT_SECRET is not the secret" in done.stderr
    assert "Traceback" not in done.stderr


def test_database_without_migrations_is_logged_and_waited_for(tmp_path):
    served = GunicornServer(database_in(tmp_path), tmp_path / "log")
    try:
        (before, _), (alive, _) = (
            served.request("GET", path) for path in ("/readyz", "/healthz")
        )
        subprocess.run(
            [BIN / "rapport", "db", "upgrade"],
            env=environment(database_in(tmp_path)),
            check=True,
        )
        after, _ = served.request("GET", "/readyz")
    finally:
        served.stop()

    assert (before.status, alive.status, after.status) == (503, 200, 200)
    assert "rapport db upgrade" in served.log.read_text()
