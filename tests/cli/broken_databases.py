"""Observation of commands, requests and the log on a database that cannot be used.

One sentence says what it is and what to do. It comes from every command, without a
traceback, and goes to the log. A request gets a problem without the name of a file.
"""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from rapport_schemas.problems import Problem
from rapport_service.app import create_app
from rapport_service.core.database_errors import Diagnosis
from rapport_service.core.db import db
from rapport_service.core.settings import Settings
from tests.api.problem_checks import read_problem
from tests.cli.command_runner import SECRET_BYTES, environment_for, run_main
from tests.support.rows import capture_logs

DEVICE = "A" * 43
READING_COMMANDS = (("wave", "list", "acme"), ("db", "check"), ("doctor",))
WRITING_COMMAND = ("client", "create", "acme", "--name", "A program")


@dataclass(frozen=True)
class Installation:
    """An agency called acme, and the code of its administrator."""

    url: str
    code: str

    @property
    def file(self) -> Path:
        return Path(make_url(self.url).database)


@dataclass
class Observation:
    """Output and end of commands, replies to requests, and reasons in the log."""

    printed: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    enrolment: Problem | None = None
    readiness: str | None = None
    replies: str = ""
    reasons: list[str] = field(default_factory=list)


def install(url: str) -> Installation:
    environ = environment_for(url)
    assert run_main("db", "upgrade", environ=environ).exit_code == 0
    created = run_main(
        *("organization", "create", "acme", "--name", "Acme"),
        *("--time-zone", "UTC"),
        environ=environ,
    )
    assert created.exit_code == 0, created.output
    assert run_main("doctor", environ=environ).exit_code == 0
    return Installation(url, created.stdout.strip())


def observe(installation: Installation) -> Observation:
    """Tries commands and requests on a database."""
    seen = Observation()
    for words in (*READING_COMMANDS, WRITING_COMMAND):
        done = run_main(*words, environ=environment_for(installation.url))
        assert isinstance(done.exception, SystemExit | None), done.exception
        assert done.exit_code in {0, 1}
        assert "Traceback" not in done.output
        seen.printed[" ".join(words)] = done.output
        if done.exit_code:
            seen.failed.add(" ".join(words))
    app = create_app(Settings(SECRET_BYTES, installation.url))
    with app.app_context(), capture_logs() as lines:
        http = app.test_client()
        enrolment = http.post(
            "/v1/enrolments", json={"code": installation.code, "device": DEVICE}
        )
        readiness = http.get("/readyz")
        db.engine.dispose()
    if enrolment.status_code != 200:
        seen.enrolment = read_problem(enrolment)
    if readiness.status_code != 200:
        assert read_problem(readiness) is Problem.NOT_READY
        seen.readiness = readiness.get_json()["detail"]
    seen.replies = enrolment.text + readiness.text
    seen.reasons = [line["reason"] for line in lines if "reason" in line]
    return seen


def check_reading_fails(seen: Observation, diagnosis: Diagnosis, problem: Problem):
    """Nothing works, and everything says why."""
    assert seen.failed == set(seen.printed)
    check_writing_fails(seen, diagnosis, problem)


def check_writing_fails(seen: Observation, diagnosis: Diagnosis, problem: Problem):
    """A write says why it cannot be; readiness and doctor say it before."""
    check_write_alone_fails(seen, diagnosis, problem)
    assert {"db check", "doctor"} <= seen.failed
    assert seen.readiness == diagnosis.public


def check_write_alone_fails(seen: Observation, diagnosis: Diagnosis, problem: Problem):
    """The write says why it failed."""
    assert " ".join(WRITING_COMMAND) in seen.failed
    for command in seen.failed:
        assert str(diagnosis) in seen.printed[command]
    assert seen.enrolment is problem
    assert str(diagnosis.file) not in seen.replies
    assert seen.reasons == [str(diagnosis)]
