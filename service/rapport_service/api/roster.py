"""``PUT /v1/roster``: the agency as it is now."""

from dataclasses import asdict

from flask import Blueprint

from rapport_schemas.roster import (
    ROSTER_BYTES,
    RosterQuery,
    RosterReply,
    RosterRequest,
)
from rapport_service.agency.roster import put_roster, try_roster
from rapport_service.agency.roster_rules import (
    Differences,
    Roster,
    RosterPerson,
    RosterTeam,
)
from rapport_service.api.auth import demand_whole, demands
from rapport_service.api.contract import READ_JSON, Loaded, gives, queries, takes
from rapport_service.api.roster_csv import read_csv
from rapport_service.api.table import CSV
from rapport_service.db import Door, reading, transaction
from rapport_service.pollbook.tokens import Bearer, Scope

blueprint = Blueprint("roster", __name__)


@blueprint.put("/v1/roster")
@demands(Scope.ADMIN, Scope.ROSTER)
@queries(RosterQuery)
@takes(RosterRequest, ROSTER_BYTES, {**READ_JSON, CSV: read_csv})
@gives(RosterReply)
def put_whole_roster(sent: Loaded, asked: Loaded, bearer: Bearer) -> object:
    """Makes the agency equal to what is sent; safe to send again.

    A dry run changes nothing and tells what would change.
    """
    door = reading if asked["dry_run"] else transaction
    roster = read_roster(sent)
    with door(Door.POLL_BOOK) as session:
        demand_whole(session, bearer)  # which is what a roster is
        use_case = try_roster if asked["dry_run"] else put_roster
        changes = use_case(session, bearer.organization_id, roster)
    return told_changes(changes, dry_run=asked["dry_run"])


def read_roster(sent: Loaded) -> Roster:
    """The roster in a checked body."""
    return Roster(
        teams=tuple(RosterTeam(**team) for team in sent["teams"]),
        people=tuple(
            RosterPerson(**{**person, "supervises": tuple(person["supervises"])})
            for person in sent["people"]
        ),
    )


def told_changes(changes: Differences, *, dry_run: bool) -> dict[str, object]:
    """What a roster changed, counted; row by row for a dry run."""
    teams, people = changes.counts
    counted: dict[str, object] = {"teams": asdict(teams), "people": asdict(people)}
    return counted | ({"diff": asdict(changes)} if dry_run else {})
