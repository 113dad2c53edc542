"""The ballot-box door: no login, no cookie, no log line, no clock."""

from flask import Blueprint, Response, request

from rapport_schemas.problems import Problem
from rapport_schemas.submissions import (
    REQUEST_BYTES,
    SubmissionsReply,
    SubmissionsRequest,
)
from rapport_service.api.http import body, dump, written
from rapport_service.api.problems import BALLOT_BOX, ProblemError
from rapport_service.ballotbox.submit import submit
from rapport_service.db import Door, reading, transaction
from rapport_service.instrument.bank import UnknownInstrument, by_digest
from rapport_service.record.service import get_charter, get_public_key

blueprint = Blueprint(BALLOT_BOX, __name__)


@blueprint.before_request
def refuse_credentials() -> None:
    """Nobody shall tell us by mistake who they are."""
    if "Authorization" in request.headers or "Cookie" in request.headers:
        raise ProblemError(Problem.CREDENTIALS_NOT_WANTED)


@blueprint.get("/v1/waves/<wave>/charter")
def get_wave_charter(wave: str) -> Response:
    """The charter of an announced wave, byte for byte."""
    with reading(Door.BALLOT_BOX) as session:
        document = get_charter(session, wave).document
    return written(document, forever=True)


@blueprint.get("/v1/instruments/<digest>")
def get_instrument(digest: str) -> Response:
    """An instrument in all its languages, byte for byte."""
    try:
        return written(by_digest(digest).document, forever=True)
    except UnknownInstrument as error:
        raise ProblemError(Problem.NOT_FOUND) from error


@blueprint.get("/v1/keys/<kid>")
def get_key(kid: str) -> Response:
    """A public ballot key as a JSON Web Key."""
    with reading(Door.BALLOT_BOX) as session:
        jwk = get_public_key(session, kid)
    if jwk is None:
        raise ProblemError(Problem.NOT_FOUND)
    return written(jwk.encode(), forever=True)


@blueprint.post("/v1/submissions")
def post_submissions() -> Response:
    """Takes answers; one result an item, told after the commit."""
    sent = body(SubmissionsRequest(), REQUEST_BYTES)
    with transaction(Door.BALLOT_BOX) as session:
        results = submit(session, sent["items"])
    response = dump(SubmissionsReply(), {"batch": sent["batch"], "results": results})
    response.headers["Cache-Control"] = "no-store"
    del response.headers["ETag"]
    return response
