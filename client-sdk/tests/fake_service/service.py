"""In-memory service, used as a transport.

It has real RSA keys and verifies ballots with a stock JWT library. ``intercept`` sees
each request first, and decides whether the service gets it and which reply comes back.
"""

import gzip
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from fake_service import documents
from fake_service.ballot_box import (
    BallotBox,
    RejectedError,
    build_result,
    parse_item,
)
from fake_service.envelopes import check_envelope, open_envelope
from fake_service.faults import no_fault
from fake_service.signing import blind_sign
from rapport_client import Request, Response
from rapport_client._protocol import base64url

BALLOT_BOX_RESOURCES = ("waves", "instruments", "keys", "envelopes", "submissions")
CODE = "acme-7QFM-29XK-T4WD"
LIMITS = {"items": 500, "bytes": 1048576}
ReplyFactory = Callable[[], Response]


@dataclass
class Wave:
    """A wave of the service; ``sealed`` from the beginning of its seal on.

    A service gives its sealing keys to the sealing job alone; here the tests have them.
    """

    id: str
    key: RSAPrivateKey
    kid: str
    sealing_key: EllipticCurvePrivateKey
    charter: bytes
    jwk: bytes
    state: str = "open"
    reason: str | None = None
    sealed: bool = False
    signed: dict = field(default_factory=dict)  # blinded value -> signature

    @property
    def digest(self):
        return base64url.digest(self.charter)


@dataclass
class FakeService:
    """The service.

    ``batches`` holds the number of items of each submission; ``clock`` puts a ``Date``
    on every reply; ``people`` names the person of a code, where that is not the code;
    ``scope`` is that of every token.
    """

    intercept: Callable[[Request, ReplyFactory], Response] = field(default=no_fault)
    waves: dict[str, Wave] = field(default_factory=dict)
    codes: dict[str, str | None] = field(default_factory=lambda: {CODE: None})
    people: dict[str, str] = field(default_factory=dict)
    token_key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    ballot_box: BallotBox = field(default_factory=BallotBox)
    batches: list[int] = field(default_factory=list)
    devices: list[str] = field(default_factory=list)
    log: list[Request] = field(default_factory=list)
    valid_access_tokens: set[str] = field(default_factory=set)
    valid_refresh_tokens: dict[str, str] = field(default_factory=dict)
    revoked: bool = False
    not_asked: bool = False
    scope: str = "member"
    epoch: str = "epoch-1"
    limits: dict = field(default_factory=lambda: dict(LIMITS))
    clock: Callable[[], datetime] | None = None
    scores: dict[str, dict] = field(default_factory=dict)
    planned: dict[str, dict] = field(default_factory=dict)
    roster: dict = field(default_factory=lambda: {"teams": [], "people": []})
    instrument: bytes = documents.to_bytes(documents.instrument())

    def add_wave(
        self, key, *, state="open", edit_charter=lambda _: None, **dates
    ) -> Wave:
        """Announces a wave; ``edit_charter`` changes its charter beforehand."""
        wave_id, kid = f"acme.{uuid4()}", documents.kid_of(key)
        sealing_key = ec.generate_private_key(ec.SECP256R1())
        charter = documents.charter(
            wave_id, kid, base64url.digest(self.instrument), sealing_key, **dates
        )
        edit_charter(charter)
        wave = Wave(
            id=wave_id,
            key=key,
            kid=kid,
            sealing_key=sealing_key,
            charter=documents.to_bytes(charter),
            jwk=documents.to_bytes(documents.jwk(key)),
            state=state,
        )
        self.waves[wave_id] = wave
        return wave

    @property
    def submissions(self):
        """Hashes of the ballots under which an envelope is stored."""
        ballots = self.ballot_box.ballots
        return {name for name in ballots if ballots[name].status != "withdrawn"}

    @property
    def withdrawn(self):
        """Hashes of the ballots that are withdrawn."""
        return self.ballot_box.ballots.keys() - self.submissions

    @property
    def contents(self):
        """Documents in the envelopes, as the seal would find them, oldest first."""
        return [
            open_envelope(self.waves[ballot.wave_id], name, ballot.envelope)
            for name, ballot in self.ballot_box.ballots.items()
            if ballot.status == "accepted"
        ]

    def open_item(self, item):
        """The document in the envelope of an item, as the seal would find it."""
        parsed = parse_item(item)
        return open_envelope(self._wave_of(parsed.kid), parsed.name, parsed.envelope)

    def restore_empty_backup(self):
        """Loses every submission, as after the restore of an older backup."""
        self.ballot_box.ballots.clear()
        self.epoch = "epoch-2"

    def end_wave(self, wave, state):
        """Cancels or retires a wave, which removes its ballots."""
        wave.state = state
        self.ballot_box.remove_wave(wave)

    def send(self, request: Request) -> Response:
        self.log.append(request)
        return self.intercept(request, lambda: self._with_date(self._answer(request)))

    def _with_date(self, response: Response) -> Response:
        """The reply with a ``Date``, if the service has a clock."""
        if self.clock is None:
            return response
        date = format_datetime(self.clock(), usegmt=True)
        return replace(response, headers={**response.headers, "date": date})

    def paths(self):
        return [urlsplit(request.url).path for request in self.log]

    def _answer(self, request: Request) -> Response:
        path = unquote(urlsplit(request.url).path)
        first, *rest = path.removeprefix("/v1/").split("/")
        if first in BALLOT_BOX_RESOURCES and "Authorization" not in request.headers:
            return self._answer_at_ballot_box(first, rest, request)
        if first == "enrolments":
            return self._enrol(json.loads(request.body))
        if first == "token":
            return self._token(parse_qs(request.body.decode()))
        if first == "jwks":
            return reply({"keys": [documents.token_jwk(self.token_key)]})
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.valid_access_tokens:
            return problem(401, "token-invalid")
        return {
            "sync": lambda: self._sync(request),
            "ballots": lambda: self._sign(request),
            "roster": lambda: self._roster(request),
            "teams": lambda: (
                reply(self.scores[rest[0]]) if rest[1:] else self._teams(rest, request)
            ),
            "waves": lambda: self._waves(rest, request),
        }[first]()

    def _answer_at_ballot_box(self, first, rest, request) -> Response:
        if {"authorization", "cookie"} & {name.lower() for name in request.headers}:
            return problem(400, "credentials-not-wanted")
        if request.method == "POST":
            return self._take(first, read_request(request))
        match [first, *rest]:
            case ["waves", wave, "charter"] if wave in self.waves:
                return reply_bytes(self.waves[wave].charter)
            case ["instruments", digest] if digest == base64url.digest(self.instrument):
                return reply_bytes(self.instrument)
            case ["keys", kid] if (wave := self._wave_of(kid)) is not None:
                return reply_bytes(wave.jwk)
        return problem(404, "not-found")

    def _wave_of(self, kid):
        return next((wave for wave in self.waves.values() if wave.kid == kid), None)

    def _enrol(self, body):
        code, device = body["code"], body["device"]
        if code not in self.codes:
            return problem(404, "code-unknown")
        self.devices.append(device)
        if self.codes[code] not in {None, device}:
            return problem(409, "code-used")
        self.codes[code] = device
        return self._new_tokens(device, self.people.get(code, code))

    def _token(self, form):
        match form["grant_type"]:
            case ["refresh_token"] if (
                form["refresh_token"][0] in self.valid_refresh_tokens
            ):
                token = form["refresh_token"][0]
                return self._new_tokens(token, self.valid_refresh_tokens[token])
            case ["client_credentials"] if form["client_secret"] == ["s3cret"]:
                return self._new_tokens("s3cret", "client", refresh=False)
            case ["client_credentials"]:
                return problem(401, "client-invalid")
        return problem(400, "grant-invalid")

    def _new_tokens(self, presented, person, *, refresh=True):
        tokens = {"token_type": "Bearer", "expires_in": 900, "scope": self.scope}
        tokens["echo"] = base64url.digest(presented.encode())
        tokens["access_token"] = jwt.encode(
            {"org": "acme", "sub": person, "jti": secrets.token_urlsafe(16), "exp": 0},
            self.token_key,
            algorithm="EdDSA",
            headers={"kid": documents.token_jwk(self.token_key)["kid"]},
        )
        self.valid_access_tokens.add(tokens["access_token"])
        if refresh:
            tokens["refresh_token"] = secrets.token_urlsafe(16)
            self.valid_refresh_tokens[tokens["refresh_token"]] = person
        return reply(tokens)

    def _sync(self, request):
        body = documents.to_bytes(
            {
                "epoch": self.epoch,
                "limits": self.limits,
                "directives": [
                    *(["revoked"] if self.revoked else []),
                    *(["not_asked"] if self.not_asked else []),
                ],
                "waves": [
                    {
                        "wave_id": wave.id,
                        "state": wave.state,
                        "charter_digest": wave.digest,
                        "voting_team_id": documents.TEAM,
                        "reason": wave.reason,
                    }
                    for wave in self.waves.values()
                    if wave.state not in {"closed", "retired"}
                ],
            }
        )
        etag = f'"{base64url.digest(body)}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(304, {"etag": etag}, b"")
        return reply_bytes(body, etag=etag)

    def _sign(self, request):
        asks = json.loads(request.body)["requests"]
        return reply({"results": [self._sign_one(ask) for ask in asks]})

    def _sign_one(self, ask):
        wave = self.waves[ask["wave_id"]]
        if ask["ballot_key_id"] != wave.kid:
            return {"wave_id": wave.id, "status": "wrong_key", "signature": None}
        if wave.signed and ask["blinded"] not in wave.signed:
            return {"wave_id": wave.id, "status": "already_drawn", "signature": None}
        signature = blind_sign(wave.key, base64url.decode(ask["blinded"]))
        wave.signed[ask["blinded"]] = base64url.encode(signature)
        return {
            "wave_id": wave.id,
            "status": "signed",
            "signature": wave.signed[ask["blinded"]],
        }

    def _take(self, resource, body) -> Response:
        if resource == "envelopes":
            return reply(check_envelope(body, self.instrument))
        return self._submit(body)

    def _submit(self, body):
        for number, item in enumerate(body["items"]):
            if isinstance(item, dict) and "content" in item:
                return problem(
                    400,
                    "unknown-field",
                    errors=[
                        {
                            "pointer": f"/items/{number}/content",
                            "code": "unknown",
                            "detail": "has gone; send an envelope",
                        }
                    ],
                )
        self.batches.append(len(body["items"]))
        results = [self._process(item) for item in body["items"]]
        return reply({"protocol": 1, "batch": body["batch"], "results": results})

    def _process(self, item):
        """The result of an item, by the table of statuses."""
        try:
            parsed = parse_item(item)
            wave = self._verify(parsed)
        except RejectedError as error:
            return error.result
        if parsed.op == "withdraw":
            status, reason = self.ballot_box.withdraw(wave, parsed.name)
        else:
            status, reason = self.ballot_box.submit(wave, parsed.name, parsed.envelope)
        return build_result(status, reason, parsed.name, parsed.digest)

    def _verify(self, item):
        """The wave of an item's ballot, whose signature has to be valid."""
        wave = self._wave_of(item.kid)
        if wave is None:
            raise RejectedError("ballot_unknown_key", item.name, item.digest)
        try:
            jwt.decode(item.ballot, wave.key.public_key(), algorithms=["PS384"])
        except jwt.InvalidTokenError as error:
            raise RejectedError("ballot_invalid", item.name, item.digest) from error
        return wave

    def _teams(self, rest, request):
        asked = parse_qs(urlsplit(request.url).query).get("external_id", ["north"])
        team = {
            "id": documents.TEAM,
            "external_id": "north",
            "name": "North",
            "parent_id": documents.ROOT,
            "gone": False,
        }
        if rest:
            return reply(team)
        teams = [team] if asked == [team["external_id"]] else []
        return reply({"teams": teams, "next": None})

    def _waves(self, rest, request):
        """Plans a wave, or cancels one; a repetition changes nothing."""
        asked = json.loads(request.body)
        if rest:
            return reply({**self.planned[rest[0]], "state": "cancelled", **asked})
        wave = self.planned.setdefault(
            f"acme.{asked['id']}",
            {
                **asked,
                "id": f"acme.{asked['id']}",
                "pulse_id": None,
                "state": "planned",
                "retires_at": asked["seals_at"],
                "reason": None,
            },
        )
        if wave["opens_at"] != asked["opens_at"]:
            return problem(409, "id-used")
        sizes = {"can_be_asked": True, "teams_without_score": []}
        return replace(reply({**wave, **sizes}), status=201)

    def _roster(self, request):
        body = documents.roster_bytes(self.roster)
        etag = f'"{base64url.digest(body)}"'
        if request.method == "GET":
            if etag in request.headers.get("If-None-Match", ""):
                return Response(304, {"etag": etag}, b"")
            return reply_bytes(body, etag=etag)
        if request.headers.get("If-Match", etag) != etag:
            return problem(412, "precondition-failed")
        roster = json.loads(request.body)
        names = {person["external_id"] for person in roster["people"]}
        removals = sum(
            person["external_id"] not in names for person in self.roster["people"]
        )
        query = parse_qs(urlsplit(request.url).query)
        if removals > 10 and query.get("confirm_removals") != [str(removals)]:
            detail = f"{removals} people are not in this roster."
            return problem(
                409, "removals-unconfirmed", detail=detail, removals=removals
            )
        self.roster = roster
        return reply(
            {
                name: {"added": len(roster[name]), "changed": 0, "removed": 0}
                for name in ("teams", "people")
            }
        )


def read_request(request):
    """The document of a submission; the SDK gzips it, ``curl`` sends it as it is."""
    if request.headers.get("Content-Encoding") == "gzip":
        return json.loads(gzip.decompress(request.body))
    return json.loads(request.body)


def reply(document) -> Response:
    return reply_bytes(documents.to_bytes(document))


def reply_bytes(body, **headers) -> Response:
    return Response(200, {"content-type": "application/json", **headers}, body)


def problem(status, code, **members) -> Response:
    document = {"type": f"/problems/{code}", "title": code, "code": code, **members}
    return Response(
        status,
        {"content-type": "application/problem+json"},
        documents.to_bytes(document),
    )
