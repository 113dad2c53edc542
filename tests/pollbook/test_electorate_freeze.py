"""The electorate is frozen at the announcement; later edits wait for the next wave."""

import pytest

from rapport_service.pollbook.models import Elector
from rapport_service.registry.models import Charter
from tests.agency.rosters import put_test_roster, roster
from tests.pollbook.poll_book_requests import SEVEN
from tests.support.ballots import kid_of
from tests.support.rows import rows_of

TREE = {"agency": None, "a": "agency", "b": "agency"}


@pytest.fixture
def agency(service):
    return service.agency({"a": 9, "b": 9})


def electors(agency, wave):
    """How many people of a wave's electorate are in each group, under each key."""
    wave_id = agency.wave(wave).wave_id
    counted = {}
    for row in rows_of(Elector, agency):
        if row.wave_id == wave_id:
            group = str(row.team_id), row.kid
            counted[group] = counted.get(group, 0) + 1
    return counted


def test_the_electorate_is_the_one_that_the_charter_states(service):
    agency = service.agency(
        {"a": 9, "small": 2, "smaller": 3, "north": 1},
        {"small": "north", "smaller": "north"},
        supervises={"boss": ["a"], "director": ["agency"], "lead": ["north"]},
    )
    wave = agency.announce()
    charter = service.http.get(f"/v1/waves/{wave}/charter").get_json()
    tree = {node["external_id"]: node for node in charter["tree"]}

    counted = electors(agency, wave)

    assert counted == {
        (tree[name]["team_id"], tree[name]["ballot_key_id"]): people
        for name, people in {
            "agency": 2,
            "a": 9,
            "small": 2,
            "smaller": 3,
            "north": 1,
        }.items()
    }
    pools = {
        node["ballot_key_id"]: node["pool"] for node in charter["tree"] if node["pool"]
    }
    assert pools == {tree["a"]["ballot_key_id"]: 9, tree["agency"]["ballot_key_id"]: 8}
    assert {name: node["eligible"] for name, node in tree.items()} == {
        "agency": 17,
        "a": 9,
        "north": 6,
        "small": 2,
        "smaller": 3,
    }


def test_a_person_who_leaves_after_the_announcement_may_still_answer(agency):
    wave = agency.announce()
    phone, kid = agency.phone("a-9"), kid_of(agency, wave, "a")

    agency.put({"a": 8, "b": 9}, {}, {})

    assert [synced["wave_id"] for synced in phone.sync()["waves"]] == [wave]
    assert phone.ask(wave, kid, SEVEN)["status"] == "signed"


def test_a_person_who_comes_after_the_announcement_waits_for_the_next_wave(agency):
    wave = agency.announce()
    agency.put({"a": 10, "b": 9}, {}, {})
    newcomer = agency.phone("a-10")

    refused = newcomer.ask(wave, kid_of(agency, wave, "a"), SEVEN)["status"]
    following = agency.announce(opens_in=8)

    assert refused == "not_eligible"
    assert [synced["wave_id"] for synced in newcomer.sync()["waves"]] == [following]
    kid = kid_of(agency, following, "a")
    assert newcomer.ask(following, kid, SEVEN)["status"] == "signed"


def test_a_new_supervisor_answers_where_the_charter_put_them(agency):
    wave = agency.announce()
    everybody = {f"{team}-{n}": (team,) for team in "ab" for n in range(1, 10)}
    put_test_roster(agency, roster(TREE, everybody | {"a-1": ("a", "a")}))
    following = agency.announce(opens_in=8)
    phone = agency.phone("a-1")

    groups = {
        synced["wave_id"]: synced["voting_team_id"] for synced in phone.sync()["waves"]
    }

    assert groups == {
        wave: str(agency.team_id("a")),
        following: str(agency.team_id("agency")),
    }
    assert phone.ask(wave, kid_of(agency, wave, "a"), SEVEN)["status"] == "signed"


def test_a_team_that_goes_keeps_its_key_in_the_charter_that_has_it(agency):
    wave = agency.announce()
    before = agency.service.http.get(f"/v1/waves/{wave}/charter").data
    frozen, phone = electors(agency, wave), agency.phone("b-1")

    agency.put({"a": 9}, {}, {})
    agency.tick()
    following = agency.announce(opens_in=8)

    assert agency.service.http.get(f"/v1/waves/{wave}/charter").data == before
    assert electors(agency, wave) == frozen
    assert sum(electors(agency, following).values()) == 9
    assert phone.ask(wave, kid_of(agency, wave, "b"), SEVEN)["status"] == "signed"


def test_each_wave_has_keys_of_its_own(agency):
    first, second = agency.announce(), agency.announce(opens_in=8)

    kids = {kid_of(agency, wave, team) for wave in (first, second) for team in "ab"}

    assert len(kids) == 4
    assert len(rows_of(Charter, agency)) == 2
