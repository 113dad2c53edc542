"""Races for a ballot, and over a wave, in real threads on each engine."""

import itertools
import secrets

import pytest

from rapport_client._protocol import base64url
from rapport_service.agency.roster import put_roster
from rapport_service.core.db import Door
from rapport_service.pollbook.models import Draw, Elector, PrivateKey
from rapport_service.registry.models import BallotKey, Charter
from tests.agency.rosters import roster
from tests.pollbook.poll_book_requests import ask
from tests.support.ballots import kid_of
from tests.support.concurrency import open_transaction, run_concurrently
from tests.support.rows import rows_of

NEWCOMERS = {f"newcomer-{number}": ("new",) for number in range(10)}


@pytest.fixture
def agency(service):
    return service.agency({"a": 9, "b": 9})


def drawing(agency, person, wave, kid, *numbers):
    """Acts that each send one draw request, for one or several blinded values."""
    token = agency.phone(person).tokens["access_token"]

    def act(blinded):
        reply = ask(agency.service, token, *[(wave, kid, value) for value in blinded])
        return reply.get_json()["results"]

    return [lambda b=blinded: act(b) for blinded in numbers]


def number():
    return b"\0" + secrets.token_bytes(255)


def test_one_of_two_draws_at_once_is_signed(agency):
    wave = agency.announce()
    kid = kid_of(agency, wave, "a")
    signed = set()

    for person in (f"a-{n}" for n in range(1, 8)):
        acts = drawing(agency, person, wave, kid, [number()], [number()])
        results = [result for (result,) in run_concurrently(agency.service, *acts)]

        assert sorted(result["status"] for result in results) == [
            "already_drawn",
            "signed",
        ]
        signed |= {result["signature"] for result in results} - {None}

    assert {base64url.encode(row.signature) for row in rows_of(Draw, agency)} == signed
    assert len(signed) == 7


def test_the_same_draw_at_once_gets_one_signature(agency):
    wave = agency.announce()
    kid = kid_of(agency, wave, "a")

    for person in (f"a-{n}" for n in range(1, 5)):
        blinded = number()
        acts = drawing(agency, person, wave, kid, *[[blinded]] * 3)
        results = list(itertools.chain(*run_concurrently(agency.service, *acts)))

        assert {result["status"] for result in results} == {"signed"}
        assert len({result["signature"] for result in results}) == 1


def test_everybody_draws_at_once_and_everybody_gets_a_ballot(agency):
    wave = agency.announce()
    kid = kid_of(agency, wave, "a")
    acts = [drawing(agency, f"a-{n}", wave, kid, [number()])[0] for n in range(1, 10)]

    results = list(itertools.chain(*run_concurrently(agency.service, *acts)))

    assert [result["status"] for result in results] == ["signed"] * 9


def test_a_draw_at_the_very_close_is_too_late_whether_or_not_the_tick_was_there(agency):
    wave = agency.announce()
    kid = kid_of(agency, wave, "a")
    agency.tick(days=8, seconds=-1)
    acts = [drawing(agency, f"a-{n}", wave, kid, [number()])[0] for n in range(1, 6)]
    agency.service.clock.advance(seconds=1)

    _, *results = run_concurrently(agency.service, lambda: agency.tick() or [], *acts)

    assert {result["status"] for (result,) in results} == {"not_drawable"}
    assert rows_of(Draw, agency) == rows_of(PrivateKey, agency) == []


def test_ticks_at_once_announce_a_wave_once(agency):
    for opens_in in (1, 10):
        wave = agency.plan(opens_in)

        run_concurrently(agency.service, *[agency.tick] * 3)

        wave_id = agency.wave(wave).wave_id

        def of_wave(table, wave_id=wave_id):
            return [row for row in rows_of(table, agency) if row.wave_id == wave_id]

        assert len(of_wave(Charter)) == 1
        assert len(of_wave(Elector)) == 18
        public = {row.kid for row in of_wave(BallotKey)}
        assert {row.kid for row in of_wave(Elector)} == public
        assert len(public) == 2
        assert public <= {row.kid for row in of_wave(PrivateKey)}


def test_a_charter_waits_for_a_roster_that_is_being_put(agency):
    """Without a lock, teams could be of one roster and supervisors of the next."""
    wave = agency.plan()

    def put(session):
        wanted = roster({"new": None}, NEWCOMERS)
        return put_roster(session, agency.id, wanted, confirmed_removals=18)

    with open_transaction(agency.service, Door.POLL_BOOK, put) as putting:
        waited, *_ = putting.run_meanwhile(
            lambda: run_concurrently(agency.service, agency.tick)
        )

    assert waited
    charter = agency.service.http.get(f"/v1/waves/{wave}/charter").get_json()
    assert [(node["external_id"], node["eligible"]) for node in charter["tree"]] == [
        ("new", len(NEWCOMERS))
    ]


def test_ticks_at_once_take_a_wave_to_its_seal(agency):
    wave = agency.announce()
    agency.service.clock.advance(days=16)

    run_concurrently(agency.service, *[agency.tick] * 3)

    assert agency.wave(wave).state.value == "sealed"
    assert rows_of(PrivateKey, agency) == []
