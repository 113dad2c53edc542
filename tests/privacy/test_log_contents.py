import json
import logging
import re

import pytest

from rapport_service.app import create_app
from rapport_service.core.settings import Settings
from tests.support.http_phone import Phone, content, item, post_items, submit
from tests.support.rows import capture_logs

ADDRESS = "203.0.113.77"
FORWARDED = "198.51.100.23"

SAFE = {"at", "level", "event", "request_id", "method", "route", "status"}
"""Members that a line about a request may have."""


class RecordingClient:
    """A client that remembers everything secret that goes in or comes out."""

    def __init__(self, service):
        self.http = service.app.test_client(use_cookies=False)
        self.secrets = set()
        self.answered = []

    def open(self, *args, **kwargs):
        kwargs["environ_overrides"] = {"REMOTE_ADDR": ADDRESS}
        kwargs["headers"] = {
            **kwargs.get("headers", {}),
            "X-Forwarded-For": FORWARDED,
            "Forwarded": f"for={FORWARDED}",
            "User-Agent": "a very rare phone",
        }
        reply = self.http.open(*args, **kwargs)
        self.answered.append((reply.request.path, reply.headers["X-Request-Id"]))
        self._remember(kwargs.get("json"))
        self._remember(kwargs.get("data"))
        if reply.mimetype == "application/json":
            self._remember(reply.get_json())
        return reply

    def get(self, path, **kwargs):
        return self.open(path, method="GET", **kwargs)

    def post(self, path, **kwargs):
        return self.open(path, method="POST", **kwargs)

    def _remember(self, thing):
        match thing:
            case dict():
                for value in thing.values():
                    self._remember(value)
            case list():
                for value in thing:
                    self._remember(value)
            case str() if len(thing) > 11:
                self.secrets.add(thing)
                self.secrets |= {part for part in thing.split(".") if len(part) > 11}


def leaked_secrets(text, secrets):
    """The secrets that a log quotes, whole or in part."""
    return {secret for secret in secrets if secret in text} | {
        known for known in (ADDRESS, FORWARDED, "rare phone") if known in text
    }


def run_whole_wave(service, recorder):
    """Everything that people do in a wave, and much that goes wrong."""
    agency = service.agency({"a": 8}, supervises={"boss": ["agency"]})
    codes = [agency.code(f"a-{n}") for n in range(1, 9)]
    recorder.secrets |= {*codes, *(f"a-{n}" for n in range(10, 99))}
    wave = agency.announce()
    phones = []
    for code in codes:
        phone = Phone(recorder)
        phone.enrol(code)
        phones.append(phone)
    ballots = [phone.draw(wave) for phone in phones]
    recorder.secrets |= {wave, phones[0].kid(wave)}
    for ballot in ballots:
        submit(recorder, item(ballot, content()))
    submit(recorder, item(ballots[0], content()))
    submit(recorder, item(ballots[0][:-9] + "AAAAAAAAA", content()))
    for bad in ({}, 7, {"op": "submit", "ballot": "no", "envelope": ballots[0]}):
        submit(recorder, bad)
    post_items(recorder)
    post_items(recorder, {"op": "submit", "ballot": "no", "content": ballots[0]})
    recorder.post("/v1/envelopes/check", json={"envelope": ballots[0]})
    recorder.post("/v1/submissions", data=ballots[0], content_type="application/json")
    recorder.post("/v1/submissions", data=ballots[0], content_type="text/plain")
    recorder.get(f"/v1/keys/{phones[0].kid(wave)}", headers=phones[0].authorization)
    recorder.get(f"/v1/waves/{wave}x/charter")
    recorder.get(f"/v1/{ballots[0]}")
    recorder.post("/v1/enrolments", json={"code": codes[0], "device": "short"})
    recorder.post("/v1/enrolments", json={"code": codes[1], "device": phones[0].device})
    recorder.post("/v1/token", data={"grant_type": codes[0], "client_id": codes[0]})
    recorder.get("/v1/sync", headers={"Authorization": f"Bearer {codes[0]}"})
    phones[0].refresh()
    agency.seal()
    recorder.get("/v1/teams", headers=phones[0].authorization)
    reader = Phone(recorder)
    reader.enrol(agency.code("boss"))
    recorder.get("/v1/teams", headers=reader.authorization)
    submit(recorder, item(ballots[1], content()))


def lines_of_requests(lines):
    """The lines of the web process; the sealing job's name waves and keys alone."""
    job = [line for line in lines if line["event"] != "request"]
    assert {name for line in job for name in line} <= {
        *("at", "level", "event", "wave_id", "key"),
        *("opens_at", "closes_at", "seals_at", "planned_id"),
    }
    return [line for line in lines if line["event"] == "request"]


def test_a_whole_wave_leaves_no_trace_of_anybody_in_the_log(service):
    recorder = RecordingClient(service)

    with capture_logs() as lines:
        run_whole_wave(service, recorder)

    requests = lines_of_requests(lines)
    assert len(recorder.secrets) > 100
    assert leaked_secrets(json.dumps(requests), recorder.secrets) == set()
    assert {frozenset(line) for line in requests} == {frozenset(SAFE)}
    assert {line["route"] for line in requests} == {
        "/v1/enrolments",
        "/v1/token",
        "/v1/sync",
        "/v1/ballots",
        "/v1/teams",
    }


def test_each_request_leaves_one_line_and_none_at_the_ballot_box(service):
    recorder = RecordingClient(service)

    with capture_logs() as lines:
        run_whole_wave(service, recorder)

    at_the_ballot_box = {
        request_id
        for path, request_id in recorder.answered
        if re.match(r"/v1/(submissions|envelopes|keys|waves|instruments)", path)
    }
    elsewhere = [
        request_id
        for path, request_id in recorder.answered
        if re.match(r"/v1/(enrolments|token|sync|ballots|teams)", path)
    ]
    assert len(at_the_ballot_box) > 20
    requests = lines_of_requests(lines)
    assert at_the_ballot_box.isdisjoint(line["request_id"] for line in requests)
    assert [line["request_id"] for line in requests] == elsewhere


@pytest.fixture
def failing(tmp_path):
    """A service whose database has no tables: whatever reaches it breaks."""
    (tmp_path / "empty.db").touch()
    app = create_app(Settings(bytes(range(32)), f"sqlite:///{tmp_path}/empty.db"))
    return app.test_client(use_cookies=False)


def test_a_failure_behind_the_ballot_box_is_logged_with_the_hour_alone(failing):
    ballot = ".".join(["QUJD"] * 3)

    with capture_logs() as lines:
        reply = failing.get(
            f"/v1/waves/acme.{'0' * 8}-0000-4000-8000-{'0' * 12}/charter"
        )
        post_items(failing, item(ballot, "a secret"))

    assert reply.status_code == 503
    assert {frozenset(line) for line in lines} == {
        frozenset({"at", "level", "event", "error", "reason", "trace"})
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d\+00:00", lines[0]["at"])
    assert reply.headers["X-Request-Id"] not in lines.text
    assert "acme" not in lines.text
    assert "secret" not in lines.text


def test_a_failure_elsewhere_is_logged_under_its_request(failing):
    with capture_logs() as lines:
        reply = failing.post(
            "/v1/enrolments", json={"code": "acme-7QFM-29XK-T4WD", "device": "A" * 43}
        )

    failure, request = lines
    assert failure["request_id"] == request["request_id"]
    assert failure["request_id"] == reply.headers["X-Request-Id"]
    assert failure["error"] == "OperationalError"
    assert "7QFM" not in lines.text
    assert "no such table" not in lines.text


def test_planted_line_is_detected(service):
    recorder = RecordingClient(service)

    with capture_logs() as lines:
        recorder.post(
            "/v1/enrolments", json={"code": "acme-7QFM-29XK-T4WD", "device": "x"}
        )
        logging.getLogger("rapport_service.planted").info("saw acme-7QFM-29XK-T4WD")
        logging.getLogger("a library").warning("from %s", ADDRESS)

    assert leaked_secrets(lines.text, recorder.secrets) == {
        "acme-7QFM-29XK-T4WD",
        ADDRESS,
    }
    assert {frozenset(line) for line in lines} != {frozenset(SAFE)}
    assert json.loads(lines.text.splitlines()[-1])["event"] == f"from {ADDRESS}"
