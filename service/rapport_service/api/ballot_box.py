"""The ballot-box door: no login, no cookie, no log line, no clock."""

from flask import Blueprint, request

from rapport_schemas.charter import Charter
from rapport_schemas.instrument import Instrument
from rapport_schemas.keys import BallotKey
from rapport_schemas.problems import Problem
from rapport_schemas.submissions import (
    ITEMS_AT_ONCE,
    REQUEST_BYTES,
    SubmissionsReply,
    SubmissionsRequest,
)
from rapport_service.api.contract import Loaded, gives, takes
from rapport_service.api.http import JSON, parse
from rapport_service.api.problems import BALLOT_BOX, LIMITS, ProblemError
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
@gives(Charter, Problem.NOT_FOUND, forever=True)
def get_wave_charter(wave: str) -> object:
    """The charter of an announced wave, byte for byte."""
    with reading(Door.BALLOT_BOX) as session:
        return get_charter(session, wave).document


@blueprint.get("/v1/instruments/<digest>")
@gives(Instrument, Problem.NOT_FOUND, forever=True)
def get_instrument(digest: str) -> object:
    """An instrument in all its languages, byte for byte."""
    try:
        return by_digest(digest).document
    except UnknownInstrument as error:
        raise ProblemError(Problem.NOT_FOUND) from error


@blueprint.get("/v1/keys/<kid>")
@gives(BallotKey, Problem.NOT_FOUND, forever=True)
def get_key(kid: str) -> object:
    """A public ballot key as a JSON Web Key."""
    with reading(Door.BALLOT_BOX) as session:
        jwk = get_public_key(session, kid)
    if jwk is None:
        raise ProblemError(Problem.NOT_FOUND)
    return jwk.encode()


def read_envelope(data: bytes) -> object:
    """The envelope; more items than may come are too large, as more bytes are.

    Raises:
        ProblemError: ``malformed``, or ``too-large`` with the limits.
    """
    document = parse(data)
    match document:
        case {"items": [*items]} if len(items) > ITEMS_AT_ONCE:
            raise ProblemError(Problem.TOO_LARGE, limits=LIMITS)
    return document


@blueprint.post("/v1/submissions")
@takes(SubmissionsRequest, REQUEST_BYTES, {JSON: read_envelope})
@gives(SubmissionsReply)
def post_submissions(sent: Loaded) -> object:
    """Takes answers; one result an item, told after the commit."""
    with transaction(Door.BALLOT_BOX) as session:
        results = submit(session, sent["items"])
    return {"batch": sent["batch"], "results": results}
