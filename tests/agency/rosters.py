"""Rosters to put, and the roster in the tables."""

from hypothesis import strategies as st

from rapport_service.agency.roster import put_roster
from rapport_service.agency.roster_rules import Roster, RosterPerson, RosterTeam
from rapport_service.agency.service import list_people, list_teams, load_supervisions
from rapport_service.core.db import Door, read_transaction, transaction


def roster(teams, people=()):
    """A roster of ``{team: parent}`` and ``{person: (team, *supervised)}``."""
    return Roster(
        tuple(RosterTeam(team, f"Team {team}", teams[team]) for team in teams),
        tuple(
            RosterPerson(person, team, tuple(over))
            for person, (team, *over) in dict(people).items()
        ),
    )


def put_test_roster(agency, wanted):
    """Puts a roster; the changes among teams and people."""
    with transaction(Door.POLL_BOOK) as session:
        return put_roster(session, agency.id, wanted).counts


def stored_roster(agency):
    """The roster in the tables, in the form of ``normalized_roster``."""
    with read_transaction(Door.POLL_BOOK) as session:
        teams = list_teams(session, agency.id)
        people = list_people(session, agency.id)
        supervised = load_supervisions(session, agency.id)
    names = {team.team_id: team.external_id for team in teams}
    return (
        {(t.external_id, t.name, names.get(t.parent_id)) for t in teams},
        {
            (
                person.external_id,
                names[person.team_id],
                frozenset(names[t] for t in supervised.get(person.person_id, ())),
                person.away,
            )
            for person in people
        },
    )


def normalized_roster(wanted):
    """A roster without its order and repetitions."""
    return (
        {(team.external_id, team.name, team.parent) for team in wanted.teams},
        {
            (
                person.external_id,
                person.team,
                frozenset(person.supervises),
                person.away,
            )
            for person in wanted.people
        },
    )


@st.composite
def rosters(draw):
    """A roster that is a tree, drawn from few names, so that puts overlap."""
    names = draw(st.lists(st.sampled_from("abcdef"), min_size=1, unique=True))
    some_name = st.sampled_from(names)
    teams = tuple(
        RosterTeam(
            name,
            draw(st.sampled_from(["North", "South"])),
            draw(st.sampled_from(names[:at])) if at else None,
        )
        for at, name in enumerate(names)
    )
    people = tuple(
        RosterPerson(
            person,
            draw(some_name),
            tuple(draw(st.lists(some_name, max_size=2))),
            draw(st.booleans()),
        )
        for person in draw(st.lists(st.sampled_from("uvwxyz"), unique=True))
    )
    return Roster(tuple(draw(st.permutations(teams))), people)
