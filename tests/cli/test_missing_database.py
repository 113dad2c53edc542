"""Nothing but ``rapport db upgrade`` makes a file."""

import json

import pytest

from rapport_service.app import create_app
from rapport_service.core.database_errors import DatabaseFault, Diagnosis
from rapport_service.core.settings import Settings
from tests.cli.command_runner import (
    SECRET_BYTES,
    environment_for,
    refusal_message,
    run_main,
)

WAVE = "acme.00000000-0000-4000-8000-000000000000"
ROSTER = {
    "teams": [{"external_id": "acme", "name": "Acme", "parent": None}],
    "people": [],
}
COMMANDS = (
    ("wave", "list", "acme"),
    ("pulse", "list", "acme"),
    ("marker", "list", "acme"),
    ("client", "list", "acme"),
    ("roster", "put", "acme", "-", "--dry-run"),
    ("db", "check"),
    ("tick",),
    ("seal",),
    ("seal", "init"),
    ("seal", "check"),
    ("wave", "seal", WAVE, "--accept-invalid"),
    ("codes", "mint", "acme", "--all"),
    ("organization", "create", "acme", "--name", "Acme", "--time-zone", "UTC"),
    ("db", "renew-epoch"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_command_without_a_database_says_so_and_makes_no_file(tmp_path, command):
    file = tmp_path / "rapport.db"
    environ = environment_for(f"sqlite:///{file}")

    done = run_main(*command, environ=environ, typed=json.dumps(ROSTER))

    missing = Diagnosis(DatabaseFault.FILE_MISSING, file, "")
    assert refusal_message(done) == str(missing)
    assert list(tmp_path.iterdir()) == []


def test_doctor_and_requests_without_a_database_make_no_file(tmp_path):
    url = f"sqlite:///{tmp_path}/rapport.db"
    http = create_app(Settings(SECRET_BYTES, url)).test_client()

    doctor = run_main("doctor", environ=environment_for(url))
    replies = [
        http.get("/readyz"),
        http.get(f"/v1/waves/{WAVE}/charter"),
        http.post("/v1/enrolments", json={"code": "acme-1", "device": "A" * 43}),
    ]

    assert doctor.exit_code == 1
    assert "does not exist. Run `rapport db upgrade`" in doctor.stdout
    assert [reply.status_code for reply in replies] == [503] * 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=repr)
@pytest.mark.parametrize("name", ["RAPPORT_SECRET", "RAPPORT_DATABASE_URL"])
def test_setting_from_a_file_that_ends_its_line_is_the_same(tmp_path, line_end, name):
    environ = environment_for(f"sqlite:///{tmp_path}/rapport.db")
    run_main("db", "upgrade", environ=environ)

    done = run_main("doctor", environ=environ | {name: environ[name] + line_end})

    assert done.exit_code == 0, done.output
    assert {path.name.partition(".db")[0] for path in tmp_path.iterdir()} == {"rapport"}
