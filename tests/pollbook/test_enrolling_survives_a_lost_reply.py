"""One code, one device: safe to repeat until the reply has arrived, and never after."""

import pytest

from rapport_service.pollbook.models import Device, Purpose
from tests.at_once import at_once
from tests.ballots import digest_of
from tests.phone import Phone, content, item, submit
from tests.pollbook.wire import (
    SEVEN,
    ask,
    enrol,
    new_device,
    outcome,
    refresh,
    sync,
)
from tests.stored import rows_of


@pytest.fixture
def agency(house):
    return house.agency({"a": 9}, supervises={"boss": ["a"]})


def test_a_device_that_lost_the_reply_gets_tokens_again(agency, house):
    code, device = agency.code("a-1"), new_device()

    replies = [enrol(house, code, device) for _ in range(3)]

    assert [outcome(reply) for reply in replies] == [(200, None)] * 3
    assert len(rows_of(Device, agency)) == 1
    for reply in replies:
        assert sync(house, reply.get_json()["access_token"]).status_code == 200


def test_a_reply_says_what_it_is_a_reply_to(agency, house):
    device = new_device()

    enrolled = enrol(house, agency.code("a-1"), device).get_json()
    refreshed = refresh(house, enrolled["refresh_token"]).get_json()

    assert enrolled["echo"] == digest_of(device)
    assert refreshed["echo"] == digest_of(enrolled["refresh_token"])


def test_a_reply_is_a_token_reply_that_nobody_keeps(agency, house):
    reply = enrol(house, agency.code("a-1"))

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
    "a refresh": lambda house, tokens: refresh(house, tokens["refresh_token"]),
    "a sync": lambda house, tokens: sync(house, tokens["access_token"]),
    "a draw": lambda house, tokens: ask(
        house, tokens["access_token"], ("x", "y", SEVEN)
    ),
}


@pytest.mark.parametrize("use", USES)
def test_once_a_token_has_been_used_the_code_is_used_for_the_same_device_too(
    agency, house, use
):
    code, device = agency.code("a-1"), new_device()
    tokens = enrol(house, code, device).get_json()
    assert USES[use](house, tokens).status_code == 200

    again = enrol(house, code, device)

    assert outcome(again) == (409, "code-used")


def test_another_device_finds_the_code_used(agency, house):
    code = agency.code("a-1")
    enrol(house, code)

    assert outcome(enrol(house, code)) == (409, "code-used")


def test_a_reply_that_was_lost_may_be_fetched_after_the_code_ran_out(agency, house):
    code, device = agency.code("a-1"), new_device()
    enrol(house, code, device)
    house.clock.turn(days=31)

    assert outcome(enrol(house, code, device)) == (200, None)
    assert outcome(enrol(house, code)) == (409, "code-used")


@pytest.mark.parametrize(
    "device", ["", "x", "A" * 42, "A" * 42 + "B", "A" * 43 + "=", "+" * 43, 5, None]
)
def test_a_device_is_the_text_of_32_bytes_or_a_broken_rule(agency, house, device):
    code = agency.code("a-1")

    reply = house.http.post("/v1/enrolments", json={"code": code, "device": device})

    assert outcome(reply) == (422, "invalid")
    assert [mistake["field"] for mistake in reply.get_json()["errors"]] == ["device"]
    assert rows_of(Device, agency) == []


def test_a_new_device_supersedes_the_earlier_one_whose_ballots_stay_good(agency, house):
    wave = agency.announce()
    old, new = Phone(house.http), Phone(house.http)
    old.enrol(agency.code("a-1"))
    ballot = old.draw(wave)

    new.enrol(agency.code("a-1"))

    told = old.sync()
    assert (told["directives"], told["waves"]) == (["revoked"], [])
    drawn = ask(house, old.tokens["access_token"], (wave, new.kid(wave), SEVEN))
    assert outcome(drawn) == (403, "device-revoked")
    assert outcome(old.refresh()) == (400, "grant-invalid")
    assert new.sync()["directives"] == []
    assert new.ask(wave, new.kid(wave), SEVEN)["status"] == "already-drawn"
    assert submit(house.http, item(ballot, content()))[0]["status"] == "accepted"


def test_asking_again_for_a_lost_reply_supersedes_nobody(agency, house):
    code, device = agency.code("a-1"), new_device()
    enrol(house, code, device)

    tokens = enrol(house, code, device).get_json()

    assert sync(house, tokens["access_token"]).get_json()["directives"] == []


def test_a_superseded_device_that_asks_again_does_not_come_back(agency, house):
    code, device = agency.code("a-1"), new_device()
    enrol(house, code, device)
    enrol(house, agency.code("a-1"))

    again = enrol(house, code, device)

    assert outcome(again) == (200, None)
    told = sync(house, again.get_json()["access_token"]).get_json()
    assert told["directives"] == ["revoked"]


def test_a_device_for_reading_supersedes_none_and_never_draws(agency, house):
    wave = agency.announce()
    phone = Phone(house.http)
    phone.enrol(agency.code("boss"))

    reader = enrol(house, agency.code("boss", Purpose.READING)).get_json()

    assert reader["scope"] == "supervisor"
    drawn = ask(house, reader["access_token"], (wave, phone.kid(wave), SEVEN))
    assert outcome(drawn) == (403, "scope-missing")
    assert outcome(sync(house, reader["access_token"])) == (403, "scope-missing")
    assert phone.sync()["directives"] == []


def test_a_device_for_answering_leaves_the_devices_for_reading_as_they_are(
    agency, house
):
    reader = enrol(house, agency.code("boss", Purpose.READING)).get_json()

    enrol(house, agency.code("boss"))

    assert outcome(refresh(house, reader["refresh_token"])) == (200, None)


def test_a_device_for_answering_is_never_more_than_a_member(agency, house):
    agency.admin_token()  # makes an administrator of the person "admin"

    scopes = {
        (person, purpose.value): enrol(house, agency.code(person, purpose)).get_json()[
            "scope"
        ]
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


def test_whoever_no_longer_supervises_reads_no_more_from_the_next_token_on(
    agency, house
):
    tokens = enrol(house, agency.code("boss", Purpose.READING)).get_json()
    agency.put({"a": 9}, {}, {})

    reply = refresh(house, tokens["refresh_token"])

    assert reply.get_json()["scope"] == ""


def test_of_two_devices_with_one_code_at_once_one_gets_in(agency, house):
    for _ in range(4):
        code = agency.code("a-1")

        outcomes = at_once(house, *[lambda c=code: outcome(enrol(house, c))] * 2)

        assert sorted(outcomes) == [(200, None), (409, "code-used")]


def test_a_device_that_asks_twice_at_once_is_one_device(agency, house):
    for person in ("a-1", "a-2", "a-3"):
        code, device = agency.code(person), new_device()

        replies = at_once(
            house, *[lambda c=code, d=device: outcome(enrol(house, c, d))] * 2
        )

        assert replies == [(200, None)] * 2
    assert len(rows_of(Device, agency)) == 3


def test_of_two_codes_of_one_person_at_once_one_device_answers(agency, house):
    for person in ("a-1", "a-2", "a-3", "a-4"):
        codes = [agency.code(person) for _ in range(2)]

        at_once(house, *(lambda c=code: enrol(house, c) for code in codes))

    answering = [device for device in rows_of(Device, agency) if not device.revoked]
    assert len({device.person_id for device in answering}) == len(answering) == 4
