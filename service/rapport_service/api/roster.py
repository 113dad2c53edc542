"""``PUT /v1/roster``: the agency as it is now."""

from typing import Any

from flask import Blueprint, Response

from rapport_schemas.problems import Problem
from rapport_schemas.roster import ROSTER_BYTES, RosterReply, RosterRequest
from rapport_service.agency.roster import Roster, RosterPerson, RosterTeam, put_roster
from rapport_service.agency.service import client_teams
from rapport_service.api.auth import demands
from rapport_service.api.http import body, dump
from rapport_service.api.problems import ProblemError
from rapport_service.db import Door, transaction
from rapport_service.pollbook.tokens import Bearer, Scope

blueprint = Blueprint("roster", __name__)


@blueprint.put("/v1/roster")
@demands(Scope.ADMIN, Scope.INTEGRATOR)
def put_whole_roster(bearer: Bearer) -> Response:
    """Makes the agency equal to what is sent; safe to send again."""
    sent = body(RosterRequest(), ROSTER_BYTES)
    with transaction(Door.POLL_BOOK) as session:
        if client_teams(session, bearer.organization_id, bearer.subject):
            # A roster is the whole agency; this client is limited to a part of it.
            raise ProblemError(Problem.SCOPE_MISSING, needs=["a client without limit"])
        teams, people = put_roster(session, bearer.organization_id, read_roster(sent))
    return dump(RosterReply(), {"teams": teams, "people": people})


def read_roster(sent: dict[str, Any]) -> Roster:
    """The roster in a checked body."""
    return Roster(
        teams=tuple(RosterTeam(**team) for team in sent["teams"]),
        people=tuple(
            RosterPerson(**{**person, "supervises": tuple(person["supervises"])})
            for person in sent["people"]
        ),
    )
