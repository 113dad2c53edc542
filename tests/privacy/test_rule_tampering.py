"""Attacks by those who run the agency: other rules, other rosters, other rows."""

import json

import pytest
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from rapport_service.agency.errors import OrganizationInvalidError
from rapport_service.agency.models import Organization
from rapport_service.agency.roster import Roster, RosterPerson, RosterTeam, put_roster
from rapport_service.agency.service import create_organization
from rapport_service.ballotbox.models import Answer
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.settings import Settings, SettingsInvalidError
from rapport_service.lifecycle.sealing import run_sealing_job
from tests.privacy.attacker import DIRECTOR, ScoreReader
from tests.support.lifecycle import advance_past_close
from tests.support.rows import rows_of
from tests.support.submissions import identical_contents, submit_contents


def execute_as_login(statement):
    """Changes rows as the database's own login can."""
    with Session(db.engine) as session, session.begin():
        session.execute(statement)


def test_a6_a_smaller_minimum_after_the_announcement_changes_nothing(
    service, ballot_factory
):
    agency = service.agency({"a": 10}, supervises=DIRECTOR, min_respondents=10)
    wave = agency.announce()
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(7)})
    lower = (
        update(Organization)
        .where(Organization.organization_id == agency.id)
        .values(min_respondents=5)
    )

    execute_as_login(lower)
    agency.seal()

    assert ScoreReader(agency).document("a")["status"] == "withheld"


@pytest.mark.parametrize("k", [0, 1, 4, 26])
def test_a6_no_agency_may_choose_a_minimum_under_five(service, k):
    del service
    with (
        pytest.raises(OrganizationInvalidError),
        transaction(Door.POLL_BOOK) as session,
    ):
        create_organization(session, "small", "Small", "UTC", k, 8)


def test_a6_not_even_a_minimum_written_by_hand_is_obeyed(service):
    agency = service.agency({"a": 10})
    lower = (
        update(Organization)
        .where(Organization.organization_id == agency.id)
        .values(min_respondents=1)
    )
    execute_as_login(lower)
    wave = agency.announce()

    advance_past_close(agency)
    service.clock.advance(days=7)

    assert not run_sealing_job(service.dependencies, organization_id=agency.id)

    assert ScoreReader(agency, "admin").raw("a").startswith(b'{"status":"pending"')
    assert agency.wave(wave).state == "sealing"


def test_a7_moving_a_person_afterwards_moves_no_answer(service, ballot_factory):
    teams = {"a": 10, "b": 10}
    agency = service.agency(teams, supervises=DIRECTOR)
    wave = agency.announce()
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {"a": identical_contents(9, 2), "b": identical_contents(9, 5)},
    )
    charter = service.http.get(f"/v1/waves/{wave}/charter").data
    agency.put({"a": 9, "b": 11}, {}, DIRECTOR)
    agency.seal()
    reader = ScoreReader(agency)
    before = {team: reader.raw(team) for team in ("agency", "a", "b")}

    agency.put({"a": 2, "b": 18}, {}, DIRECTOR)
    agency.tick(days=1)

    reader = ScoreReader(agency)
    assert {team: reader.raw(team) for team in before} == before
    assert service.http.get(f"/v1/waves/{wave}/charter").data == charter


def test_a18_no_question_and_no_role_gets_round_the_rules(service, ballot_factory):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    wave = agency.announce()
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(4)})
    agency.seal()
    usual, admin = ScoreReader(agency).raw("a"), ScoreReader(agency, "admin")

    refused = [
        json.loads(admin.raw("a", **{name: value}))["code"]
        for name in ("k", "minimum", "force", "bypass", "tier", "role")
        for value in ("1", "true")
    ]

    assert b"withheld" in usual
    assert admin.raw("a") == usual
    assert set(refused) == {"invalid"}


@pytest.mark.parametrize(
    "name", ["RAPPORT_K", "RAPPORT_MINIMUM", "RAPPORT_DEBUG", "RAPPORT_UNSAFE"]
)
def test_a18_no_setting_switches_protection_off(name):
    with pytest.raises(SettingsInvalidError, match=f"{name}: no such setting"):
        Settings.from_env({"RAPPORT_SECRET": "A" * 43, name: "1"})


def test_a20_erasing_a_persons_answers_changes_no_published_number(
    service, ballot_factory
):
    agency = service.agency({"a": 10}, supervises=DIRECTOR)
    wave = agency.announce()
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {"a": [*identical_contents(9, 4), *identical_contents(1, 1)]},
    )
    agency.seal()
    before = ScoreReader(agency).raw("a")
    victim = rows_of(Answer, agency)[0]

    execute_as_login(delete(Answer).where(Answer.answer_id == victim.answer_id))
    agency.tick(days=30)

    assert len(rows_of(Answer, agency)) == 9
    assert ScoreReader(agency).raw("a") == before


def test_a26_a_supervisor_has_no_ballot_of_the_team_they_supervise(service):
    agency = service.agency({"a": 10, "b": 10})
    put_roster_with_playing_captain(agency)
    wave = agency.announce()
    captain, member = agency.phone("captain"), agency.phone("a-1")

    groups = {
        phone: phone.sync()["waves"][0]["voting_team_id"] for phone in (captain, member)
    }
    answer = captain.ask(wave, member.kid(wave), bytes(256))

    assert groups[member] == str(agency.team_id("a"))
    assert groups[captain] == str(agency.team_id("agency"))
    assert captain.kid(wave) != member.kid(wave)
    assert answer["status"] == "wrong_key"


def put_roster_with_playing_captain(agency):
    """Puts a roster in which a person supervises the very team they belong to."""
    teams = [RosterTeam("agency", "All", None)]
    teams += [RosterTeam(team, team, "agency") for team in ("a", "b")]
    people = [RosterPerson(f"{team}-{n}", team) for team in "ab" for n in range(1, 11)]
    at_the_top = [RosterPerson(f"top-{n}", "agency") for n in range(1, 9)]
    captain = RosterPerson("captain", "a", ("a",))
    roster = Roster(tuple(teams), (*people, *at_the_top, captain))
    with transaction(Door.POLL_BOOK) as session:
        put_roster(session, agency.id, roster)
