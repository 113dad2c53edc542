"""Requests of people who answer."""

import hashlib
import json
from functools import partial
from typing import Any

from rapport_client._ballots import minting
from rapport_client._protocol import base64url
from rapport_service.blindsign.ballot import parse
from rapport_service.core.db import Door, transaction
from rapport_service.envelope.hpke import envelope_info, seal_envelope
from rapport_service.envelope.sealing_key import make_sealing_key
from rapport_service.envelope.test_key import TEST_KEY
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.registry.queries import get_wave
from rapport_service.waves.transitions import cancel_wave
from tests.support.audit import TEST_ACTOR
from tests.support.http_phone import Phone, content, item, withdrawal
from tools.openapi.steps.administration import TEAM_SIZES
from tools.openapi.steps.reports import read_pending_reports
from tools.openapi.walkthrough import UNKNOWN_ID, ExampleRequest, Walkthrough


def enrol_people(walkthrough: Walkthrough) -> None:
    """Codes for tokens, and tokens for tokens."""
    device, another = (base64url.encode(bytes([n]) * 32) for n in (1, 2))
    enrol = partial(walkthrough.send, path="/v1/enrolments")
    old = walkthrough.agency.code("intake-2")
    walkthrough.service.clock.advance(days=31)
    code = walkthrough.agency.code("intake-1")
    body = {"code": code, "device": device}
    tokens = enrol(
        "create_enrolment.tokens", "A device exchanges a code for tokens.", body=body
    )
    walkthrough.get(
        "sync.nothing",
        "No wave is announced yet.",
        "/v1/sync",
        tokens["access_token"],
    )
    body = {"code": code, "device": another}
    enrol("create_enrolment.code-used", "Another device has used the code.", body=body)
    body = {"code": old, "device": device}
    enrol("create_enrolment.code-expired", "The code is older than 30 days.", body=body)
    body = {"code": f"{code[:-4]}0000", "device": device}
    enrol("create_enrolment.code-unknown", "The code has a typing error.", body=body)
    enrol(
        "create_enrolment.invalid", "The request names no device.", body={"code": code}
    )
    _renew_tokens(walkthrough, tokens["refresh_token"])
    walkthrough.service.clock.advance(hours=1)
    sync = partial(walkthrough.get, path="/v1/sync")
    sync("sync.unauthenticated", "The request has no token.")
    token = tokens["access_token"]
    sync("sync.token-expired", "The token is older than 15 minutes.", token=token)


def _renew_tokens(walkthrough: Walkthrough, refresh_token: str) -> None:
    def grant(name: str, about: str, grant_type: str, **form: str) -> Any:
        form = {"grant_type": grant_type, **form}
        asked = ExampleRequest("POST", "/v1/token", {}, form=form)
        return walkthrough.ask(f"create_token.{name}", about, asked)

    refresh = partial(grant, grant_type="refresh_token")
    tokens = refresh(
        "refreshed", "A refresh token gives new tokens.", refresh_token=refresh_token
    )
    broken = f"{refresh_token[:-4]}AAAA"
    refresh(
        "grant-invalid", "The service did not make this token.", refresh_token=broken
    )
    client_id, secret = walkthrough.agency.client()
    log_in = partial(grant, grant_type="client_credentials", client_id=client_id)
    client = log_in("client", "A service client logs in.", client_secret=secret)
    log_in("client-invalid", "The secret is wrong.", client_secret=f"{secret}A")
    grant("grant-unsupported", "The service takes no passwords.", "password")
    token = tokens["access_token"]
    walkthrough.send(
        "put_roster.scope-missing",
        "A member cannot replace the roster.",
        "/v1/roster",
        {},
        token,
    )
    walkthrough.get(
        "list_teams.client",
        "All teams that a client can see.",
        "/v1/teams",
        client["access_token"],
    )


def announce_wave(walkthrough: Walkthrough) -> str:
    """The requests of a phone about a new wave; returns the wave's id."""
    wave = walkthrough.agency.announce()
    phone = walkthrough.agency.phone("intake-3")
    token = phone.tokens["access_token"]
    synced = walkthrough.get(
        "sync.announced", "A wave is announced.", "/v1/sync", token
    )
    tag = walkthrough.service.http.get("/v1/sync", headers=phone.authorization).headers[
        "ETag"
    ]
    has_it = {"If-None-Match": tag}
    walkthrough.get(
        "sync.not-modified",
        "Nothing has changed since the last sync.",
        "/v1/sync",
        token,
        **has_it,
    )
    director = walkthrough.agency.phone("director")
    walkthrough.get(
        "sync.not-asked",
        "The person supervises the whole agency, so no wave asks them.",
        "/v1/sync",
        director.tokens["access_token"],
    )
    charter = walkthrough.get(
        "get_charter.frozen",
        "The charter. The sync reply has its digest.",
        f"/v1/waves/{synced['waves'][0]['wave_id']}/charter",
    )
    instrument = f"/v1/instruments/{charter['instrument_digest']}"
    walkthrough.get(
        "get_instrument.pulse-1",
        "The questions and answers that phones show.",
        instrument,
    )
    kid = phone.kid(wave)
    walkthrough.get(
        "get_ballot_key.of-a-group",
        "The public key of a voting team.",
        f"/v1/keys/{kid}",
    )
    nowhere = f"/v1/waves/{walkthrough.agency.id}.{UNKNOWN_ID}/charter"
    walkthrough.get("get_charter.not-found", "The wave is not announced.", nowhere)
    walkthrough.get(
        "get_ballot_key.not-found",
        "The service has no such key.",
        f"/v1/keys/{kid[:-4]}AAAA",
    )
    walkthrough.get(
        "get_instrument.not-found",
        "No instrument has this digest.",
        f"{instrument[:-4]}AAAA",
    )
    return wave


def draw_ballots(walkthrough: Walkthrough, wave: str) -> dict[str, str]:
    """The first ballot in requests, the others as phones draw; by person."""
    phone = walkthrough.agency.phone("intake-1")
    kid = phone.kid(wave)
    minted = minting.mint(wave, "team", phone.key(kid), "charter", "epoch")

    def draw(
        name: str, about: str, phone: Phone, *asked: tuple[str, str, bytes]
    ) -> Any:
        body = {
            "requests": [
                {
                    "wave_id": wave,
                    "ballot_key_id": kid,
                    "blinded": base64url.encode(blinded),
                }
                for wave, kid, blinded in asked
            ]
        }
        token = phone.tokens["access_token"]
        return walkthrough.send(
            f"draw_ballots.{name}", about, "/v1/ballots", body, token
        )

    signed = draw(
        "signed",
        "The service signs a blinded ballot.",
        phone,
        (wave, kid, minted.blinded),
    )
    signature = signed["results"][0]["signature"]
    ballots = {"intake-1": minting.finish(minted, phone.key(kid), signature)}
    again = (wave, kid, (7).to_bytes(256))
    draw("already-drawn", "A person has already drawn for this wave.", phone, again)
    nowhere = f"{walkthrough.agency.id}.{UNKNOWN_ID}"
    other = walkthrough.agency.phone("intake-2")
    north = walkthrough.agency.phone("north-1").kid(wave)
    draw(
        "refused",
        "The key of another voting team, and a wave that does not exist.",
        other,
        (wave, north, (7).to_bytes(256)),
        (nowhere, kid, (7).to_bytes(256)),
    )
    draw(
        "blinded-invalid",
        "The blinded value does not have 256 bytes.",
        other,
        (wave, kid, b"short"),
    )
    draw("invalid", "The request has no ballots.", phone)
    for team, (_, answering) in TEAM_SIZES.items():
        for number in range(1, answering + 1):
            person = f"{team}-{number}"
            if person not in ballots:
                ballots[person] = walkthrough.agency.phone(person).draw(wave)
    ballots["late"] = walkthrough.agency.phone("court-8").draw(wave)
    return ballots


def send_answers(walkthrough: Walkthrough, ballots: dict[str, str]) -> None:
    """Submissions with every result, before and after the seal."""
    walkthrough.agency.tick(days=2)
    ballot, *others = [ballots[person] for person in ballots if person != "late"]
    first = item(ballot, content(form=3))
    walkthrough.submit(
        "create_submissions.accepted", "The envelope arrives for the first time.", first
    )
    walkthrough.submit(
        "create_submissions.duplicate", "The same envelope arrives again.", first
    )
    other = item(ballot, content(form=4, value=2))
    walkthrough.submit(
        "create_submissions.envelope-conflict",
        "Another envelope for the same ballot: the first stands.",
        other,
    )
    walkthrough.submit(
        "create_submissions.rejected",
        "A broken signature, an unknown key, an item that cannot be read.",
        item(f"{ballot[:-8]}AAAAAAAA", content()),
        item(_with_kid(ballot, f"{walkthrough.agency.id}.{'A' * 43}"), content()),
        None,
    )
    walkthrough.submit(
        "create_submissions.credentials-not-wanted",
        "A request here may have no access token.",
        first,
        token=walkthrough.agency.phone("intake-1").tokens["access_token"],
    )
    body = {"protocol": 1, "items": [first]}
    walkthrough.send(
        "create_submissions.invalid",
        "The request has no batch.",
        "/v1/submissions",
        body,
    )
    walkthrough.submit(
        "create_submissions.old-content",
        "A phone of an older version sends answers that are not sealed. It keeps them.",
        {"op": "submit", "ballot": others[0], "content": '{"form":3}'},
    )
    items = [item(each, content(form=n % 45)) for n, each in enumerate(others)]
    body = {"protocol": 1, "batch": "others", "items": items}
    walkthrough.service.http.post("/v1/submissions", json=body)
    read_pending_reports(walkthrough)
    walkthrough.agency.tick(days=7)
    walkthrough.agency.tick(days=7)
    late = item(ballots["late"], content(form=9))
    walkthrough.submit(
        "create_submissions.too-late",
        "The envelope arrives after the seal. One that was there before is known.",
        late,
        first,
    )
    about = "After the seal nothing can be taken back."
    taken = [withdrawal(ballot), withdrawal(ballots["late"])]
    walkthrough.submit("create_submissions.withdraw-too-late", about, *taken)
    _check_envelopes(walkthrough, ballots["late"])


def _check_envelopes(walkthrough: Walkthrough, ballot: str) -> None:
    """Envelopes for the published test key, and for another one."""
    parsed, charter = parse(ballot), hashlib.sha256(b"a charter").digest()
    info = envelope_info(parsed.kid, parsed.hash, charter)
    good, wrong = content(form=3).plaintext, content(form=3, value=6).plaintext
    own_key = make_sealing_key().public_key()

    def check(name: str, about: str, envelope: bytes, **others: str) -> None:
        body = {
            "envelope": base64url.encode(envelope),
            "ballot_key_id": parsed.kid,
            "ballot_hash": base64url.encode(parsed.hash),
            "charter_digest": base64url.encode(charter),
            "instrument_digest": CURRENT_INSTRUMENT.digest,
        }
        walkthrough.send(
            f"check_envelope.{name}", about, "/v1/envelopes/check", body | others
        )

    trial = seal_envelope(TEST_KEY.public_key(), good or b"", info)
    check("valid", "The envelope opens, and its answers would be counted.", trial)
    check(
        "invalid-answers",
        "The envelope opens. Each answer that breaks a rule is named.",
        seal_envelope(TEST_KEY.public_key(), wrong or b"", info),
    )
    check(
        "does-not-open",
        "The envelope was made for another key than the published test key.",
        seal_envelope(own_key, good or b"", info),
    )
    check(
        "invalid",
        "The service has no such set of questions.",
        trial,
        instrument_digest="A" * 43,
    )


def _withdraw_answers(walkthrough: Walkthrough, answered: str, unused: str) -> None:
    """Withdraws accepted answers, and a ballot that was not used."""
    first = item(answered, content(form=5))
    body = {"protocol": 1, "batch": "one", "items": [first]}
    walkthrough.service.http.post("/v1/submissions", json=body)
    taken = [withdrawal(answered), withdrawal(unused)]
    walkthrough.submit(
        "create_submissions.withdrawn",
        "The answers are erased before the seal.",
        *taken,
    )
    about = "A withdrawn ballot cannot be used again."
    walkthrough.submit("create_submissions.withdrawn-before", about, first)


def read_cancelled_wave(walkthrough: Walkthrough) -> None:
    """Requests about a ballot whose wave is cancelled."""
    wave = walkthrough.agency.announce()
    phone = walkthrough.agency.phone("intake-4")
    ballot = phone.draw(wave)
    _withdraw_answers(
        walkthrough,
        *(walkthrough.agency.phone(f"intake-{n}").draw(wave) for n in (6, 7)),
    )
    with transaction(Door.SEAL) as session:
        row = get_wave(session, wave)
        now = walkthrough.service.clock()
        cancel_wave(session, row, "The wrong week.", TEST_ACTOR, now)
    token = phone.tokens["access_token"]
    walkthrough.get("sync.cancelled", "The wave is cancelled.", "/v1/sync", token)
    dead = item(ballot, content())
    walkthrough.submit(
        "create_submissions.final", "The wave of the ballot is cancelled.", dead
    )


def read_revoked_device(walkthrough: Walkthrough) -> None:
    """By an administrator, and by a stolen refresh token, which ends its family."""
    ended = partial(walkthrough.send, body=None, token=walkthrough.agency.admin_token())
    address = "/v1/people/north-3/devices/revoke"
    ended(
        "revoke_devices.revoked",
        "The reply is the same without any device.",
        address,
    )
    unknown = "/v1/people/nobody/devices/revoke"
    ended(
        "revoke_devices.person-not-found",
        "The roster never had this person.",
        unknown,
    )
    phone = walkthrough.agency.phone("intake-5")
    stolen = phone.tokens["refresh_token"]
    phone.refresh()
    phone.refresh()
    form = {"grant_type": "refresh_token", "refresh_token": stolen}
    walkthrough.service.http.post("/v1/token", data=form)
    token = phone.tokens["access_token"]
    walkthrough.get(
        "sync.revoked", "A revoked device gets only a directive.", "/v1/sync", token
    )
    asked = {
        "wave_id": f"{walkthrough.agency.id}.{UNKNOWN_ID}",
        "ballot_key_id": f"{walkthrough.agency.id}.{'A' * 43}",
        "blinded": base64url.encode((7).to_bytes(256)),
    }
    body = {"requests": [asked]}
    name = "draw_ballots.device-revoked"
    walkthrough.send(
        name, "A revoked device draws no ballot.", "/v1/ballots", body, token
    )


def _with_kid(ballot: str, kid: str) -> str:
    """The ballot as if it were under another key."""
    header = json.dumps(
        {"alg": "PS384", "typ": "ballot+jwt", "kid": kid}, separators=(",", ":")
    )
    return ".".join([base64url.encode(header.encode()), *ballot.split(".")[1:]])
