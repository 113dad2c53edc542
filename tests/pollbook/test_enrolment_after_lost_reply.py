"""One code, one device: safe to repeat until the reply has arrived, and never after."""

import pytest

from rapport_schemas.enums import Purpose
from rapport_service.pollbook.models import Device
from tests.pollbook.poll_book_requests import (
    SEVEN,
    ask,
    enrol,
    new_device,
    outcome,
    refresh,
    sync,
)
from tests.support.admin import fields_of
from tests.support.ballots import digest_of
from tests.support.concurrency import run_concurrently
from tests.support.http_phone import Phone, content, item, submit
from tests.support.rows import rows_of


@pytest.fixture
def agency(service):
    return service.agency({"a": 9}, supervises={"boss": ["a"]})


def test_a_device_that_lost_the_reply_gets_tokens_again(agency, service):
    code, device = agency.code("a-1"), new_device()

    replies = [enrol(service, code, device) for _ in range(3)]

    assert [outcome(reply) for reply in replies] == [(200, None)] * 3
    assert len(rows_of(Device, agency)) == 1
    for reply in replies:
        assert sync(service, reply.get_json()["access_token"]).status_code == 200


def test_a_reply_says_what_it_is_a_reply_to(agency, service):
    device = new_device()

    enrolled = enrol(service, agency.code("a-1"), device).get_json()
    refreshed = refresh(service, enrolled["refresh_token"]).get_json()

    assert enrolled["echo"] == digest_of(device)
    assert refreshed["echo"] == digest_of(enrolled["refresh_token"])


def test_a_reply_is_a_token_reply_that_is_never_cached(agency, service):
    reply = enrol(service, agency.code("a-1"))

    tokens = reply.get_json()
    assert set(tokens) == {
        "echo",
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "scope",
    }
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert reply.cache_control.no_store
    assert "ETag" not in reply.headers


USES = {
    "a refresh": lambda service, tokens: refresh(service, tokens["refresh_token"]),
    "a sync": lambda service, tokens: sync(service, tokens["access_token"]),
    "a draw": lambda service, tokens: ask(
        service, tokens["access_token"], ("x", "y", SEVEN)
    ),
}


@pytest.mark.parametrize("use", USES)
def test_code_is_used_for_its_own_device_once_a_token_was_used(agency, service, use):
    code, device = agency.code("a-1"), new_device()
    tokens = enrol(service, code, device).get_json()
    assert USES[use](service, tokens).status_code == 200

    again = enrol(service, code, device)

    assert outcome(again) == (409, "code-used")


def test_another_device_finds_the_code_used(agency, service):
    code = agency.code("a-1")
    enrol(service, code)

    assert outcome(enrol(service, code)) == (409, "code-used")


def test_a_reply_that_was_lost_may_be_fetched_after_the_code_ran_out(agency, service):
    code, device = agency.code("a-1"), new_device()
    enrol(service, code, device)
    service.clock.advance(days=31)

    assert outcome(enrol(service, code, device)) == (200, None)
    assert outcome(enrol(service, code)) == (409, "code-used")


@pytest.mark.parametrize(
    "device", ["", "x", "A" * 42, "A" * 42 + "B", "A" * 43 + "=", "+" * 43, 5, None]
)
def test_a_device_is_the_text_of_32_bytes_or_a_broken_rule(agency, service, device):
    code = agency.code("a-1")

    reply = service.http.post("/v1/enrolments", json={"code": code, "device": device})

    assert outcome(reply) == (422, "invalid")
    assert fields_of(reply) == ["device"]
    assert rows_of(Device, agency) == []


def test_a_new_device_supersedes_the_earlier_one_whose_ballots_stay_good(
    agency, service
):
    wave = agency.announce()
    old, new = Phone(service.http), Phone(service.http)
    old.enrol(agency.code("a-1"))
    ballot = old.draw(wave)

    new.enrol(agency.code("a-1"))

    synced = old.sync()
    assert (synced["directives"], synced["waves"]) == (["revoked"], [])
    drawn = ask(service, old.tokens["access_token"], (wave, new.kid(wave), SEVEN))
    assert outcome(drawn) == (403, "device-revoked")
    assert outcome(old.refresh()) == (400, "grant-invalid")
    assert new.sync()["directives"] == []
    assert new.ask(wave, new.kid(wave), SEVEN)["status"] == "already_drawn"
    assert submit(service.http, item(ballot, content()))[0]["status"] == "accepted"


def test_asking_again_for_a_lost_reply_supersedes_no_device(agency, service):
    code, device = agency.code("a-1"), new_device()
    enrol(service, code, device)

    tokens = enrol(service, code, device).get_json()

    assert sync(service, tokens["access_token"]).get_json()["directives"] == []


def test_a_superseded_device_that_asks_again_does_not_come_back(agency, service):
    code, device = agency.code("a-1"), new_device()
    enrol(service, code, device)
    enrol(service, agency.code("a-1"))

    again = enrol(service, code, device)

    assert outcome(again) == (200, None)
    synced = sync(service, again.get_json()["access_token"]).get_json()
    assert synced["directives"] == ["revoked"]


def test_a_device_for_reading_supersedes_none_and_never_draws(agency, service):
    wave = agency.announce()
    phone = Phone(service.http)
    phone.enrol(agency.code("boss"))

    reader = enrol(service, agency.code("boss", Purpose.READING)).get_json()

    assert reader["scope"] == "supervisor"
    drawn = ask(service, reader["access_token"], (wave, phone.kid(wave), SEVEN))
    assert outcome(drawn) == (403, "scope-missing")
    assert outcome(sync(service, reader["access_token"])) == (403, "scope-missing")
    assert phone.sync()["directives"] == []


def test_a_device_for_answering_leaves_the_devices_for_reading_as_they_are(
    agency, service
):
    reader = enrol(service, agency.code("boss", Purpose.READING)).get_json()

    enrol(service, agency.code("boss"))

    assert outcome(refresh(service, reader["refresh_token"])) == (200, None)


def test_a_device_for_answering_is_never_more_than_a_member(agency, service):
    agency.admin_token()  # makes an administrator of the person "admin"

    scopes = {
        (person, purpose.value): enrol(
            service, agency.code(person, purpose)
        ).get_json()["scope"]
        for person in ("admin", "boss", "a-1")
        for purpose in Purpose
    }

    assert scopes == {
        ("admin", "answering"): "member",
        ("admin", "reading"): "admin",
        ("boss", "answering"): "member",
        ("boss", "reading"): "supervisor",
        ("a-1", "answering"): "member",
        ("a-1", "reading"): "",
    }


def test_a_former_supervisor_reads_no_more_from_the_next_token_on(agency, service):
    tokens = enrol(service, agency.code("boss", Purpose.READING)).get_json()
    agency.put({"a": 9}, {}, {})

    reply = refresh(service, tokens["refresh_token"])

    assert reply.get_json()["scope"] == ""


def test_one_of_two_devices_with_one_code_at_once_gets_in(agency, service):
    for _ in range(4):
        code = agency.code("a-1")

        outcomes = run_concurrently(
            service, *[lambda c=code: outcome(enrol(service, c))] * 2
        )

        assert sorted(outcomes) == [(200, None), (409, "code-used")]


def test_a_device_that_asks_twice_at_once_is_one_device(agency, service):
    for person in ("a-1", "a-2", "a-3"):
        code, device = agency.code(person), new_device()

        replies = run_concurrently(
            service, *[lambda c=code, d=device: outcome(enrol(service, c, d))] * 2
        )

        assert replies == [(200, None)] * 2
    assert len(rows_of(Device, agency)) == 3


def test_one_device_answers_after_two_codes_of_a_person_at_once(agency, service):
    for person in ("a-1", "a-2", "a-3", "a-4"):
        codes = [agency.code(person) for _ in range(2)]

        run_concurrently(service, *(lambda c=code: enrol(service, c) for code in codes))

    answering = [device for device in rows_of(Device, agency) if not device.revoked]
    assert len({device.person_id for device in answering}) == len(answering) == 4
