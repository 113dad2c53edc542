"""Refresh tokens: each used once, or again until its successor was; never a copy."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_service.core.db import Door
from rapport_service.core.derived_keys import Keyring
from rapport_service.pollbook.enrolment import refresh as exchange
from rapport_service.pollbook.errors import GrantInvalidError
from rapport_service.pollbook.models import Device
from rapport_service.pollbook.tokens import (
    RefreshToken,
    derive_refresh_token,
    parse_refresh_token,
)
from tests.pollbook.poll_book_requests import enrol, outcome, refresh, sync, token
from tests.support.concurrency import open_transaction, run_concurrently
from tests.support.gunicorn import SECRET
from tests.support.rows import rows_of

KEYRING = Keyring.derive(SECRET)
REFUSED = (400, "grant-invalid")


@pytest.fixture
def family(agency, service):
    """The first refresh token of a family."""
    return enrol(service, agency.code("a-1")).get_json()["refresh_token"]


def successor(service, refresh_token):
    reply = refresh(service, refresh_token)
    assert reply.status_code == 200, reply.text
    return reply.get_json()["refresh_token"]


def revoked(agency):
    return [device.revoked for device in rows_of(Device, agency)]


def test_each_token_is_exchanged_for_the_next(service, family):
    chain = [family]
    for _ in range(3):
        chain.append(successor(service, chain[-1]))

    assert len(set(chain)) == 4


def test_refreshed_access_token_is_accepted(service, family):
    tokens = refresh(service, family).get_json()

    assert tokens["scope"] == "member"
    assert sync(service, tokens["access_token"]).status_code == 200


def test_a_token_comes_again_until_its_successor_was_used(service, family, agency):
    second = successor(service, family)

    again = [successor(service, family) for _ in range(2)]

    assert again == [second, second]
    assert revoked(agency) == [False]


def test_a_token_from_before_a_used_one_revokes_the_family_for_good(
    service, family, agency
):
    second = successor(service, family)
    third = successor(service, second)
    tokens = refresh(service, third).get_json()

    reused = refresh(service, second)

    assert outcome(reused) == REFUSED
    assert reused.get_json()["error"] == "invalid_grant"
    assert revoked(agency) == [True]  # committed, although a problem was answered
    assert outcome(refresh(service, tokens["refresh_token"])) == REFUSED
    synced = sync(service, tokens["access_token"]).get_json()
    assert (synced["directives"], synced["waves"]) == (["revoked"], [])


def test_a_thief_and_the_owner_end_up_with_nothing(service, family, agency):
    """The second of them to use the copied token finds its successor used."""
    thief = successor(service, successor(service, family))

    owner = refresh(service, family)

    assert outcome(owner) == REFUSED
    assert outcome(refresh(service, thief)) == REFUSED
    assert revoked(agency) == [True]


def test_a_token_newer_than_a_restored_database_remembers_is_good(
    service, family, agency
):
    now = parse_refresh_token(KEYRING, family)
    newer = RefreshToken(now.organization_id, now.device, now.generation + 7)

    following = successor(service, derive_refresh_token(KEYRING, newer))

    assert parse_refresh_token(KEYRING, following).generation == newer.generation + 1
    assert revoked(agency) == [False]
    assert outcome(refresh(service, family)) == REFUSED  # what came before is old now


def test_a_token_is_good_for_its_own_device_organization_and_turn_alone(
    service, family, agency
):
    organization, device, generation, mac = family.split(".")
    others = enrol(service, agency.code("a-2")).get_json()["refresh_token"].split(".")
    forged = [
        f"{organization}.{others[1]}.{generation}.{mac}",
        f"other.{device}.{generation}.{mac}",
        f"{organization}.{device}.2.{mac}",
        f"{organization}.{device}.01.{mac}",
        f"{organization}.{device.upper()}.{generation}.{mac}",
        f"{organization}.{device}.{generation}.{mac[:-1]}",
        f"{family}=",
        f" {family}",
    ]

    assert {outcome(refresh(service, token)) for token in forged} == {REFUSED}
    assert revoked(agency) == [False, False]


def test_a_token_of_a_service_with_another_secret_is_refused(service, family):
    foreign = derive_refresh_token(
        Keyring.derive(bytes(32)), parse_refresh_token(KEYRING, family)
    )

    assert outcome(refresh(service, foreign)) == REFUSED


@given(
    st.text()
    | st.tuples(*[st.text() | st.uuids().map(str) | st.integers().map(str)] * 4).map(
        ".".join
    )
    | st.just("acme.00000000-0000-0000-0000-000000000000." + "9" * 5000 + ".x")
)
def test_random_refresh_token_is_refused_by_name(text):
    with pytest.raises(GrantInvalidError):
        parse_refresh_token(KEYRING, text)


def test_a_token_presented_twice_at_once_is_like_one_whose_reply_was_lost(
    service, family, agency
):
    for _ in range(3):
        first, second = run_concurrently(
            service, *[lambda t=family: successor(service, t)] * 2
        )

        assert first == second
        family = first
    assert revoked(agency) == [False]


def test_a_token_waits_for_its_successor_under_way_and_revokes_the_family(
    service, family, agency
):
    second = successor(service, family)
    doing = partial(
        exchange,
        keyring=service.dependencies.keyring,
        token=second,
        now=service.clock(),
    )

    with open_transaction(service, Door.POLL_BOOK, doing) as exchanging:
        waited, reply, _ = exchanging.run_meanwhile(partial(refresh, service, family))

    assert waited
    assert reply.status_code == 400
    assert revoked(agency) == [True]


def test_a_request_without_its_token_names_the_missing_field(service):
    reply = token(service, grant_type="refresh_token")

    assert outcome(reply) == (422, "invalid")
    assert reply.get_json()["errors"] == [
        {"pointer": "/refresh_token", "code": "missing", "detail": "is missing"}
    ]


@pytest.mark.parametrize("grant", ["password", "authorization_code", ""])
def test_another_way_of_asking_is_unsupported(service, grant):
    reply = token(service, grant_type=grant)

    assert outcome(reply) == (400, "grant-unsupported")
    assert reply.get_json()["error"] == "unsupported_grant_type"


def test_a_token_request_is_a_form(service, family):
    reply = service.http.post(
        "/v1/token", json={"grant_type": "refresh_token", "refresh_token": family}
    )

    assert outcome(reply) == (415, "media-type-unsupported")
