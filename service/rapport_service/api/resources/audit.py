"""``/v1/audit``: changes by people and programs, for administrators and auditors."""

from datetime import datetime

from flask import Blueprint

from rapport_schemas.audit import AuditQuerySchema, AuditReplySchema
from rapport_schemas.enums import Scope
from rapport_service.agency import audit
from rapport_service.api.auth import require_scope
from rapport_service.api.operation import RequestData, query, response
from rapport_service.api.pages import read_page_request, write_cursor
from rapport_service.core.db import Door, read_transaction
from rapport_service.pollbook.tokens import Bearer
from rapport_service.tables.audit_columns import AUDIT

blueprint = Blueprint("audit", __name__)


@blueprint.get("/v1/audit")
@require_scope(Scope.ADMIN, Scope.AUDIT)
@query(AuditQuerySchema)
@response(AuditReplySchema, table=AUDIT)
def list_audit(arguments: RequestData, bearer: Bearer) -> object:
    """Lists what people and programs changed in your agency, the newest first.

    For administrators and auditors. In CSV each change has a row.
    """
    organization_id = bearer.organization_id
    wanted = read_page_request(arguments, organization_id)
    with read_transaction(Door.POLL_BOOK) as session:
        page = audit.list_entries(
            session, organization_id, wanted, _read_filter(arguments)
        )
    return {
        "entries": [audit.entry_document(entry) for entry in page.rows],
        "next": write_cursor(page.last_key, organization_id),
    }


def _read_filter(arguments: RequestData) -> audit.EntryFilter:
    since, until = (
        None if text is None else datetime.fromisoformat(text)
        for text in (arguments.get("since"), arguments.get("until"))
    )
    return audit.EntryFilter(
        arguments.get("action"),
        arguments.get("actor_id"),
        arguments.get("subject_id"),
        since,
        until,
    )
