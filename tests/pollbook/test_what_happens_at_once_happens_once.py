"""Races for a ballot, and over a wave, in real threads on each engine."""

import itertools
import secrets

import pytest

from rapport_client import b64
from rapport_service.pollbook.models import Draw, Elector, PrivateKey
from rapport_service.record.models import BallotKey, Charter
from tests.at_once import at_once
from tests.ballots import kid_of
from tests.pollbook.wire import ask
from tests.stored import rows_of


@pytest.fixture
def agency(house):
    return house.agency({"a": 9, "b": 9})


def drawing(agency, person, wave, kid, *numbers):
    """Acts that each draw one ballot, or each of several in one request."""
    token = agency.phone(person).tokens["access_token"]

    def act(blinded):
        reply = ask(agency.house, token, *[(wave, kid, one) for one in blinded])
        return reply.get_json()["results"]

    return [lambda b=blinded: act(b) for blinded in numbers]


def number():
    return b"\0" + secrets.token_bytes(255)


def test_of_two_draws_at_once_one_is_signed(agency):
    wave = agency.announce()
    kid = kid_of(agency, wave, "a")
    signed = set()

    for person in (f"a-{n}" for n in range(1, 8)):
        acts = drawing(agency, person, wave, kid, [number()], [number()])
        results = [result for (result,) in at_once(agency.house, *acts)]

        assert sorted(result["status"] for result in results) == [
            "already-drawn",
            "signed",
        ]
        signed |= {result["signature"] for result in results} - {None}

    assert {b64.encode(row.signature) for row in rows_of(Draw, agency)} == signed
    assert len(signed) == 7


def test_the_same_draw_at_once_gets_one_signature(agency):
    wave = agency.announce()
    kid = kid_of(agency, wave, "a")

    for person in (f"a-{n}" for n in range(1, 5)):
        blinded = number()
        acts = drawing(agency, person, wave, kid, *[[blinded]] * 3)
        results = list(itertools.chain(*at_once(agency.house, *acts)))

        assert {result["status"] for result in results} == {"signed"}
        assert len({result["signature"] for result in results}) == 1


def test_everybody_draws_at_once_and_everybody_gets_a_ballot(agency):
    wave = agency.announce()
    kid = kid_of(agency, wave, "a")
    acts = [drawing(agency, f"a-{n}", wave, kid, [number()])[0] for n in range(1, 10)]

    results = list(itertools.chain(*at_once(agency.house, *acts)))

    assert [result["status"] for result in results] == ["signed"] * 9


def test_a_draw_at_the_very_close_is_too_late_whether_or_not_the_tick_was_there(agency):
    wave = agency.announce()
    kid = kid_of(agency, wave, "a")
    agency.tick(days=8, seconds=-1)
    acts = [drawing(agency, f"a-{n}", wave, kid, [number()])[0] for n in range(1, 6)]
    agency.house.clock.turn(seconds=1)

    _, *results = at_once(agency.house, lambda: agency.tick() or [], *acts)

    assert {result["status"] for (result,) in results} == {"not-drawable"}
    assert rows_of(Draw, agency) == rows_of(PrivateKey, agency) == []


def test_ticks_at_once_announce_a_wave_once(agency):
    for _ in range(2):
        wave = agency.plan()

        at_once(agency.house, *[agency.tick] * 3)

        wave_id = agency.wave(wave).wave_id

        def of_wave(table, wave_id=wave_id):
            return [row for row in rows_of(table, agency) if row.wave_id == wave_id]

        assert len(of_wave(Charter)) == 1
        assert len(of_wave(Elector)) == 18
        public = {row.kid for row in of_wave(BallotKey)}
        assert {row.kid for row in of_wave(Elector)} == public
        assert len(public) == 2
        assert public <= {row.kid for row in of_wave(PrivateKey)}


def test_a_charter_freezes_one_roster_although_another_is_put_at_once(agency):
    """Rosters take turns: everybody is in one team, and somebody supervises the other.

    The supervisor of one roster is a member in the next, so a mixture miscounts.
    """
    rosters = [({"a": 20, "b": 0}, {"b-9": ["b"]}), ({"a": 0, "b": 20}, {"a-9": ["a"]})]
    for turn in range(6):
        teams, supervises = rosters[turn % 2]
        wave = agency.plan()

        at_once(
            agency.house,
            agency.tick,
            lambda t=teams, s=supervises: agency.put(t, {}, s),
        )

        charter = agency.house.http.get(f"/v1/waves/{wave}/charter").get_json()
        sizes = {node["external_id"]: node["N"] for node in charter["tree"]}
        assert sizes in (
            {"agency": 18, "a": 9, "b": 9},
            {"agency": 21, "a": 20, "b": 0},
            {"agency": 21, "a": 0, "b": 20},
        )


def test_ticks_at_once_take_a_wave_to_its_seal(agency):
    wave = agency.announce()
    agency.house.clock.turn(days=16)

    at_once(agency.house, *[agency.tick] * 3)

    assert agency.wave(wave).state.value == "sealed"
    assert rows_of(PrivateKey, agency) == []
