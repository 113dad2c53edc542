"""``/v1/people/{external_id}/codes``: enrolment codes, for administrators."""

from flask import Blueprint

from rapport_schemas.codes import CodeReply, CodeRequest
from rapport_schemas.problems import Problem
from rapport_service.agency.service import get_person
from rapport_service.api.auth import actor, demands
from rapport_service.api.contract import Loaded, gives, takes
from rapport_service.api.qr import qr_svg
from rapport_service.charter.document import instant
from rapport_service.db import Door, transaction
from rapport_service.pollbook.enrolment import CODE_LIFETIME, mint_code
from rapport_service.pollbook.models import Purpose
from rapport_service.pollbook.tokens import Bearer, Scope
from rapport_service.wiring import wiring

blueprint = Blueprint("codes", __name__)

MOST_BYTES = 1024


@blueprint.post("/v1/people/<path:external_id>/codes")
@demands(Scope.ADMIN)
@takes(CodeRequest, MOST_BYTES)
@gives(CodeReply, Problem.PERSON_NOT_FOUND, status=201, secret=True)
def post_code(sent: Loaded, bearer: Bearer, external_id: str) -> object:
    """Makes a one-time code for somebody of the roster.

    Audited: whoever makes a code could answer as that person.
    """
    house, made_by = wiring(), actor(bearer)
    now, purpose = house.clock(), Purpose(sent["purpose"])
    with transaction(Door.POLL_BOOK) as session:
        person = get_person(session, bearer.organization_id, external_id)
        code = mint_code(session, house.keyring, person, purpose, now, made_by)
    return {
        "code": code,
        "expires_at": instant(now + CODE_LIFETIME),
        "qr": qr_svg(code),
    }
