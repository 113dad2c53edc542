"""One agency's year in requests: every operation, and every outcome worth an example.

The story is told twice: once to write the examples down, and in every test run, where
the service must still answer as it did.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from rapport_client import b64, minting
from rapport_service.db import Door, transaction
from rapport_service.record.service import get_wave
from rapport_service.waves.service import cancel
from tests.house_under_test import Agency, House
from tests.phone import Phone, content, item

SIZES = {"intake": (12, 12), "north": (8, 7), "court": (8, 3), "appeals": (8, 3)}
"""By team, how many people it has and how many of them answer."""

ROSTER = {
    "teams": [
        {"external_id": "agency", "name": "Acme County", "parent": None},
        *(
            {"external_id": team, "name": team.capitalize(), "parent": "agency"}
            for team in SIZES
        ),
    ],
    "people": [
        {"external_id": "director", "team": "agency", "supervises": ["agency"]},
        *(
            {"external_id": f"{team}-{number}", "team": team, "supervises": []}
            for team, (people, _) in SIZES.items()
            for number in range(1, people + 1)
        ),
    ],
}
NOBODY = UUID(int=0)


@dataclass(frozen=True)
class Asked:
    """A request as an example writes it down."""

    method: str
    path: str
    headers: Mapping[str, str]
    json: object = None
    form: Mapping[str, str] | None = None


class Ask(Protocol):
    """Sends a request and keeps the exchange under a name; gives the reply's body."""

    def __call__(self, name: str, about: str, asked: Asked) -> Any: ...


@dataclass
class Story:
    """What the chapters share."""

    house: House
    agency: Agency
    other: Agency
    ask: Ask

    def get(
        self, name: str, about: str, path: str, token: str = "", **more: str
    ) -> Any:
        headers = {**_bearer(token), **more}
        return self.ask(name, about, Asked("GET", path, headers))

    def send(
        self, name: str, about: str, path: str, body: object, token: str = ""
    ) -> Any:
        method = "PUT" if path == "/v1/roster" else "POST"
        return self.ask(name, about, Asked(method, path, _bearer(token), body))

    def submit(self, name: str, about: str, *items: object, token: str = "") -> Any:
        body = {"protocol": 1, "batch": "7b1d", "items": [*items]}
        return self.send(name, about, "/v1/submissions", body, token)


def tell(story: Story) -> None:
    """Plays the whole story."""
    _an_agency_is_set_up(story)
    _programs_are_let_in(story)
    _codes_are_made(story)
    _people_get_in(story)
    wave = _a_wave_is_announced(story)
    ballots = _ballots_are_drawn(story, wave)
    _answers_are_sent(story, ballots)
    _scores_are_read(story, wave)
    _a_wave_is_cancelled(story)
    _a_device_is_revoked(story)
    _too_few_answer(story)


def _an_agency_is_set_up(story: Story) -> None:
    admin = story.agency.admin_token()
    put = partial(story.send, path="/v1/roster", token=admin)
    put("put_whole_roster.changed", "The agency as it is now.", body=ROSTER)
    put(
        "put_whole_roster.invalid",
        "A person in a team that there is not: nothing is changed.",
        body={
            "teams": ROSTER["teams"],
            "people": [{"external_id": "p1", "team": "nowhere"}],
        },
    )
    story.get("get_teams.all", "What an administrator may see.", "/v1/teams", admin)
    root = story.agency.team_id("agency")
    scores = f"/v1/teams/{root}/scores"
    story.get("get_scores.nothing-measured", "Before any wave.", scores, admin)
    elsewhere = f"/v1/teams/{NOBODY}/scores"
    story.get("get_scores.team-not-found", "Not a team of ours.", elsewhere, admin)
    story.get("get_jwks.keys", "For whoever verifies access tokens.", "/v1/jwks")


def _programs_are_let_in(story: Story) -> None:
    admin = story.agency.admin_token()
    send = partial(story.send, token=admin)
    sent = {"name": "A dashboard", "scopes": ["reports"], "teams": []}
    made = send("post_client.made", "Its secret is told once.", "/v1/clients", sent)
    odd = {**sent, "teams": [str(NOBODY)]}
    send("post_client.invalid", "Limited to no team of ours.", "/v1/clients", odd)
    address, nobody = f"/v1/clients/{made['id']}", f"/v1/clients/acme.{NOBODY}"
    rotate = partial(send, body=None)
    rotate("post_client_rotation.secret", "A second secret.", f"{address}/rotate")
    rotate("post_client_rotation.client-not-found", "No such.", f"{nobody}/rotate")
    story.get("get_clients.all", "Never with a secret.", "/v1/clients", admin)
    revoke = partial(send, body=None)
    revoke("post_client_revocation.revoked", "For good.", f"{address}/revoke")
    revoke("post_client_revocation.client-not-found", "No such.", f"{nobody}/revoke")
    rotate("post_client_rotation.client-revoked", "Too late.", f"{address}/rotate")


def _codes_are_made(story: Story) -> None:
    made = partial(
        story.send, body={"purpose": "answering"}, token=story.agency.admin_token()
    )
    made("post_code.made", "For a person of the roster.", "/v1/people/north-2/codes")
    made("post_code.person-not-found", "Not on it.", "/v1/people/nobody/codes")


def _people_get_in(story: Story) -> None:
    device, another = (b64.encode(bytes([n]) * 32) for n in (1, 2))
    enrol = partial(story.send, path="/v1/enrolments")
    old = story.agency.code("intake-2")
    story.house.clock.turn(days=31)
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
    _tokens_are_renewed(story, tokens["refresh_token"])
    story.house.clock.turn(hours=1)
    sync = partial(story.get, path="/v1/sync")
    sync("get_sync.unauthenticated", "Without a token.")
    token = tokens["access_token"]
    sync("get_sync.token-expired", "After 15 minutes.", token=token)


def _tokens_are_renewed(story: Story, refresh_token: str) -> None:
    def grant(name: str, about: str, grant_type: str, **form: str) -> Any:
        form = {"grant_type": grant_type, **form}
        asked = Asked("POST", "/v1/token", {}, form=form)
        return story.ask(f"post_token.{name}", about, asked)

    refresh = partial(grant, grant_type="refresh_token")
    tokens = refresh("refreshed", "New tokens for old.", refresh_token=refresh_token)
    broken = f"{refresh_token[:-4]}AAAA"
    refresh("grant-invalid", "Not one of ours.", refresh_token=broken)
    client_id, secret = story.agency.client()
    log_in = partial(grant, grant_type="client_credentials", client_id=client_id)
    told = log_in("client", "A program logs in.", client_secret=secret)
    log_in("client-invalid", "Not its secret.", client_secret=f"{secret}A")
    grant("grant-unsupported", "No passwords.", "password")
    token = tokens["access_token"]
    story.send(
        "put_whole_roster.scope-missing", "Not a member's.", "/v1/roster", {}, token
    )
    story.get("get_teams.client", "A program's.", "/v1/teams", told["access_token"])


def _a_wave_is_announced(story: Story) -> str:
    wave = story.agency.announce()
    phone = story.agency.phone("intake-3")
    token = phone.tokens["access_token"]
    told = story.get("get_sync.announced", "A wave to draw for.", "/v1/sync", token)
    tag = story.house.http.get("/v1/sync", headers=phone.authorization).headers["ETag"]
    held = {"If-None-Match": tag}
    story.get("get_sync.not-modified", "As it was.", "/v1/sync", token, **held)
    charter = story.get(
        "get_wave_charter.frozen",
        "What was promised; its digest is the one in the sync reply.",
        f"/v1/waves/{told['waves'][0]['wave']}/charter",
    )
    instrument = f"/v1/instruments/{charter['instrument']}"
    story.get("get_instrument.pulse-1", "What phones show.", instrument)
    kid = phone.kid(wave)
    story.get("get_key.of-a-group", "A key of the charter.", f"/v1/keys/{kid}")
    nowhere = f"/v1/waves/{story.agency.id}.{NOBODY}/charter"
    story.get("get_wave_charter.not-found", "Not announced.", nowhere)
    story.get("get_key.not-found", "No such key.", f"/v1/keys/{kid[:-4]}AAAA")
    story.get("get_instrument.not-found", "No such digest.", f"{instrument[:-4]}AAAA")
    return wave


def _ballots_are_drawn(story: Story, wave: str) -> dict[str, str]:
    phone = story.agency.phone("intake-1")
    kid = phone.kid(wave)
    minted = minting.mint(wave, "team", phone.key(kid), "charter", "epoch")

    def draw(
        name: str, about: str, phone: Phone, *asked: tuple[str, str, bytes]
    ) -> Any:
        body = {
            "requests": [
                {"wave": wave, "kid": kid, "blinded": b64.encode(blinded)}
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
    nowhere = f"{story.agency.id}.{NOBODY}"
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
    for team, (_, answering) in SIZES.items():
        for number in range(1, answering + 1):
            person = f"{team}-{number}"
            if person not in ballots:
                ballots[person] = story.agency.phone(person).draw(wave)
    ballots["late"] = story.agency.phone("court-8").draw(wave)
    return ballots


def _answers_are_sent(story: Story, ballots: dict[str, str]) -> None:
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
        item(_under(ballot, f"{story.agency.id}.{'A' * 43}"), content()),
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
    story.house.http.post("/v1/submissions", json=body)
    _score(story, "pending", "Before the seal.", "intake")
    story.agency.tick(days=7)
    story.agency.tick(days=7)
    late = item(ballots["late"], content(form=9))
    story.submit("post_submissions.late", "After the seal: stored.", late)


def _scores_are_read(story: Story, wave: str) -> None:
    _score(story, "released-fine", "From ten answers on.", "intake")
    _score(story, "released-coarse", "From five answers on.", "north")
    _score(story, "rolled-up", "The nearest group that can be shown.", "court", wave)


def _a_wave_is_cancelled(story: Story) -> None:
    wave = story.agency.announce()
    phone = story.agency.phone("intake-4")
    ballot = phone.draw(wave)
    with transaction(Door.SEAL) as session:
        found = get_wave(session, wave)
        now = story.house.clock()
        cancel(session, found, "The wrong week.", "an administrator", now)
    token = phone.tokens["access_token"]
    story.get("get_sync.cancelled", "A wave called off.", "/v1/sync", token)
    dead = item(ballot, content())
    story.submit("post_submissions.final", "In a wave called off.", dead)


def _a_device_is_revoked(story: Story) -> None:
    phone = story.agency.phone("intake-5")
    stolen = phone.tokens["refresh_token"]
    phone.refresh()
    phone.refresh()
    form = {"grant_type": "refresh_token", "refresh_token": stolen}
    story.house.http.post("/v1/token", data=form)
    token = phone.tokens["access_token"]
    story.get("get_sync.revoked", "No more reads and draws.", "/v1/sync", token)
    asked = {
        "wave": f"{story.agency.id}.{NOBODY}",
        "kid": f"{story.agency.id}.{'A' * 43}",
        "blinded": b64.encode((7).to_bytes(256)),
    }
    body = {"requests": [asked]}
    name = "post_ballots.device-revoked"
    story.send(name, "Draws no more.", "/v1/ballots", body, token)


def _too_few_answer(story: Story) -> None:
    story.other.announce()
    story.other.seal()
    _score(story, "withheld", "Nobody answered.", "a", agency=story.other)


def _score(
    story: Story,
    name: str,
    about: str,
    team: str,
    wave: str = "",
    agency: Agency | None = None,
) -> None:
    agency = agency or story.agency
    path = f"/v1/teams/{agency.team_id(team)}/scores"
    token = agency.reader_token("director")
    query = f"?wave={wave}" if wave else ""
    story.get(f"get_scores.{name}", about, f"{path}{query}", token)


def _under(ballot: str, kid: str) -> str:
    """The ballot as if it were under another key."""
    header = json.dumps(
        {"alg": "PS384", "typ": "ballot+jwt", "kid": kid}, separators=(",", ":")
    )
    return ".".join([b64.encode(header.encode()), *ballot.split(".")[1:]])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
