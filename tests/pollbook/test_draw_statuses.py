"""``POST /v1/ballots``: every closed status, and what leads to it."""

import secrets
from uuid import uuid4

import jwt
import pytest

from rapport_client._protocol import base64url
from rapport_service.pollbook.models import Draw
from tests.pollbook.poll_book_requests import SEVEN, ask, bearer, enrol, outcome
from tests.support.admin import fields_of
from tests.support.ballots import kid_of
from tests.support.http_phone import Phone
from tests.support.rows import rows_of


@pytest.fixture
def agency(service):
    return service.agency({"a": 8, "b": 9}, supervises={"director": ["agency"]})


@pytest.fixture
def kid(agency, wave):
    """The key of team a."""
    return kid_of(agency, wave, "a")


def status(agency, person, wave, kid, blinded=SEVEN):
    return agency.phone(person).ask(wave, kid, blinded)["status"]


def number():
    """A blinded value unlike any other, and below every modulus."""
    return b"\0" + secrets.token_bytes(255)


def test_a_drawn_ballot_is_an_ordinary_jwt(agency, wave, kid):
    phone = agency.phone("a-1")

    ballot = phone.draw(wave)

    claims = jwt.decode(ballot, phone.key(kid).public_key, algorithms=["PS384"])
    assert list(claims) == ["jti"]


def test_a_result_names_its_wave_and_has_a_signature_only_where_it_was_signed(
    agency, wave, kid
):
    phone = agency.phone("a-1")

    first, second = phone.ask(wave, kid, SEVEN), phone.ask(wave, kid, number())

    n, e = phone.key(kid).n, phone.key(kid).e
    assert pow(int.from_bytes(base64url.decode(first["signature"])), e, n) == 7
    assert (first["wave_id"], first["status"]) == (wave, "signed")
    assert second == {"wave_id": wave, "status": "already_drawn", "signature": None}


def test_a_lost_reply_is_repeated_as_it_was(agency, wave, kid):
    phone, blinded = agency.phone("a-1"), number()

    replies = [phone.ask(wave, kid, blinded) for _ in range(3)]

    assert replies[0]["status"] == "signed"
    assert replies == [replies[0]] * 3
    assert len(rows_of(Draw, agency)) == 1


def test_another_phone_of_the_same_person_finds_the_ballot_drawn(agency, wave, kid):
    status(agency, "a-1", wave, kid)
    other = Phone(agency.service.http)
    other.enrol(agency.code("a-1"))

    assert other.ask(wave, kid, number())["status"] == "already_drawn"


def test_everybody_has_a_ballot_of_their_own_whatever_they_send(agency, wave, kid):
    assert status(agency, "a-1", wave, kid) == "signed"
    assert status(agency, "a-2", wave, kid) == "signed"
    assert len(rows_of(Draw, agency)) == 2


def test_another_groups_key_is_the_wrong_key(agency, wave, kid):
    other = kid_of(agency, wave, "b")

    assert status(agency, "a-1", wave, other) == "wrong_key"
    assert status(agency, "b-1", wave, kid) == "wrong_key"


@pytest.mark.parametrize("kid", ["x", "org1.nothing", "\u00e9"])
def test_a_key_that_is_none_is_the_wrong_key(agency, wave, kid):
    assert status(agency, "a-1", wave, kid) == "wrong_key"


def test_a_person_outside_the_electorate_is_not_eligible(agency, wave, kid):
    assert status(agency, "director", wave, kid) == "not_eligible"


@pytest.mark.parametrize(
    "wave_id", ["00000000-0000-4000-8000-000000000000", "x", "..", "org1.", "\u00e9.1"]
)
def test_an_unknown_wave_has_no_electors(agency, wave, kid, wave_id):
    of_ours = f"{agency.id}.{uuid4()}"
    shouted = wave.upper()

    for unknown in (wave_id, of_ours, shouted):
        assert status(agency, "a-1", unknown, kid) == "not_eligible"


def test_another_organizations_wave_has_no_electors_here(agency, wave, service):
    other = service.agency({"a": 8})
    theirs = other.announce()
    their_kid = kid_of(other, theirs, "a")
    relabelled = f"{agency.id}.{theirs.partition('.')[2]}"

    assert status(agency, "a-1", theirs, their_kid) == "not_eligible"
    assert status(agency, "a-1", relabelled, their_kid) == "not_eligible"
    assert status(other, "a-1", wave, their_kid) == "not_eligible"
    assert rows_of(Draw, agency) == rows_of(Draw, other) == []


def test_a_wave_that_is_only_planned_has_no_electors(agency, kid):
    assert status(agency, "a-1", agency.plan(opens_in=10), kid) == "not_eligible"


SPOILED = {
    "nothing of its length": lambda _: bytes(256),
    "a byte short": lambda _: SEVEN[1:],
    "a byte long": lambda _: b"\0" + SEVEN,
    "the modulus": lambda n: n.to_bytes(256),
    "above the modulus": lambda _: b"\xff" * 256,
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_an_invalid_blinded_value_is_refused_and_spends_nothing(
    agency, wave, kid, spoiled
):
    n = agency.phone("a-1").key(kid).n

    refused = status(agency, "a-1", wave, kid, SPOILED[spoiled](n))

    assert refused == "blinded_invalid"
    assert rows_of(Draw, agency) == []
    assert status(agency, "a-1", wave, kid) == "signed"


@pytest.mark.parametrize("text", ["!", "A" * 341, "A" * 341 + "B", "A" * 342 + "=="])
def test_a_blinded_value_that_is_no_base64url_of_256_bytes_is_refused(
    agency, wave, kid, text
):
    reply = agency.service.http.post(
        "/v1/ballots",
        json={"requests": [{"wave_id": wave, "ballot_key_id": kid, "blinded": text}]},
        headers=agency.phone("a-1").authorization,
    )

    assert [r["status"] for r in reply.get_json()["results"]] == ["blinded_invalid"]


def test_one_bad_request_changes_nothing_for_its_neighbours(agency, wave, kid):
    later = agency.announce(opens_in=10)
    tokens = agency.phone("a-1").tokens["access_token"]
    their_kid, my_kid = kid_of(agency, later, "b"), kid_of(agency, later, "a")

    reply = ask(
        agency.service,
        tokens,
        (later, their_kid, SEVEN),
        (wave, kid, SEVEN),
        ("nowhere", kid, SEVEN),
        (wave, kid, number()),
        (wave, kid, SEVEN),
        (later, my_kid, bytes(256)),
        (later, my_kid, number()),
    )

    assert [
        (result["wave_id"], result["status"]) for result in reply.get_json()["results"]
    ] == [
        (later, "wrong_key"),
        (wave, "signed"),
        ("nowhere", "not_eligible"),
        (wave, "already_drawn"),
        (wave, "signed"),
        (later, "blinded_invalid"),
        (later, "signed"),
    ]


@pytest.mark.parametrize("count", [0, 51])
def test_a_request_holds_one_to_fifty(agency, wave, kid, count):
    tokens = agency.phone("a-1").tokens["access_token"]

    reply = ask(agency.service, tokens, *[(wave, kid, SEVEN)] * count)

    assert outcome(reply) == (422, "invalid")
    assert fields_of(reply) == ["requests"]
    assert rows_of(Draw, agency) == []


def test_a_malformed_neighbour_is_named_and_nothing_is_drawn(agency, wave, kid):
    good = {"wave_id": wave, "ballot_key_id": kid, "blinded": base64url.encode(SEVEN)}

    reply = agency.service.http.post(
        "/v1/ballots",
        json={"requests": [good, good | {"kid": 5, "more": 1}]},
        headers=agency.phone("a-1").authorization,
    )

    assert outcome(reply) == (422, "invalid")
    assert set(fields_of(reply)) == {
        "requests.1.kid",
        "requests.1.more",
    }
    assert rows_of(Draw, agency) == []


def test_using_the_door_for_a_ballot_shows_in_no_sync(agency, wave, kid):
    """The sync document does not depend on whether the phone has drawn."""
    phone = agency.phone("a-1")
    before = phone.sync()

    phone.ask(wave, kid, SEVEN)

    assert phone.sync() == before


def test_a_sync_that_has_nothing_new_is_empty(agency, wave):
    tokens = enrol(agency.service, agency.code("a-1")).get_json()
    first = agency.service.http.get("/v1/sync", headers=bearer(tokens["access_token"]))

    again = agency.service.http.get(
        "/v1/sync",
        headers=bearer(tokens["access_token"])
        | {"If-None-Match": first.headers["ETag"]},
    )

    assert [synced["wave_id"] for synced in first.get_json()["waves"]] == [wave]
    assert (again.status_code, again.data) == (304, b"")
