import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from demo.container import USER, Container
from demo.image import INSTALL_COMMAND

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load(ROOT.joinpath("compose.yaml").read_text())["services"]
OURS = ("migrate", "web", "tick", "seal")
WEB = "gunicorn -c python:rapport_service.gunicorn_conf --worker-tmp-dir /dev/shm"
VERBS = {
    ("web",): WEB,
    ("web", "-b", ":1"): f"{WEB} -b :1",
    ("tick",): "rapport tick --every 5",
    ("tick", "--every", "1"): "rapport tick --every 5 --every 1",
    ("seal",): "rapport seal --every 5",
    ("migrate",): "rapport db upgrade",
    ("check",): "rapport db check",
    ("rapport", "codes", "mint", "a b"): "rapport codes mint a b",
}


@pytest.fixture
def entrypoint(tmp_path):
    """Runs the entrypoint of the image with stubs that print their name and process."""
    for name in ("gunicorn", "rapport"):
        stub = tmp_path / name
        stub.write_text(f'#!/bin/sh\necho "$$ {name} $*"\n')
        stub.chmod(0o755)

    def run(*arguments):
        process = subprocess.Popen(
            [ROOT / "service" / "entrypoint", *arguments],
            env={"PATH": f"{tmp_path}:/bin"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        output, errors = process.communicate()
        return process, output.strip(), errors

    return run


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_a_verb_becomes_its_program_so_that_signals_reach_it(entrypoint, verb):
    process, output, _ = entrypoint(*verb)

    assert process.returncode == 0
    assert output == f"{process.pid} {VERBS[verb]}"


@pytest.mark.parametrize("verb", [(), ("sh",), ("webb",)], ids=" ".join)
def test_anything_else_is_refused_and_the_verbs_are_named(entrypoint, verb):
    process, output, errors = entrypoint(*verb)

    assert (process.returncode, output) == (2, "")
    assert "web | tick | seal | migrate | check" in errors


def test_the_image_names_a_user_by_a_number_that_is_not_roots():
    lines = ROOT.joinpath("Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]

    assert users == [str(USER)]
    assert USER > 0


def test_container_is_read_only_and_without_privileges(tmp_path):
    command = Container(tmp_path / "server", "an-image", 1).command("check")

    assert {"--read-only", "--cap-drop=ALL"} <= set(command)
    assert "--security-opt=no-new-privileges" in command
    assert command[-2:] == ["an-image", "check"]


@pytest.mark.parametrize("name", OURS)
def test_composed_services_are_read_only_and_without_privileges(name):
    service = COMPOSE[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", COMPOSE)
def test_no_secret_has_a_default_and_each_missing_one_is_refused(name):
    secrets = {
        variable: value
        for variable, value in COMPOSE[name]["environment"].items()
        if variable.endswith(("SECRET", "PASSWORD"))
    }

    assert secrets
    for value in secrets.values():
        assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value)


def test_only_one_service_migrates_and_the_others_wait_for_it():
    migrate = COMPOSE["migrate"]
    assert migrate["command"] == ["migrate"]
    assert migrate["restart"] == "no"
    assert migrate["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("web", "tick", "seal"):
        assert COMPOSE[name].get("command", ["web"]) == [name]
        assert COMPOSE[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"}
        }


def test_only_the_sealing_job_has_the_volume_of_the_keys_and_it_has_nothing_else():
    seal = COMPOSE["seal"]
    image_users = {None, f"{USER}", f"{USER}:{USER}"}

    assert seal["volumes"] == ["sealing:/var/lib/rapport-sealing"]
    assert seal["environment"]["RAPPORT_SEALING_KEYS"] == "/var/lib/rapport-sealing"
    assert "RAPPORT_SECRET" not in seal["environment"]
    assert "//rapport_sealing@" in seal["environment"]["RAPPORT_DATABASE_URL"]
    assert seal["user"] not in image_users
    assert "ports" not in seal
    for name in {*COMPOSE} - {"seal"}:
        assert not any("sealing:" in each for each in COMPOSE[name].get("volumes", []))
        assert "RAPPORT_SEALING_KEYS" not in COMPOSE[name]["environment"]
        assert COMPOSE[name].get("user") != seal["user"]


def test_composed_database_keeps_no_old_log():
    """The settings that ``rapport doctor`` asks for."""
    program, *options = COMPOSE["database"]["command"]
    settings = dict(option.split("=") for option in options if option != "-c")

    assert program == "postgres"
    assert settings == {"wal_recycle": "off", "min_wal_size": "32MB"}


def test_nothing_listens_on_an_address_that_others_reach():
    ports = [port for service in COMPOSE.values() for port in service.get("ports", [])]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_the_databases_major_version_is_pinned():
    assert re.fullmatch(r"postgres:\d+-\w+", COMPOSE["database"]["image"])


def test_trial_without_its_tools_names_the_packages(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "demo.image"],
        env={"PATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "buildah" in done.stdout
    assert INSTALL_COMMAND in done.stdout
