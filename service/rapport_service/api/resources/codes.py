"""``/v1/people/{external_id}/codes``: enrolment codes, for administrators."""

from flask import Blueprint

from rapport_schemas.codes import CodeReplySchema, CodeRequestSchema
from rapport_schemas.enums import Purpose, Scope
from rapport_schemas.problems import Problem
from rapport_service.agency.service import get_person
from rapport_service.api.auth import get_actor, require_scope
from rapport_service.api.operation import RequestData, body, response
from rapport_service.api.qr import qr_svg
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.encoding.timestamps import format_utc
from rapport_service.pollbook.enrolment import (
    CODE_LIFETIME,
    mint_code_as_administrator,
)
from rapport_service.pollbook.tokens import Bearer

blueprint = Blueprint("codes", __name__)

MAX_CODE_BYTES = 1024


@blueprint.post("/v1/people/<path:external_id>/codes")
@require_scope(Scope.ADMIN)
@body(CodeRequestSchema, MAX_CODE_BYTES)
@response(
    CodeReplySchema,
    Problem.PERSON_NOT_FOUND,
    Problem.ID_USED,
    Problem.READING_CODE_REFUSED,
    status=201,
    secret=True,
)
def create_code(document: RequestData, bearer: Bearer, external_id: str) -> object:
    """Makes a one-time code for a person of the roster.

    Audited, because a person who has the code can answer in place of its owner. A code
    for reading lets a person act as its owner, so you can make none for another
    administrator or auditor. The
    same ``id`` and purpose again make another code in place of the first. That is
    refused once the code has been used.
    """
    deps, purpose = dependencies(), Purpose(document["purpose"])
    now, keyring = deps.clock(), deps.keyring
    with transaction(Door.POLL_BOOK) as session:
        person = get_person(session, bearer.organization_id, external_id)
        actor = get_actor(session, bearer)
        code = mint_code_as_administrator(
            session, keyring, person, purpose, now, actor, document["id"]
        )
    return {
        "id": document["id"],
        "code": code,
        "expires_at": format_utc(now + CODE_LIFETIME),
        "qr": qr_svg(code),
    }
