"""A person who reads scores: the code, and the file of their tokens."""

import fcntl
import json
import stat

import pytest
from fake_service.faults import lose_reply, on_path
from fake_service.phone import SERVER
from fake_service.service import CODE

from rapport_client import (
    Client,
    CodeForAnswering,
    CodeUnknown,
    GrantInvalid,
    TokenFileUnusable,
    TransportFailure,
)
from rapport_client._resources.session import Pause


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tokens.json"


@pytest.fixture
def reading_service(service):
    """A service whose codes are for reading."""
    service.scope = "supervisor"
    return service


@pytest.fixture
def enrolled(reading_service, file):
    """The file of a person who has used their code."""
    with Client.from_reading_code(SERVER, CODE, file, transport=reading_service) as me:
        me.teams.list()
    reading_service.log.clear()
    return file


def test_a_code_is_used_once_and_the_file_serves_from_then_on(
    reading_service, enrolled
):
    with Client.from_token_file(enrolled, transport=reading_service) as me:
        assert me.teams.list()

    assert reading_service.paths() == ["/v1/token", "/v1/teams"]


def test_the_same_code_again_uses_the_file(reading_service, enrolled):
    with Client.from_reading_code(
        SERVER, CODE, enrolled, transport=reading_service
    ) as me:
        me.teams.list()

    assert "/v1/enrolments" not in reading_service.paths()


def test_each_refresh_token_is_kept_before_the_next_call(reading_service, enrolled):
    before = json.loads(enrolled.read_text())["refresh_token"]
    with Client.from_token_file(enrolled, transport=reading_service) as me:
        me.teams.list()

    after = json.loads(enrolled.read_text())["refresh_token"]
    assert after != before
    assert after in reading_service.valid_refresh_tokens


def test_the_file_is_for_its_owner_alone(enrolled):
    assert stat.S_IMODE(enrolled.stat().st_mode) == 0o600
    assert CODE not in enrolled.read_text()


def test_a_code_can_be_presented_again_after_a_lost_reply(reading_service, file):
    reading_service.intercept = on_path("/v1/enrolments", lose_reply)
    with (
        Client.from_reading_code(
            SERVER, CODE, file, transport=reading_service, max_retries=0
        ) as me,
        pytest.raises(TransportFailure),
    ):
        me.teams.list()

    reading_service.intercept = lambda _, answer: answer()
    with Client.from_token_file(file, transport=reading_service) as me:
        assert me.teams.list()

    assert len(set(reading_service.devices)) == 1


def test_a_code_that_a_phone_was_given_can_still_be_used(
    reading_service, file, new_phone
):
    from rapport_client import CodeForReading  # noqa: PLC0415

    phone = new_phone()
    with pytest.raises(CodeForReading) as refused:
        phone.enrol(CODE)

    with Client.from_reading_code(
        SERVER, CODE, file, device=refused.value.device, transport=reading_service
    ) as me:
        assert me.teams.list()


def test_a_code_for_answering_is_refused(service, file):
    with (
        Client.from_reading_code(SERVER, CODE, file, transport=service) as me,
        pytest.raises(CodeForAnswering),
    ):
        me.teams.list()

    assert json.loads(file.read_text())["refresh_token"] is None


def test_a_wrong_code_leaves_the_enrolment_as_it_was(reading_service, enrolled):
    kept = json.loads(enrolled.read_text())["refresh_token"]
    with (
        Client.from_reading_code(
            SERVER, "acme-0000-0000-0000", enrolled, transport=reading_service
        ) as me,
        pytest.raises(CodeUnknown),
    ):
        me.teams.list()

    assert json.loads(enrolled.read_text())["refresh_token"] == kept
    with Client.from_token_file(enrolled, transport=reading_service) as me:
        assert me.teams.list()


def test_an_enrolment_that_has_ended_says_so(reading_service, enrolled):
    reading_service.valid_refresh_tokens.clear()

    with (
        Client.from_token_file(enrolled, transport=reading_service) as me,
        pytest.raises(GrantInvalid),
    ):
        me.teams.list()


@pytest.mark.parametrize("text", [None, "", "{", '{"server": 1}', "[]"])
def test_a_missing_or_damaged_file_is_named(tmp_path, text):
    file = tmp_path / "tokens.json"
    if text is not None:
        file.write_text(text)

    with pytest.raises(TokenFileUnusable, match=r"tokens\.json"):
        Client.from_token_file(file)


def test_a_folder_that_is_missing_is_named(tmp_path):
    with pytest.raises(TokenFileUnusable, match="missing"):
        Client.from_reading_code(SERVER, CODE, tmp_path / "missing" / "tokens.json")


def test_another_address_leaves_the_enrolment_as_it_was(enrolled):
    kept = enrolled.read_bytes()

    with pytest.raises(TokenFileUnusable, match="belongs to an enrolment at"):
        Client.from_reading_code("https://typo.test", CODE, enrolled)

    assert enrolled.read_bytes() == kept


@pytest.mark.parametrize(
    "typed", [CODE.lower(), CODE.replace("-", " "), f" {CODE} ", CODE.replace("0", "O")]
)
def test_a_code_may_be_typed_differently_the_next_time(
    reading_service, enrolled, typed
):
    with Client.from_reading_code(
        SERVER, typed, enrolled, transport=reading_service
    ) as me:
        me.teams.list()

    assert "/v1/enrolments" not in reading_service.paths()


@pytest.mark.parametrize("code", ["", "  ", "x" * 81])
def test_a_text_that_is_no_code_is_refused_at_once(file, code):
    with pytest.raises(ValueError, match="1 to 80 characters"):
        Client.from_reading_code(SERVER, code, file)

    assert not file.exists()


@pytest.mark.parametrize("device", ["zzz!", "AAAA"])
def test_a_secret_that_is_none_is_refused_at_once(file, device):
    with pytest.raises(ValueError, match=r"base64url|32 bytes"):
        Client.from_reading_code(SERVER, CODE, file, device=device)


def test_a_file_whose_code_was_refused_says_that_it_holds_nothing(
    reading_service, file
):
    with (
        Client.from_reading_code(
            SERVER, "acme-0000-0000-0000", file, transport=reading_service
        ) as me,
        pytest.raises(CodeUnknown),
    ):
        me.teams.list()

    with (
        Client.from_token_file(file, transport=reading_service) as me,
        pytest.raises(TokenFileUnusable, match="holds no enrolment"),
    ):
        me.teams.list()


def test_a_file_that_others_could_read_is_closed_to_them(reading_service, enrolled):
    enrolled.chmod(0o644)

    Client.from_token_file(enrolled, transport=reading_service).close()

    assert stat.S_IMODE(enrolled.stat().st_mode) == 0o600


def test_a_planted_link_is_not_followed(reading_service, file, tmp_path):
    other = tmp_path / "of-another"
    other.write_text("untouched")
    (tmp_path / "tokens.json.new").symlink_to(other)

    with Client.from_reading_code(SERVER, CODE, file, transport=reading_service) as me:
        me.teams.list()

    assert other.read_text() == "untouched"


def test_another_process_that_never_ends_is_named(
    reading_service, enrolled, monkeypatch
):
    monkeypatch.setattr("rapport_client._token_file.LOCK_PAUSE", Pause(0))
    with enrolled.with_name("tokens.json.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with (
            Client.from_token_file(enrolled, transport=reading_service) as me,
            pytest.raises(TokenFileUnusable, match="another process"),
        ):
            me.teams.list()
