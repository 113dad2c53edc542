"""Attacks that look for a link from answers to the people who gave them."""

import hashlib
import json
import logging
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import text

from rapport_service.core.db import Base, Door, db
from rapport_service.core.grants import GRANTS
from rapport_service.encoding import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.support.ballots import kid_of, stored_hash
from tests.support.http_phone import content, item, submit
from tests.support.rows import find_on_disk
from tests.support.submissions import identical_contents, submit_contents

BALLOT_BOX = ("submissions", "answers", "spent_ballots")
RECORD = {"waves", "charters", "ballot_keys"}
KNOWS_PEOPLE = (
    set(GRANTS[Door.POLL_BOOK]) - RECORD - {"pulses", "installation", "data_keys"}
)
PEOPLE = 5


@pytest.fixture
def agency(service):
    return service.agency({"a": PEOPLE}, min_pool=PEOPLE)


def values_of(entry):
    """Every value in a column of a row; PostgreSQL reads JSON as lists and objects."""
    if isinstance(entry, list):
        return [value for each in entry for value in values_of(each)]
    if isinstance(entry, dict):
        return values_of(list(entry.values()))
    return [entry]


def dump(agency, tables):
    """Every value in some tables, as a thief of the database sees them."""
    with db.engine.connect() as connection:
        return {
            value
            for table in tables
            for row in connection.execute(
                text(f"SELECT * FROM {table} WHERE organization_id = :organization"),
                {"organization": agency.id},
            )
            for entry in row
            for value in values_of(entry)
        }


def draw_and_answer(agency, wave):
    """Everybody draws on a real phone, then submits."""
    phones = [agency.phone(f"a-{n}") for n in range(1, PEOPLE + 1)]
    ballots = [phone.draw(wave) for phone in phones]
    submit(agency.service.http, *(item(ballot, content(7)) for ballot in ballots))
    return ballots


def test_a17_no_table_of_the_ballot_box_could_hold_a_time_or_a_number_in_sequence():
    columns = [c for name in BALLOT_BOX for c in Base.metadata.tables[name].columns]

    kinds = {column.type.python_type.__name__ for column in columns}

    assert "datetime" not in kinds
    numbers = [c.name for c in columns if c.type.python_type is int]
    assert numbers == ["form"]  # one of 45


def test_a17_a_submission_leaves_no_line_in_any_log(
    agency, wave, ballot_factory, caplog
):
    ballots = ballot_factory.ballots(agency, wave, "a", 2)
    with caplog.at_level(logging.DEBUG, "rapport_service"):
        submit(agency.service.http, item(ballots[0], content()), item(ballots[1], "{}"))
        silent = list(caplog.records)
        agency.admin_token()

    assert silent == []
    assert caplog.records  # the other door does write one


def test_a25_two_waves_of_one_person_share_nothing_that_is_stored(
    service, agency, wave, ballot_factory
):
    r = bytes(range(32))  # a careless phone that uses its number again
    for first_form, value in [(0, 4), (20, 2)]:
        kid = kid_of(agency, wave, "a")
        ballots = [ballot_factory.ballot(kid, r)]
        ballots += ballot_factory.ballots(agency, wave, "a", PEOPLE - 1)
        submit(
            service.http,
            *(item(b, content(first_form + n, value)) for n, b in enumerate(ballots)),
        )
        agency.seal()
        service.clock.advance(days=7)
        wave = agency.announce()

    with db.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT * FROM answers WHERE organization_id = :o"), {"o": agency.id}
        ).all()

    first, second = (
        [row for row in rows if (row.form < 20) == is_first]
        for is_first in (True, False)
    )
    assert len(first) == len(second) == PEOPLE
    for earlier, later in product(first, second):
        assert set(earlier) & set(later) <= {agency.id, earlier.team_id, "normal"}


def test_a25_name_of_a_batch_is_echoed_and_kept_nowhere(agency, wave, ballot_factory):
    (ballot,) = ballot_factory.ballots(agency, wave, "a", 1)
    batch = "a-name-like-a-pseudonym"

    reply = agency.service.http.post(
        "/v1/submissions",
        json={"protocol": 1, "batch": batch, "items": [item(ballot, content())]},
    )

    assert reply.get_json()["batch"] == batch
    assert reply.get_json()["results"][0]["status"] == "accepted"
    assert find_on_disk({batch.encode()}) == set()


def test_a29_service_assigns_no_form(service, agency, wave):
    phone = agency.phone("a-1")

    replies = [
        phone.sync(),
        phone.charter(wave),
        phone.ask(wave, phone.kid(wave), bytes(255) + b"\7"),
    ]

    assert '"form"' not in json.dumps(replies)
    served = service.http.get(f"/v1/instruments/{CURRENT_INSTRUMENT.digest}").get_json()
    assert len(served["forms"]) == 45


def test_a29_any_form_may_come_from_any_number_of_people(agency, wave, ballot_factory):
    texts = [content(form) for form in (3, 3, 3, 44, 0, 3)]

    assert (
        submit_contents(ballot_factory, agency, wave, {"a": texts}) == ["accepted"] * 6
    )


def test_a31_all_phones_get_one_charter_and_one_key(service, agency, wave):
    phones = [agency.phone(f"a-{n}") for n in range(1, PEOPLE + 1)]

    digests = {phone.sync()["waves"][0]["charter_digest"] for phone in phones}
    kids = {phone.kid(wave) for phone in phones}

    served = service.http.get(f"/v1/waves/{wave}/charter")
    assert digests == {base64url.digest(served.data)}
    assert kids == {node["ballot_key_id"] for node in served.get_json()["tree"]} - {
        None
    }
    assert len(kids) == 1


def test_a31_a_key_is_named_by_its_own_bytes_so_that_none_can_be_swapped(
    service, agency, wave
):
    kid = kid_of(agency, wave, "a")

    key = service.http.get(f"/v1/keys/{kid}").get_json()

    members = {name: key[name] for name in ("e", "kty", "n")}
    canonical = json.dumps(members, separators=(",", ":"), sort_keys=True)
    thumbprint = base64url.encode(hashlib.sha256(canonical.encode()).digest())
    assert kid == f"{agency.id}.{thumbprint}"
    assert key["e"] == "AQAB"
    assert len(base64url.decode(key["n"])) == 256


def test_a31_no_key_is_shared_by_fewer_than_the_smallest_pool(service):
    agency = service.agency({"a": 3, "b": 4, "c": 9}, min_pool=8)
    wave = agency.announce()

    charter = service.http.get(f"/v1/waves/{wave}/charter").get_json()

    pools = [node["pool"] for node in charter["tree"] if node["pool"] is not None]
    assert min(pools) >= 8
    assert sum(pools) == 16


def linking_values(agency, wave, who, what):
    """Values on both sides of the doors that say more than a wave and a group."""
    group = agency.team_id("a")
    wave_id = UUID(wave.partition(".")[2])
    public = {agency.id, kid_of(agency, wave, "a"), None}
    public |= {group, group.hex, wave_id, wave_id.hex}
    return (who & what) - public


@pytest.mark.parametrize("sealed", [False, True], ids=["in mid-wave", "sealed"])
def test_a33_a_stolen_database_joins_no_person_to_a_ballot(agency, wave, sealed):
    draw_and_answer(agency, wave)
    if sealed:
        agency.seal()

    who, what = dump(agency, KNOWS_PEOPLE), dump(agency, BALLOT_BOX)

    assert linking_values(agency, wave, who, what) == set()


def test_a33_ballot_noted_on_both_sides_would_be_detected(agency, wave):
    ballot = draw_and_answer(agency, wave)[0]
    who, what = dump(agency, KNOWS_PEOPLE), dump(agency, BALLOT_BOX)

    who.add(stored_hash(ballot))

    assert linking_values(agency, wave, who, what) == {stored_hash(ballot)}


def test_a33_blind_signatures_of_those_who_drew_are_no_ones_ballot(agency, wave):
    ballots = draw_and_answer(agency, wave)
    signatures = {base64url.decode(ballot.split(".")[2]) for ballot in ballots}

    kept = {value for value in dump(agency, ["draws"]) if isinstance(value, bytes)}

    assert not signatures & kept
    agency.seal()
    left = {value for value in dump(agency, ["draws"]) if isinstance(value, bytes)}
    assert left == set()


def test_a33_draws_are_known_and_tell_nothing_of_answers(agency, wave, ballot_factory):
    for n in range(1, PEOPLE + 1):
        agency.phone(f"a-{n}").draw(wave)
    before = dump(agency, KNOWS_PEOPLE)

    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(5)})

    assert dump(agency, KNOWS_PEOPLE) == before
