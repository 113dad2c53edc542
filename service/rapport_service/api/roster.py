"""``PUT /v1/roster``: the agency as it is now."""

from flask import Blueprint

from rapport_schemas.problems import Problem
from rapport_schemas.roster import ROSTER_BYTES, RosterReply, RosterRequest
from rapport_service.agency.roster import Roster, RosterPerson, RosterTeam, put_roster
from rapport_service.agency.service import client_teams
from rapport_service.api.auth import demands
from rapport_service.api.contract import Loaded, gives, takes
from rapport_service.api.problems import ProblemError
from rapport_service.db import Door, transaction
from rapport_service.pollbook.tokens import Bearer, Scope

blueprint = Blueprint("roster", __name__)


@blueprint.put("/v1/roster")
@demands(Scope.ADMIN, Scope.ROSTER)
@takes(RosterRequest, ROSTER_BYTES)
@gives(RosterReply)
def put_whole_roster(sent: Loaded, bearer: Bearer) -> object:
    """Makes the agency equal to what is sent; safe to send again."""
    with transaction(Door.POLL_BOOK) as session:
        if client_teams(session, bearer.organization_id, bearer.subject):
            # A roster is the whole agency; this client is limited to a part of it.
            raise ProblemError(Problem.SCOPE_MISSING, needs=["a client without limit"])
        teams, people = put_roster(session, bearer.organization_id, read_roster(sent))
    return {"teams": teams, "people": people}


def read_roster(sent: Loaded) -> Roster:
    """The roster in a checked body."""
    return Roster(
        teams=tuple(RosterTeam(**team) for team in sent["teams"]),
        people=tuple(
            RosterPerson(**{**person, "supervises": tuple(person["supervises"])})
            for person in sent["people"]
        ),
    )
