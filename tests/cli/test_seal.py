"""``rapport seal``: its folders, its marks, and what it and the doctor say of them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rapport_service.cli.sealing_checks import check_sealing
from rapport_service.core.settings import Settings, SettingsInvalidError
from rapport_service.lifecycle.seal_starter import SealStarter
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.lifecycle.sealing_site import find_site, mark_folders
from rapport_service.registry.sealing import key_name
from rapport_service.releases.sealing_keys import (
    FolderProblem,
    SealingFolder,
    filesystem_type,
    frame_release,
)
from tests.cli.command_runner import environment_for, refusal_message, run_main
from tests.support.rows import capture_logs

MOUNTINFO = """\
22 27 0:21 / / rw,relatime - overlay overlay rw,lowerdir=/a
23 22 0:22 / /data rw,relatime - ext4 /dev/sda1 rw
24 22 0:23 / /data/with\\040space rw shared:1 - tmpfs tmpfs rw
"""


@pytest.fixture
def agency(service):
    return service.agency({"a": 8}, supervises={"director": ["agency"]})


@pytest.fixture
def machine(service, tmp_path):
    """A machine with folders of its own: their names, and what its job needs."""

    def make(*names):
        folders = tuple(tmp_path / name for name in names)
        return replace(service.dependencies, sealing_folders=folders)

    return make


def failed(deps):
    """The checks that fail, with what they say."""
    return {each.check: each.detail for each in check_sealing(deps) if not each.ok}


def seal_environ(url, *folders):
    """The settings of a sealing machine, which has no secret."""
    settings = environment_for(url) | {
        "RAPPORT_SEALING_KEYS": ":".join(map(str, folders))
    }
    del settings["RAPPORT_SECRET"]
    return settings


# Folders


def test_init_makes_and_marks_each_folder_for_its_owner_and_says_so_again(
    database_url, tmp_path, service
):
    folders = tmp_path / "disk-1" / "keys", tmp_path / "disk-2" / "keys"
    environ = seal_environ(database_url, *folders)

    done = [run_main("seal", "init", environ=environ) for _ in range(2)]

    for each in done:
        assert (each.exit_code, each.stdout) == (
            0,
            f"{folders[0]}: ready\n{folders[1]}: ready\n",
        )
    for folder in folders:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert find_site(
            replace(service.dependencies, sealing_folders=(folder,))
        ).usable


@pytest.mark.postgresql  # SQLite has a default
@pytest.mark.usefixtures("service")
def test_machine_without_a_folder_seals_nothing_and_names_the_setting(database_url):
    environ = seal_environ(database_url)

    done = [run_main("seal", *verb, environ=environ) for verb in ((), ("init",))]

    assert [each.exit_code for each in done] == [1, 1]
    assert "RAPPORT_SEALING_KEYS is not set" in refusal_message(done[1])


@pytest.mark.sqlite  # no other database has a folder
@pytest.mark.parametrize("below", ["", "keys", "a/b/keys"])
def test_folder_below_that_of_the_database_is_refused(service, database_url, below):
    database = Path(database_url.removeprefix("sqlite:///")).parent
    folder = database / below

    done = run_main("seal", "init", environ=seal_environ(database_url, folder))

    assert "lies at or below the folder of the database" in refusal_message(done)
    assert not (folder / "rapport-installation").exists()
    deps = replace(service.dependencies, sealing_folders=(folder,))
    assert "at or below" in failed(deps)["sealing folder"]


def test_an_unmarked_folder_does_not_count(agency, machine, tmp_path):
    """It is where a volume is not mounted, or a container that began anew."""
    deps = machine("keys")
    (tmp_path / "keys").mkdir()
    agency.plan()

    with capture_logs() as logs:
        assert not run_sealing_job(deps, organization_id=agency.id)

    assert list((tmp_path / "keys").iterdir()) == []
    assert any("sealing folder" in record["event"] for record in logs)
    assert "is not marked" in failed(deps)["sealing folder"]


def test_the_folder_of_another_installation_is_refused(machine, tmp_path):
    deps = machine("keys")
    mark_folders(deps)
    (tmp_path / "keys" / "rapport-installation").write_text("another\n")

    assert "another installation" in failed(deps)["sealing folder"]
    assert find_site(deps).usable is None


@pytest.mark.parametrize(
    "value", ["keys", "/", "/a:/a", "/a:/b:/c", "/a:", "/a:relative"]
)
def test_setting_that_names_no_folders_is_refused(value):
    environ = environment_for("sqlite:////tmp/x.db") | {"RAPPORT_SEALING_KEYS": value}

    with pytest.raises(SettingsInvalidError, match="RAPPORT_SEALING_KEYS"):
        Settings.from_env(environ)


# Two folders


def test_two_folders_hold_the_same_and_a_missing_file_is_copied_and_logged(
    agency, machine, tmp_path
):
    deps = machine("one", "two")
    mark_folders(deps)
    wave = agency.plan()
    run_sealing_job(deps, organization_id=agency.id)
    name = f"{key_name(agency.wave(wave))}.pem"
    first, second = tmp_path / "one" / name, tmp_path / "two" / name
    assert first.read_bytes() == second.read_bytes()

    second.write_bytes(first.read_bytes()[:100])  # a disk that failed meanwhile
    assert name in failed(deps)["sealing copies"]
    with capture_logs() as logs:
        assert run_sealing_job(deps, organization_id=agency.id)

    assert first.read_bytes() == second.read_bytes()
    assert [record["copied"] for record in logs if "copied" in record] == [name]
    assert "sealing copies" not in failed(deps)


def test_tick_copies_to_a_new_second_folder_what_is_in_the_first(
    agency, machine, tmp_path
):
    """A wave that is open has its key in both folders before the first one is lost."""
    wave = agency.announce()
    first = agency.service.sealing_folder
    deps = replace(machine("second"), sealing_folders=(first, tmp_path / "second"))
    mark_folders(deps)
    assert "sealing copies" in failed(deps)

    assert SealStarter(deps).start_if_due()
    run_sealing_job(deps)

    name = f"{key_name(agency.wave(wave))}.pem"
    assert (tmp_path / "second" / name).read_bytes() == (first / name).read_bytes()
    assert "sealing copies" not in failed(deps)
    assert not find_site(deps).usable.can_copy()


def test_no_new_key_is_made_while_one_of_two_folders_is_missing(
    agency, machine, tmp_path
):
    deps = machine("one", "two")
    mark_folders(deps)
    shutil.rmtree(tmp_path / "two")
    wave = agency.plan()

    assert not run_sealing_job(deps, organization_id=agency.id)

    assert agency.wave(wave).sealing_key is None
    assert "two does not exist" in failed(deps)["sealing folder"]


# The doctor


def test_wave_whose_key_is_lost_is_named_with_what_to_do(agency, service):
    wave = agency.announce()
    service.sealing_folder.joinpath(f"{key_name(agency.wave(wave))}.pem").unlink()

    detail = failed(service.dependencies)["sealing keys"]

    assert wave in detail
    assert "copy of the folder" in detail
    assert "rapport wave cancel WAVE" in detail


def test_folder_that_is_gone_is_to_be_brought_back_and_nothing_else_is_checked(
    machine, tmp_path
):
    deps = machine("keys")
    mark_folders(deps)
    shutil.rmtree(tmp_path / "keys")

    checks = {each.check: each for each in check_sealing(deps)}

    assert "Bring it back first" in checks["sealing folder"].detail
    for name in ("disk", "copies", "releases"):
        assert checks[f"sealing {name}"].detail.startswith("not checked")


def test_one_folder_has_no_copy_and_a_second_one_is_advised(machine):
    deps = machine("keys")
    mark_folders(deps)

    (copies,) = (each for each in check_sealing(deps) if each.check == "sealing copies")

    assert copies.ok
    assert "no copy of it" in copies.detail
    assert "/a:/b" in copies.detail


def test_seal_that_is_held_up_is_named_to_everybody_who_looks(agency, service):
    wave = agency.announce()
    service.sealing_folder.joinpath(f"{key_name(agency.wave(wave))}.pem").unlink()
    agency.tick(days=2)
    agency.tick(days=7)
    agency.tick(days=7)

    elsewhere = failed(replace(service.dependencies, sealing_folders=()))

    assert f"without key: {wave}" in elsewhere["seals"]


def test_release_of_a_wave_that_the_database_never_announced_is_named(agency, service):
    """It was restored to a day before: another backup may have the wave."""
    wave = agency.plan()
    kept = SealingFolder(service.sealing_folder)
    kept.write(f"{wave}.release", frame_release({}))

    detail = failed(service.dependencies)["sealing releases"]

    kept.remove(f"{wave}.release")
    assert wave in detail
    assert "newer backup" in detail


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/data/keys", "ext4"),
        ("/data/with space/keys", "tmpfs"),
        ("/database/keys", "overlay"),
        ("/", "overlay"),
    ],
)
def test_file_system_of_a_folder_is_that_of_the_nearest_mount(folder, kind):
    assert filesystem_type(Path(folder), MOUNTINFO) == kind


def test_folder_that_goes_with_its_container_fails_its_check(
    service, agency, tmp_path, monkeypatch
):
    agency.announce()
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTINFO)
    monkeypatch.setattr("rapport_service.cli.sealing_checks.MOUNTS", mounts)

    detail = failed(service.dependencies)["sealing disk"]

    assert f"{service.sealing_folder} lies on overlay" in detail
    assert "Mount a volume there" in detail


def test_each_problem_of_a_folder_says_what_to_do():
    for problem in FolderProblem:
        assert problem.value.count(". ") == 1 or problem.value.count(". ") == 2
        assert problem.value.endswith(".")
