"""``/v1/roster``: the whole agency as it is now."""

from flask import Blueprint

from rapport_schemas.enums import Scope
from rapport_schemas.problems import Problem
from rapport_schemas.roster import (
    MAX_ROSTER_BYTES,
    RosterQuerySchema,
    RosterReplySchema,
    RosterSchema,
)
from rapport_service.agency import roster
from rapport_service.agency.administrators import rights_document
from rapport_service.agency.roster_csv import locate_roster_errors, parse_roster_csv
from rapport_service.agency.roster_rules import (
    dump_roster,
    roster_diff_document,
    roster_from_document,
)
from rapport_service.agency.team_sizes import (
    assess_roster_sizes,
    team_sizes_document,
)
from rapport_service.api.auth import (
    get_actor,
    require_scope,
    require_unrestricted_client,
)
from rapport_service.api.json_io import CSV
from rapport_service.api.operation import (
    JSON_PARSERS,
    RequestData,
    body,
    if_match,
    query,
    response,
)
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.roster import replace_roster
from rapport_service.pollbook.tokens import Bearer

blueprint = Blueprint("roster", __name__)


@blueprint.get("/v1/roster")
@require_scope(Scope.ADMIN, Scope.ROSTER)
@response(RosterSchema)
def get_roster(bearer: Bearer) -> object:
    """Reads the roster of the agency. You can send it back as it is.

    Its rows are in the order of their external ids, so an equal roster has an equal
    ETag.
    """
    with read_transaction(Door.POLL_BOOK) as session:
        require_unrestricted_client(session, bearer)  # which is what a roster is
        current = roster.load_roster(session, bearer.organization_id)
    return dump_roster(current)


@blueprint.put("/v1/roster")
@require_scope(Scope.ADMIN, Scope.ROSTER)
@query(RosterQuerySchema)
@if_match
@body(
    RosterSchema,
    MAX_ROSTER_BYTES,
    {**JSON_PARSERS, CSV: parse_roster_csv},
    {CSV: locate_roster_errors},
)
@response(RosterReplySchema, Problem.REMOVALS_UNCONFIRMED, Problem.LAST_ADMINISTRATOR)
def put_roster(
    document: RequestData,
    expected_digests: frozenset[str] | None,
    arguments: RequestData,
    bearer: Bearer,
) -> object:
    """Replaces the roster of the agency. You can send the same roster again.

    A dry run changes nothing. It lists the rows that would change, and who of these
    people is an administrator or an auditor. If more than ten
    people and more than a tenth of all people would be removed, you must confirm their
    number. The devices of people who are removed can do nothing more, and they are no
    longer administrators or auditors; the last administrator cannot be removed. The
    reply names the teams that are too small for a score of their own. Audited, with
    every change.
    """
    dry_run = arguments["dry_run"]
    open_session = read_transaction if dry_run else transaction
    replacement = roster_from_document(document)
    document.clear()  # 200,000 people need not be in memory twice
    with open_session(Door.POLL_BOOK) as session:
        require_unrestricted_client(session, bearer)  # which is what a roster is
        changes = (
            roster.preview_roster(
                session, bearer.organization_id, replacement, expected_digests
            )
            if dry_run
            else replace_roster(
                session,
                bearer.organization_id,
                replacement,
                dependencies().clock(),
                get_actor(session, bearer),
                expected_digests,
                arguments.get("confirm_removals"),
            )
        )
        sizes = assess_roster_sizes(session, bearer.organization_id, replacement)
        rights = (
            rights_document(session, bearer.organization_id, changes)
            if dry_run
            else None
        )
    return {
        **roster_diff_document(changes, rights),
        **team_sizes_document(*sizes),
    }
