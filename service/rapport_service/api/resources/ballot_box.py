"""The ballot-box door: no login, no cookie, no log line, no clock."""

from flask import Blueprint, request

from rapport_schemas.charter import CharterSchema
from rapport_schemas.errors import DocumentInvalidError, ErrorCode, FieldError
from rapport_schemas.instrument import InstrumentSchema
from rapport_schemas.keys import BallotKeySchema
from rapport_schemas.loading import parse_json
from rapport_schemas.problems import Problem
from rapport_schemas.submissions import (
    MAX_ITEMS,
    MAX_REQUEST_BYTES,
    EnvelopeCheckReplySchema,
    EnvelopeCheckRequestSchema,
    SubmissionsReplySchema,
    SubmissionsRequestSchema,
)
from rapport_service.api.json_io import JSON
from rapport_service.api.operation import RequestData, body, response
from rapport_service.api.problems import BALLOT_BOX, SUBMISSION_LIMITS, ProblemError
from rapport_service.ballotbox import envelope_check
from rapport_service.ballotbox.service import submit
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.encoding import base64url
from rapport_service.instrument.bank import UnknownInstrument, instrument_by_digest
from rapport_service.registry import queries

blueprint = Blueprint(BALLOT_BOX, __name__)

MAX_CHECK_BYTES = 2 * 1024


@blueprint.before_request
def refuse_credentials() -> None:
    """Refuses requests with credentials: they would say who sends the ballots."""
    if "Authorization" in request.headers or "Cookie" in request.headers:
        raise ProblemError(Problem.CREDENTIALS_NOT_WANTED)


@blueprint.get("/v1/waves/<wave_id>/charter")
@response(CharterSchema, Problem.NOT_FOUND, immutable=True)
def get_charter(wave_id: str) -> object:
    """The charter of an announced wave, byte for byte."""
    with read_transaction(Door.BALLOT_BOX) as session:
        return queries.get_charter(session, wave_id).document


@blueprint.get("/v1/instruments/<instrument_digest>")
@response(InstrumentSchema, Problem.NOT_FOUND, immutable=True)
def get_instrument(instrument_digest: str) -> object:
    """An instrument in all its languages, byte for byte."""
    try:
        return instrument_by_digest(instrument_digest).document
    except UnknownInstrument as error:
        raise ProblemError(Problem.NOT_FOUND) from error


@blueprint.get("/v1/keys/<ballot_key_id>")
@response(BallotKeySchema, Problem.NOT_FOUND, immutable=True)
def get_ballot_key(ballot_key_id: str) -> object:
    """A public ballot key as a JSON Web Key."""
    with read_transaction(Door.BALLOT_BOX) as session:
        jwk = queries.get_public_key(session, ballot_key_id)
    if jwk is None:
        raise ProblemError(Problem.NOT_FOUND)
    return jwk.encode()


def read_batch(data: bytes) -> object:
    """Parses a batch; too many items are too large, as too many bytes are.

    Raises:
        DocumentMalformedError: it is no JSON.
        ProblemError: ``too-large`` with the limits.
    """
    document = parse_json(data)
    match document:
        case {"items": [*items]} if len(items) > MAX_ITEMS:
            raise ProblemError(Problem.TOO_LARGE, limits=SUBMISSION_LIMITS)
    return document


@blueprint.post("/v1/submissions")
@body(SubmissionsRequestSchema, MAX_REQUEST_BYTES, {JSON: read_batch})
@response(SubmissionsReplySchema)
def create_submissions(document: RequestData) -> object:
    """Takes envelopes. Returns one result for each item, after the commit."""
    with transaction(Door.BALLOT_BOX) as session:
        results = submit(session, document["items"])
    return {"batch": document["batch"], "results": results}


@blueprint.post("/v1/envelopes/check")
@body(EnvelopeCheckRequestSchema, MAX_CHECK_BYTES)
@response(EnvelopeCheckReplySchema)
def check_envelope(document: RequestData) -> object:
    """Opens an envelope made for the published test key. Stores and logs nothing.

    For those who write their own client: no wave has the test key, so nothing that
    anybody answered can be opened here.
    """
    try:
        instrument = instrument_by_digest(document["instrument_digest"])
    except UnknownInstrument as error:
        detail = "must be the digest of an instrument of this service"
        raise DocumentInvalidError(
            [FieldError("/instrument_digest", ErrorCode.NOT_IN_LIST, detail)]
        ) from error
    ballot_hash, charter_digest = (
        _decode_digest(document, name) for name in ("ballot_hash", "charter_digest")
    )
    return envelope_check.check_envelope(
        base64url.decode(document["envelope"]),
        document["ballot_key_id"],
        ballot_hash,
        charter_digest,
        instrument,
    )


def _decode_digest(document: RequestData, name: str) -> bytes:
    try:
        return base64url.decode(document[name])
    except base64url.NotBase64Error as error:
        detail = "must have unused bits that are zero"
        raise DocumentInvalidError(
            [FieldError(f"/{name}", ErrorCode.WRONG_FORMAT, detail)]
        ) from error
