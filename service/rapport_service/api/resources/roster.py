"""``PUT /v1/roster``: the agency as it is now."""

from dataclasses import asdict

from flask import Blueprint

from rapport_schemas.roster import (
    MAX_ROSTER_BYTES,
    RosterQuerySchema,
    RosterReplySchema,
    RosterRequestSchema,
)
from rapport_service.agency.roster import preview_roster, put_roster
from rapport_service.agency.roster_rules import (
    Roster,
    RosterDiff,
    RosterPerson,
    RosterTeam,
)
from rapport_service.api.auth import require_scope, require_unrestricted_client
from rapport_service.api.operation import (
    JSON_PARSERS,
    RequestData,
    body,
    query,
    response,
)
from rapport_service.api.tables.roster import read_csv
from rapport_service.api.tables.writer import CSV
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.pollbook.tokens import Bearer, Scope

blueprint = Blueprint("roster", __name__)


@blueprint.put("/v1/roster")
@require_scope(Scope.ADMIN, Scope.ROSTER)
@query(RosterQuerySchema)
@body(RosterRequestSchema, MAX_ROSTER_BYTES, {**JSON_PARSERS, CSV: read_csv})
@response(RosterReplySchema)
def put_whole_roster(sent: RequestData, asked: RequestData, bearer: Bearer) -> object:
    """Makes the agency equal to what is sent; safe to send again.

    A dry run changes nothing and tells what would change.
    """
    door = read_transaction if asked["dry_run"] else transaction
    roster = read_roster(sent)
    with door(Door.POLL_BOOK) as session:
        require_unrestricted_client(session, bearer)  # which is what a roster is
        use_case = preview_roster if asked["dry_run"] else put_roster
        changes = use_case(session, bearer.organization_id, roster)
    return changes_document(changes, dry_run=asked["dry_run"])


def read_roster(sent: RequestData) -> Roster:
    """The roster in a checked body."""
    return Roster(
        teams=tuple(RosterTeam(**team) for team in sent["teams"]),
        people=tuple(
            RosterPerson(**{**person, "supervises": tuple(person["supervises"])})
            for person in sent["people"]
        ),
    )


def changes_document(changes: RosterDiff, *, dry_run: bool) -> dict[str, object]:
    """What a roster changed, counted; row by row for a dry run."""
    teams, people = changes.counts
    counted: dict[str, object] = {"teams": asdict(teams), "people": asdict(people)}
    return counted | ({"diff": asdict(changes)} if dry_run else {})
