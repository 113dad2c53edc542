"""``PUT /v1/roster``: the whole agency as it is now."""

from flask import Blueprint

from rapport_schemas.enums import Scope
from rapport_schemas.roster import (
    MAX_ROSTER_BYTES,
    RosterQuerySchema,
    RosterReplySchema,
    RosterRequestSchema,
)
from rapport_service.agency.roster import preview_roster, put_roster
from rapport_service.agency.roster_csv import parse_roster_csv
from rapport_service.agency.roster_rules import (
    roster_diff_document,
    roster_from_document,
)
from rapport_service.api.auth import (
    require_scope,
    require_unrestricted_client,
)
from rapport_service.api.operation import (
    JSON_PARSERS,
    RequestData,
    body,
    query,
    response,
)
from rapport_service.api.tables.writer import CSV
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.pollbook.tokens import Bearer

blueprint = Blueprint("roster", __name__)


@blueprint.put("/v1/roster")
@require_scope(Scope.ADMIN, Scope.ROSTER)
@query(RosterQuerySchema)
@body(RosterRequestSchema, MAX_ROSTER_BYTES, {**JSON_PARSERS, CSV: parse_roster_csv})
@response(RosterReplySchema)
def put_whole_roster(
    document: RequestData, arguments: RequestData, bearer: Bearer
) -> object:
    """Replaces the roster of the agency. You can send the same roster again.

    A dry run changes nothing. It lists the rows that would change.
    """
    dry_run = arguments["dry_run"]
    open_session = read_transaction if dry_run else transaction
    roster = roster_from_document(document)
    with open_session(Door.POLL_BOOK) as session:
        require_unrestricted_client(session, bearer)  # which is what a roster is
        use_case = preview_roster if dry_run else put_roster
        changes = use_case(session, bearer.organization_id, roster)
    return roster_diff_document(changes, dry_run=dry_run)
