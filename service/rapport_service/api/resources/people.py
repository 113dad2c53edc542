"""``/v1/people``: the people of the roster, for administrators and programs."""

from flask import Blueprint

from rapport_schemas.enums import Scope
from rapport_schemas.people import PeopleQuerySchema, PeopleReplySchema, PersonSchema
from rapport_schemas.problems import Problem
from rapport_service.agency import people
from rapport_service.api.auth import require_scope, require_unrestricted_client
from rapport_service.api.operation import RequestData, query, response
from rapport_service.api.pages import read_page_request, write_cursor
from rapport_service.core.db import Door, read_transaction
from rapport_service.pollbook.tokens import Bearer

blueprint = Blueprint("people", __name__)


@blueprint.get("/v1/people")
@require_scope(Scope.ADMIN, Scope.ROSTER)
@query(PeopleQuerySchema)
@response(PeopleReplySchema)
def list_people(arguments: RequestData, bearer: Bearer) -> object:
    """Lists the people of the roster, or the one with an external ID."""
    organization_id, external_id = bearer.organization_id, arguments.get("external_id")
    wanted = read_page_request(arguments, organization_id)
    with read_transaction(Door.POLL_BOOK) as session:
        require_unrestricted_client(session, bearer)
        page = people.load_people(session, organization_id, external_id, wanted)
    return {
        "people": [people.person_document(person) for person in page.rows],
        "next": write_cursor(page.last_key, organization_id),
    }


@blueprint.get("/v1/people/<path:external_id>")
@require_scope(Scope.ADMIN, Scope.ROSTER)
@response(PersonSchema, Problem.PERSON_NOT_FOUND)
def get_person(bearer: Bearer, external_id: str) -> object:
    """Reads a person of the roster: their team, and the teams that they supervise.

    Nothing says whether the person has a device.
    """
    with read_transaction(Door.POLL_BOOK) as session:
        require_unrestricted_client(session, bearer)
        person = people.load_person(session, bearer.organization_id, external_id)
    return people.person_document(person)
