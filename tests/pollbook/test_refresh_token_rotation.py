"""Refresh tokens: the one in use comes again, its successors are random, a copy ends.

Thief and owner never both go on; a lost reply never ends an honest phone.
"""

import hashlib
import secrets
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from rapport_schemas.enums import Purpose
from rapport_service.core.db import Door, transaction
from rapport_service.core.installation import Installation
from rapport_service.pollbook.devices import MAX_IDLE
from rapport_service.pollbook.enrolment import refresh as exchange
from rapport_service.pollbook.errors import GrantInvalidError
from rapport_service.pollbook.models import Device
from rapport_service.pollbook.tokens import (
    is_successor,
    make_refresh_token,
    parse_refresh_token,
)
from tests.pollbook.poll_book_requests import enrol, outcome, refresh, sync, token
from tests.support.concurrency import open_transaction, run_concurrently
from tests.support.keys import KEYRING, OTHER_KEYRING
from tests.support.rows import rows_of

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


def forget_use(agency, generation, token):
    """Restores a device to the state in which an earlier token was the one in use."""
    with transaction(Door.POLL_BOOK) as session:
        for row in rows_of(Device, agency):
            device = session.get_one(Device, (agency.id, row.device_id))
            device.generation = generation
            device.refresh_hash = token and hashlib.sha256(token.encode()).digest()


def test_each_token_is_exchanged_for_the_next(service, family):
    chain = [family]
    for _ in range(3):
        chain.append(successor(service, chain[-1]))

    assert len(set(chain)) == 4


def test_refreshed_access_token_is_accepted(service, family):
    tokens = refresh(service, family).get_json()

    assert tokens["scope"] == "member"
    assert sync(service, tokens["access_token"]).status_code == 200


def test_token_in_use_comes_again_and_gets_other_successors(service, family, agency):
    second = successor(service, family)

    again = [successor(service, family) for _ in range(2)]

    assert len({second, *again}) == 3
    assert {parse_refresh_token(KEYRING, t).generation for t in [second, *again]} == {2}
    assert revoked(agency) == [False]
    successor(service, again[0])  # any of them may be the one that arrived
    assert revoked(agency) == [False]


def test_nothing_of_a_successor_is_stored_before_its_use(service, family, agency):
    following = successor(service, family)

    (device,) = rows_of(Device, agency)
    assert device.generation == 1
    assert device.refresh_hash == hashlib.sha256(family.encode()).digest()
    successor(service, following)
    (device,) = rows_of(Device, agency)
    assert device.refresh_hash == hashlib.sha256(following.encode()).digest()


def test_other_successor_than_the_used_one_revokes_the_family(service, family, agency):
    owner, thief = successor(service, family), successor(service, family)
    owner = successor(service, owner)

    assert outcome(refresh(service, thief)) == REFUSED

    assert revoked(agency) == [True]
    assert outcome(refresh(service, owner)) == REFUSED


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


@pytest.mark.parametrize("generation", [0, 1, 3])
def test_token_newer_than_a_restored_database_remembers_is_good(
    service, family, agency, generation
):
    chain = [family]
    for _ in range(5):
        chain.append(successor(service, chain[-1]))
    forget_use(agency, generation, chain[generation - 1] if generation else None)

    following = successor(service, chain[-1])

    assert revoked(agency) == [False]
    successor(service, following)
    assert outcome(refresh(service, family)) == REFUSED  # what came before is old now


def test_a_token_is_good_for_its_own_device_organization_and_turn_alone(
    service, family, agency
):
    organization, device, generation, nonce, mac = family.split(".")
    others = enrol(service, agency.code("a-2")).get_json()["refresh_token"].split(".")
    forged = [
        f"{organization}.{others[1]}.{generation}.{nonce}.{mac}",
        f"other.{device}.{generation}.{nonce}.{mac}",
        f"{organization}.{device}.2.{nonce}.{mac}",
        f"{organization}.{device}.01.{nonce}.{mac}",
        f"{organization}.{device.upper()}.{generation}.{nonce}.{mac}",
        f"{organization}.{device}.{generation}.{others[3]}.{mac}",
        f"{organization}.{device}.{generation}.{nonce}.{mac[:-1]}",
        f"{organization}.{device}.{generation}.{mac}",
        f"{family}=",
        f" {family}",
    ]

    assert {outcome(refresh(service, token)) for token in forged} == {REFUSED}
    assert revoked(agency) == [False, False]


def test_a_token_of_a_service_with_another_secret_is_refused(service, family):
    ours = parse_refresh_token(KEYRING, family)
    foreign = make_refresh_token(
        OTHER_KEYRING, ours.organization_id, ours.device, ours.generation
    )

    assert outcome(refresh(service, foreign)) == REFUSED


@pytest.mark.parametrize("purpose", list(Purpose))
def test_device_that_is_not_used_for_long_enrols_again(service, agency, purpose):
    """From the end of the ISO week of its last use, which is all that is stored."""
    person = enrol(service, agency.code("a-3", purpose)).get_json()
    used = successor(service, person["refresh_token"])
    (device,) = rows_of(Device, agency)
    assert device.used_week == service.clock().strftime("%G-W%V")

    service.clock.advance(days=MAX_IDLE[purpose].days)
    kept = successor(service, used)
    service.clock.advance(days=MAX_IDLE[purpose].days + 7)

    assert outcome(refresh(service, kept)) == REFUSED
    assert revoked(agency) == [False]
    again = enrol(service, agency.code("a-3", purpose)).get_json()
    successor(service, again["refresh_token"])


def test_clock_that_leapt_ahead_ends_no_phone(service, family, agency):
    """Weeks go by the clock that ticks have confirmed."""
    used = successor(service, family)
    with transaction(Door.SEAL) as session:
        installation = session.query(Installation).one()
        before, installation.ticked_at = installation.ticked_at, service.clock()
    service.clock.advance(days=4000)
    try:
        following = successor(service, used)
        (device,) = rows_of(Device, agency)
    finally:
        with transaction(Door.SEAL) as session:
            session.query(Installation).one().ticked_at = before
        service.clock.advance(days=-4000)

    assert device.used_week == service.clock().strftime("%G-W%V")
    successor(service, following)


class Thief(RuleBasedStateMachine):
    """A phone, a thief with any of its tokens, lost replies, and restored databases.

    The rule of the service is the pure one; tokens are random texts that its MAC would
    vouch for. Honest is the time until the thief first presents anything.
    """

    def __init__(self):
        super().__init__()
        self.in_use, self.revoked = (0, None), False
        self.backups = [self.in_use]
        self.owner = self.issue()
        self.thief = []
        self.honest = True
        self.went_on = {"owner": 0, "thief": 0}

    def issue(self):
        return self.in_use[0] + 1, secrets.token_bytes(4)

    def present(self, token):
        """The successor, or None where it is refused."""
        if self.revoked:
            return None
        if not is_successor(self.in_use, token):
            self.revoked = True
            return None
        self.in_use = token
        return self.issue()

    @rule(arrives=st.booleans())
    def owner_refreshes(self, arrives):
        following = self.present(self.owner)
        if self.honest:
            assert following is not None
        if following is not None and arrives:
            self.owner = following

    @rule()
    def tokens_are_copied(self):
        self.thief = [*self.thief, self.owner][-3:]

    @precondition(lambda self: self.thief)
    @rule(data=st.data())
    def thief_refreshes(self, data):
        self.honest = False
        at = data.draw(st.integers(0, len(self.thief) - 1))
        following = self.present(self.thief[at])
        if following is not None:
            self.thief[at] = following

    @rule()
    def database_is_copied(self):
        self.backups.append(self.in_use)

    @precondition(lambda self: self.honest)
    @rule(data=st.data())
    def database_is_restored(self, data):
        self.in_use = data.draw(st.sampled_from(self.backups))

    @precondition(lambda self: not self.honest and not self.revoked)
    @rule()
    def both_go_on_twice_and_are_ended(self):
        """The second token of one turn that is presented ends both."""
        for _ in range(2):
            owner = self.present(self.owner)
            self.owner = owner or self.owner
            thief = [self.present(token) for token in self.thief]
            self.thief = [
                new or old for new, old in zip(thief, self.thief, strict=True)
            ]
        assert self.revoked


TestThief = Thief.TestCase


@given(
    st.text()
    | st.tuples(*[st.text() | st.uuids().map(str) | st.integers().map(str)] * 5).map(
        ".".join
    )
    | st.just("acme.00000000-0000-0000-0000-000000000000." + "9" * 5000 + ".x.y")
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

        assert first != second
        family = second
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


def test_two_successors_presented_at_once_revoke_the_family(service, family, agency):
    """One waits for the other's row lock, and finds that it is not the one in use."""
    owner, thief = successor(service, family), successor(service, family)
    doing = partial(
        exchange,
        keyring=service.dependencies.keyring,
        token=owner,
        now=service.clock(),
    )

    with open_transaction(service, Door.POLL_BOOK, doing) as exchanging:
        waited, reply, _ = exchanging.run_meanwhile(partial(refresh, service, thief))

    assert waited
    assert outcome(reply) == REFUSED
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
