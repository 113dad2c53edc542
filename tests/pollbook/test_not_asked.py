"""A phone learns that its person is not asked, by the roster alone."""

from hypothesis import given, settings

from rapport_service.agency.people import is_asked
from rapport_service.agency.roster_rules import Roster, RosterPerson, RosterTeam
from rapport_service.agency.service import list_people, list_teams
from rapport_service.charter.voting_groups import TeamNode, find_voting_team
from rapport_service.core.db import Door, read_transaction
from rapport_service.pollbook.announcement import load_members
from tests.agency.rosters import put_test_roster, rosters
from tests.pollbook.poll_book_requests import SEVEN
from tests.support.ballots import kid_of


def put_people(agency, *people):
    """Puts a roster of two teams of eight; some people differ from the rest."""
    named = {person.external_id: person for person in people}
    for team in ("a", "b"):
        for number in range(1, 9):
            name = f"{team}-{number}"
            named.setdefault(name, RosterPerson(name, team))
    teams = (
        RosterTeam("agency", "The agency", None),
        RosterTeam("a", "Team a", "agency"),
        RosterTeam("b", "Team b", "agency"),
    )
    put_test_roster(agency, Roster(teams, tuple(named.values())))


def directives(phone):
    return phone.sync()["directives"]


def test_person_who_is_asked_gets_no_directive(agency):
    put_people(agency, RosterPerson("lead", "a", ("a",)))

    assert directives(agency.phone("a-1")) == []
    assert directives(agency.phone("lead")) == []  # answers one level up


def test_person_who_supervises_the_whole_agency_is_not_asked(agency):
    put_people(agency, RosterPerson("director", "a", ("agency",)))

    assert directives(agency.phone("director")) == ["not_asked"]


def test_person_who_is_away_is_not_asked_until_they_are_back(agency):
    put_people(agency, RosterPerson("a-1", "a", (), away=True))
    phone = agency.phone("a-1")
    before = directives(phone)

    put_people(agency)

    assert (before, directives(phone)) == (["not_asked"], [])


def test_wave_that_is_announced_already_can_still_be_answered(agency):
    wave = agency.announce()
    phone, kid = agency.phone("a-1"), kid_of(agency, wave, "a")

    put_people(agency, RosterPerson("a-1", "a", (), away=True))

    synced = phone.sync()
    assert synced["directives"] == ["not_asked"]
    assert [each["wave_id"] for each in synced["waves"]] == [wave]
    assert phone.ask(wave, kid, SEVEN)["status"] == "signed"


def test_directive_does_not_depend_on_what_the_person_has_done(agency):
    put_people(agency)
    wave = agency.announce()
    phone, kid = agency.phone("a-1"), kid_of(agency, wave, "a")
    before = phone.sync()
    phone.ask(wave, kid, SEVEN)

    assert phone.sync() == before


@settings(max_examples=25, deadline=None)
@given(rosters())
def test_rule_of_the_phone_is_the_rule_of_the_announcement(service_session, wanted):
    with service_session.app.app_context():
        agency = service_session.agency({"a": 8})
        put_test_roster(agency, wanted)
        with read_transaction(Door.POLL_BOOK) as session:
            tree = {
                each.team_id: TeamNode(
                    each.team_id, each.parent_id, each.external_id, each.name
                )
                for each in list_teams(session, agency.id)
            }
            asked = {
                member.person_id: find_voting_team(member, tree) is not None
                for member in load_members(session, agency.id)
            }
            answered = {
                person.person_id: is_asked(session, agency.id, person.person_id)
                for person in list_people(session, agency.id)
            }
    assert answered == asked
