"""Requests of people who answer."""

import json
from functools import partial
from typing import Any

from rapport_client._ballots import minting
from rapport_client._protocol import base64url
from rapport_service.core.db import Door, transaction
from rapport_service.registry.queries import get_wave
from rapport_service.waves.transitions import cancel_wave
from tests.support.http_phone import Phone, content, item, withdrawal
from tools.openapi.steps.administration import TEAM_SIZES
from tools.openapi.steps.reports import read_pending_reports
from tools.openapi.walkthrough import UNKNOWN_ID, ExampleRequest, Walkthrough


def enrol_people(story: Walkthrough) -> None:
    """Codes for tokens, and tokens for tokens."""
    device, another = (base64url.encode(bytes([n]) * 32) for n in (1, 2))
    enrol = partial(story.send, path="/v1/enrolments")
    old = story.agency.code("intake-2")
    story.service.clock.advance(days=31)
    code = story.agency.code("intake-1")
    body = {"code": code, "device": device}
    tokens = enrol("post_enrolment.tokens", "A code for tokens.", body=body)
    story.get("get_sync.nothing", "No wave yet.", "/v1/sync", tokens["access_token"])
    body = {"code": code, "device": another}
    enrol("post_enrolment.code-used", "By another device.", body=body)
    body = {"code": old, "device": device}
    enrol("post_enrolment.code-expired", "After 30 days.", body=body)
    body = {"code": f"{code[:-4]}0000", "device": device}
    enrol("post_enrolment.code-unknown", "Mistyped.", body=body)
    enrol("post_enrolment.invalid", "No device.", body={"code": code})
    _renew_tokens(story, tokens["refresh_token"])
    story.service.clock.advance(hours=1)
    sync = partial(story.get, path="/v1/sync")
    sync("get_sync.unauthenticated", "Without a token.")
    token = tokens["access_token"]
    sync("get_sync.token-expired", "After 15 minutes.", token=token)


def _renew_tokens(story: Walkthrough, refresh_token: str) -> None:
    def grant(name: str, about: str, grant_type: str, **form: str) -> Any:
        form = {"grant_type": grant_type, **form}
        asked = ExampleRequest("POST", "/v1/token", {}, form=form)
        return story.ask(f"post_token.{name}", about, asked)

    refresh = partial(grant, grant_type="refresh_token")
    tokens = refresh("refreshed", "New tokens for old.", refresh_token=refresh_token)
    broken = f"{refresh_token[:-4]}AAAA"
    refresh("grant-invalid", "Not one of ours.", refresh_token=broken)
    client_id, secret = story.agency.client()
    log_in = partial(grant, grant_type="client_credentials", client_id=client_id)
    client = log_in("client", "A program logs in.", client_secret=secret)
    log_in("client-invalid", "Not its secret.", client_secret=f"{secret}A")
    grant("grant-unsupported", "No passwords.", "password")
    token = tokens["access_token"]
    story.send(
        "put_whole_roster.scope-missing", "Not a member's.", "/v1/roster", {}, token
    )
    story.get("get_teams.client", "A program's.", "/v1/teams", client["access_token"])


def announce_wave(story: Walkthrough) -> str:
    """The requests of a phone about a new wave; returns the wave's id."""
    wave = story.agency.announce()
    phone = story.agency.phone("intake-3")
    token = phone.tokens["access_token"]
    synced = story.get("get_sync.announced", "A wave to draw for.", "/v1/sync", token)
    tag = story.service.http.get("/v1/sync", headers=phone.authorization).headers[
        "ETag"
    ]
    held = {"If-None-Match": tag}
    story.get("get_sync.not-modified", "As it was.", "/v1/sync", token, **held)
    charter = story.get(
        "get_wave_charter.frozen",
        "What was promised; its digest is the one in the sync reply.",
        f"/v1/waves/{synced['waves'][0]['wave']}/charter",
    )
    instrument = f"/v1/instruments/{charter['instrument']}"
    story.get("get_instrument.pulse-1", "What phones show.", instrument)
    kid = phone.kid(wave)
    story.get("get_key.of-a-group", "A key of the charter.", f"/v1/keys/{kid}")
    nowhere = f"/v1/waves/{story.agency.id}.{UNKNOWN_ID}/charter"
    story.get("get_wave_charter.not-found", "Not announced.", nowhere)
    story.get("get_key.not-found", "No such key.", f"/v1/keys/{kid[:-4]}AAAA")
    story.get("get_instrument.not-found", "No such digest.", f"{instrument[:-4]}AAAA")
    return wave


def draw_ballots(story: Walkthrough, wave: str) -> dict[str, str]:
    """The first ballot in requests, the others as phones draw; by person."""
    phone = story.agency.phone("intake-1")
    kid = phone.kid(wave)
    minted = minting.mint(wave, "team", phone.key(kid), "charter", "epoch")

    def draw(
        name: str, about: str, phone: Phone, *asked: tuple[str, str, bytes]
    ) -> Any:
        body = {
            "requests": [
                {"wave": wave, "kid": kid, "blinded": base64url.encode(blinded)}
                for wave, kid, blinded in asked
            ]
        }
        token = phone.tokens["access_token"]
        return story.send(f"post_ballots.{name}", about, "/v1/ballots", body, token)

    signed = draw("signed", "A blinded ballot.", phone, (wave, kid, minted.blinded))
    signature = signed["results"][0]["signature"]
    ballots = {"intake-1": minting.finish(minted, phone.key(kid), signature)}
    again = (wave, kid, (7).to_bytes(256))
    draw("already-drawn", "Another value for the same wave.", phone, again)
    nowhere = f"{story.agency.id}.{UNKNOWN_ID}"
    other = story.agency.phone("intake-2")
    north = story.agency.phone("north-1").kid(wave)
    draw(
        "refused",
        "Another group's key, and a wave that there is not.",
        other,
        (wave, north, (7).to_bytes(256)),
        (nowhere, kid, (7).to_bytes(256)),
    )
    draw("blinded-invalid", "Not 256 bytes.", other, (wave, kid, b"short"))
    draw("invalid", "Nothing asked for.", phone)
    for team, (_, answering) in TEAM_SIZES.items():
        for number in range(1, answering + 1):
            person = f"{team}-{number}"
            if person not in ballots:
                ballots[person] = story.agency.phone(person).draw(wave)
    ballots["late"] = story.agency.phone("court-8").draw(wave)
    return ballots


def send_answers(story: Walkthrough, ballots: dict[str, str]) -> None:
    """Submissions with every result, before and after the seal."""
    story.agency.tick(days=2)
    ballot, *others = [ballots[person] for person in ballots if person != "late"]
    first = item(ballot, content(form=3))
    story.submit("post_submissions.accepted", "The first time.", first)
    story.submit("post_submissions.duplicate", "The same again.", first)
    other = item(ballot, content(form=4, value=2))
    story.submit("post_submissions.held", "Other content: the first counts.", other)
    story.submit(
        "post_submissions.rejected",
        "A broken signature, an unknown key, content over 4 KiB.",
        item(f"{ballot[:-8]}AAAAAAAA", content()),
        item(_with_kid(ballot, f"{story.agency.id}.{'A' * 43}"), content()),
        item(ballot, json.dumps({"nonce": "A" * 4096})),
    )
    story.submit(
        "post_submissions.credentials-not-wanted",
        "With an access token, by mistake.",
        first,
        token=story.agency.phone("intake-1").tokens["access_token"],
    )
    body = {"protocol": 1, "items": [first]}
    story.send("post_submissions.invalid", "No batch.", "/v1/submissions", body)
    items = [item(each, content(form=n % 45)) for n, each in enumerate(others)]
    body = {"protocol": 1, "batch": "others", "items": items}
    story.service.http.post("/v1/submissions", json=body)
    read_pending_reports(story)
    story.agency.tick(days=7)
    story.agency.tick(days=7)
    late = item(ballots["late"], content(form=9))
    story.submit("post_submissions.late", "After the seal: stored.", late)
    about = "After the seal: what was counted stays, what came late goes."
    taken = [withdrawal(ballot), withdrawal(ballots["late"])]
    story.submit("post_submissions.withdraw-too-late", about, *taken)


def _withdraw_answers(story: Walkthrough, answered: str, unused: str) -> None:
    """Withdraws accepted content, and a ballot that was not used."""
    first = item(answered, content(form=5))
    body = {"protocol": 1, "batch": "one", "items": [first]}
    story.service.http.post("/v1/submissions", json=body)
    taken = [withdrawal(answered), withdrawal(unused)]
    story.submit("post_submissions.withdrawn", "Before the seal: erased.", *taken)
    about = "What was withdrawn does not come back."
    story.submit("post_submissions.withdrawn-before", about, first)


def read_cancelled_wave(story: Walkthrough) -> None:
    """Requests about a ballot whose wave is cancelled."""
    wave = story.agency.announce()
    phone = story.agency.phone("intake-4")
    ballot = phone.draw(wave)
    _withdraw_answers(
        story, *(story.agency.phone(f"intake-{n}").draw(wave) for n in (6, 7))
    )
    with transaction(Door.SEAL) as session:
        row = get_wave(session, wave)
        now = story.service.clock()
        cancel_wave(session, row, "The wrong week.", "an administrator", now)
    token = phone.tokens["access_token"]
    story.get("get_sync.cancelled", "A wave called off.", "/v1/sync", token)
    dead = item(ballot, content())
    story.submit("post_submissions.final", "In a wave called off.", dead)


def read_revoked_device(story: Walkthrough) -> None:
    """By an administrator, and by a stolen refresh token, which ends its family."""
    ended = partial(story.send, body=None, token=story.agency.admin_token())
    address = "/v1/people/north-3/devices/revoke"
    ended("post_device_revocation.revoked", "Whether there was one or not.", address)
    unknown = "/v1/people/nobody/devices/revoke"
    ended("post_device_revocation.person-not-found", "Never on the roster.", unknown)
    phone = story.agency.phone("intake-5")
    stolen = phone.tokens["refresh_token"]
    phone.refresh()
    phone.refresh()
    form = {"grant_type": "refresh_token", "refresh_token": stolen}
    story.service.http.post("/v1/token", data=form)
    token = phone.tokens["access_token"]
    story.get("get_sync.revoked", "No more reads and draws.", "/v1/sync", token)
    asked = {
        "wave": f"{story.agency.id}.{UNKNOWN_ID}",
        "kid": f"{story.agency.id}.{'A' * 43}",
        "blinded": base64url.encode((7).to_bytes(256)),
    }
    body = {"requests": [asked]}
    name = "post_ballots.device-revoked"
    story.send(name, "Draws no more.", "/v1/ballots", body, token)


def _with_kid(ballot: str, kid: str) -> str:
    """The ballot as if it were under another key."""
    header = json.dumps(
        {"alg": "PS384", "typ": "ballot+jwt", "kid": kid}, separators=(",", ":")
    )
    return ".".join([base64url.encode(header.encode()), *ballot.split(".")[1:]])
