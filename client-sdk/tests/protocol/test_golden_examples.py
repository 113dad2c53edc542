"""The golden examples: the SDK sends their requests and reads their replies."""

import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pytest
from fake_service.phone import SERVER

from rapport_client import Client, ProblemError, Request, Response
from rapport_client._ballots import ballot_key
from rapport_client._http import drive
from rapport_client._protocol import (
    access_tokens,
    base64url,
    draw,
    pull,
    send,
    tokens,
)
from rapport_client._protocol.replies import to_exception
from rapport_client._pulses import charter, instrument

FOLDER = Path(__file__).parents[3] / "schemas/examples/v1"
EXAMPLES = {
    path.stem: json.loads(path.read_bytes())
    for path in sorted(FOLDER.glob("*.json"))
    if "." in path.stem  # the others are vectors, not exchanges
}
OTHER_FORMS = {
    *("put_roster.dry-run", "put_roster.csv"),
    *(
        "list_people.first-page",
        "list_people.last-page",
        "list_people.one",
        "list_teams.csv",
        "list_teams.csv-page",
        "get_team_score.csv",
        "get_team_trend.csv",
        "get_team_heatmap.csv",
    ),
    *("get_team_sustainment.csv", "get_reliability.csv"),
    *("list_audit.csv", "list_audit.one-action"),
    *("list_problems.page", "get_problem.page"),
}
"""Ways to ask for the same that the SDK does not use."""


def read_token(example):
    header = example["request"]["headers"].get("Authorization", "Bearer none")
    return header.removeprefix("Bearer ")


def read_path_segment(example, back=-1):
    return urlsplit(example["request"]["path"]).path.split("/")[back]


def encode_body(example):
    return json.dumps(
        example["response"].get("json"), ensure_ascii=False, separators=(",", ":")
    ).encode()


def enrol(example):
    asked = example["request"]["json"]
    device = base64url.decode(asked["device"]) if "device" in asked else bytes(32)
    return tokens.redeem_code(SERVER, asked["code"], device)


def get_token(example):
    form = example["request"]["form"]
    if form["grant_type"] == "client_credentials":
        return tokens.client_credentials(
            SERVER, form["client_id"], form["client_secret"]
        )
    return tokens.refresh_tokens(SERVER, form.get("refresh_token", "none"))


def sync(example):
    tag = example["request"]["headers"].get("If-None-Match")
    held = tag and pull.TaggedDocument(encode_body(EXAMPLES["sync.announced"]), tag)
    newest = yield from pull.pull_list(SERVER, read_token(example), held)
    return pull.read_list(newest.body)


def read_charter(example):
    wave = read_path_segment(example, -2)
    body = yield from pull.fetch(SERVER, pull.charter_path(wave))
    digest = example["response"]["headers"]["ETag"].strip('"')
    return charter.parse_charter(body, digest, wave)


def read_instrument(example):
    body = yield from pull.fetch(
        SERVER, pull.instrument_path(read_path_segment(example))
    )
    # The example holds the document, not its white space: another digest.
    return instrument.parse_instrument(body, base64url.digest(body))


def read_key(example):
    body = yield from pull.fetch(SERVER, pull.key_path(read_path_segment(example)))
    return ballot_key.parse_ballot_key(body, read_path_segment(example))


def ask_for_ballots(example):
    asks = [
        draw.DrawRequest(
            asked["wave_id"], asked["ballot_key_id"], base64url.decode(asked["blinded"])
        )
        for asked in example["request"]["json"]["requests"]
    ]
    return draw.draw(SERVER, read_token(example), asks)


def submit(example):
    asked = example["request"]["json"]
    (item, *_) = asked["items"]
    r = json.loads(base64url.decode(item["ballot"].split(".")[1]))["jti"]
    envelope = base64url.decode(item["envelope"])
    return send.submit(
        SERVER,
        [
            send.SubmissionItem(
                item["op"],
                item["ballot"],
                base64url.encode(hashlib.sha256(base64url.decode(r)).digest()),
                envelope,
                base64url.digest(envelope),
            )
        ],
        asked.get("batch", "none"),
    )


def path_id(example, back):
    """An id in the path, as it was before it was quoted."""
    return unquote(read_path_segment(example, back))


def ask(example):
    """The parameters of the query; None for one that it does not have."""
    query = parse_qs(urlsplit(example["request"]["path"]).query)
    return lambda name: query.get(name, [None])[0]


def put_roster(client, example):
    asked, query = example["request"], ask(example)
    if query("dry_run"):
        return client.roster.preview(asked["json"])
    confirmed = query("confirm_removals")
    return client.roster.put(
        asked["json"],
        confirm_removals=None if confirmed is None else int(confirmed),
        if_match=asked["headers"].get("If-Match"),
    )


def plan_wave(client, example):
    dates = dict(example["request"]["json"])
    return client.waves.plan(
        id=dates.pop("id", NO_ID),
        **{name: datetime.fromisoformat(at) for name, at in dates.items()},
    )


def check_envelope(client, example):
    return client.envelopes.check(**example["request"]["json"])


def create_pulse(client, example):
    asked = dict(example["request"]["json"])
    opens = datetime.fromisoformat(asked.pop("first_opens"))
    return client.pulses.create(opens, id=asked.pop("id", NO_ID), **asked)


def declare_marker(client, example):
    asked = example["request"]["json"]
    return client.markers.declare(
        asked["kind"],
        date.fromisoformat(asked["effective_on"]),
        asked["label"],
        team=asked["team_id"],
        confirmed=asked["confirmed"],
        id=asked.get("id", NO_ID),
    )


def create_client(client, example):
    asked = example["request"]["json"]
    return client.clients.create(
        asked["name"],
        asked["scopes"],
        teams=asked.get("team_ids", ()),
        id=asked.get("id", NO_ID),
    )


def create_code(client, example):
    asked = example["request"]["json"]
    return client.people.create_code(
        path_id(example, -2), asked["purpose"], id=asked.get("id", NO_ID)
    )


NO_ID = "00000000-0000-4000-8000-000000000000"
"""The id where an example sends none, since the SDK always does."""

METHODS = {
    "get_health": lambda client, _: client.service.health(),
    "get_readiness": lambda client, _: client.service.readiness(),
    "get_well_known_jwks": lambda client, _: client.service.access_token_keys(),
    "list_problems": lambda client, _: client.service.problems(),
    "get_problem": lambda client, example: client.service.problem(path_id(example, -1)),
    "list_teams": lambda client, example: client.teams.list(
        external_id=ask(example)("external_id"), gone=ask(example)("gone") == "true"
    ),
    "get_team": lambda client, example: client.teams.get(path_id(example, -1)),
    "get_team_score": lambda client, example: client.teams.score(
        path_id(example, -2), ask(example)("wave_id")
    ),
    "get_team_trend": lambda client, example: client.teams.trend(path_id(example, -2)),
    "get_team_heatmap": lambda client, example: client.teams.heatmap(
        path_id(example, -2), ask(example)("wave_id")
    ),
    "get_team_sustainment": lambda client, example: client.teams.sustainment(
        path_id(example, -2), ask(example)("marker_id")
    ),
    "list_wave_releases": lambda client, example: client.waves.releases(
        path_id(example, -2)
    ),
    "get_reliability": lambda client, _: client.organization.reliability(),
    "get_organization": lambda client, _: client.organization.get(),
    "get_roster": lambda client, _: client.roster.get(),
    "put_roster": put_roster,
    "list_people": lambda client, _: client.people.list(),
    "get_person": lambda client, example: client.people.get(path_id(example, -1)),
    "create_code": create_code,
    "revoke_devices": lambda client, example: client.people.revoke_devices(
        path_id(example, -3)
    ),
    "list_waves": lambda client, _: client.waves.list(),
    "get_wave": lambda client, example: client.waves.get(path_id(example, -1)),
    "plan_wave": plan_wave,
    "cancel_wave": lambda client, example: client.waves.cancel(
        path_id(example, -2), example["request"]["json"]["reason"]
    ),
    "list_pulses": lambda client, _: client.pulses.list(),
    "get_pulse": lambda client, example: client.pulses.get(path_id(example, -1)),
    "create_pulse": create_pulse,
    "stop_pulse": lambda client, example: client.pulses.stop(path_id(example, -2)),
    "list_markers": lambda client, _: client.markers.list(),
    "get_marker": lambda client, example: client.markers.get(path_id(example, -1)),
    "declare_marker": declare_marker,
    "retract_marker": lambda client, example: client.markers.retract(
        path_id(example, -2)
    ),
    "list_clients": lambda client, _: client.clients.list(),
    "list_audit": lambda client, _: client.audit.list(),
    "get_client": lambda client, example: client.clients.get(path_id(example, -1)),
    "create_client": create_client,
    "check_envelope": check_envelope,
    "update_organization": lambda client, example: client.organization.update(
        **example["request"]["json"]
    ),
    "rotate_client": lambda client, example: client.clients.rotate(
        path_id(example, -2)
    ),
    "revoke_client": lambda client, example: client.clients.revoke(
        path_id(example, -2)
    ),
}
"""Methods of a program's client, by the operation that they call."""

FLOWS = {
    "get_jwks": lambda _: access_tokens.fetch_key_set(SERVER),
    "create_enrolment": enrol,
    "create_token": get_token,
    "sync": sync,
    "get_charter": read_charter,
    "get_instrument": read_instrument,
    "get_ballot_key": read_key,
    "draw_ballots": ask_for_ballots,
    "create_submissions": submit,
}


def split_batch(name, example):
    """The SDK sends answers singly, so a batch is as many examples."""
    items = example["request"].get("json", {}).get("items", [])
    if len(items) < 2:
        return [(name, example)]
    request, response = example["request"]["json"], example["response"]["json"]
    return [
        (
            f"{name}.{place}",
            {
                **example,
                "request": {
                    **example["request"],
                    "json": {**request, "items": [item]},
                },
                "response": {
                    **example["response"],
                    "json": {**response, "results": [response["results"][place]]},
                },
            },
        )
        for place, item in enumerate(items)
        if isinstance(item, dict)  # the device sends no item that is not an object
    ]


READ_EXAMPLES = [
    pytest.param(part, id=part_name)
    for name, example in EXAMPLES.items()
    if example["response"]["status"] < 400 and name not in OTHER_FORMS
    for part_name, part in split_batch(name, example)
]
REFUSALS = [
    pytest.param(example, id=name)
    for name, example in EXAMPLES.items()
    if example["response"]["status"] >= 400
]


def test_every_operation_has_a_flow_or_a_method():
    assert {example["operation"] for example in EXAMPLES.values()} == {
        *FLOWS,
        *METHODS,
    }


class KnownToken:
    """Credentials that have the access token of the example."""

    def __init__(self, access_token):
        self.access_token = access_token

    def obtain(self, _):
        yield from ()
        return tokens.Tokens(self.access_token, None, 900, may_answer=False)


def play(example, sent):
    """Plays the flow or the method of an example against the example's reply."""
    carry, operation = replay_reply(example, sent), example["operation"]
    if operation in FLOWS:
        return drive(FLOWS[operation](example), carry)
    client = Client.__new__(Client)
    client._open(SERVER, KnownToken(read_token(example)), 30, 0, Carrier(carry))
    return METHODS[operation](client, example)


@dataclass
class Carrier:
    """A transport of one function."""

    send: Callable[[Request], Response]


def replay_reply(example, sent):
    """A transport that gives the example's reply, and keeps what was asked."""

    def carry(request):
        sent.append(request)
        response = example["response"]
        headers = {name.lower(): value for name, value in response["headers"].items()}
        return Response(
            response["status"],
            headers,
            encode_body(example) if "json" in response else b"",
        )

    return carry


@pytest.mark.parametrize("example", READ_EXAMPLES)
def test_the_sdk_asks_as_the_examples_ask_and_reads_their_replies(example):
    sent, asked = [], example["request"]

    play(example, sent)
    (request,) = sent

    url = urlsplit(request.url)
    wanted = urlsplit(SERVER + asked["path"])
    assert (request.method, url.netloc, url.path) == (
        asked["method"],
        wanted.netloc,
        wanted.path,
    )
    query = dict(parse_qsl(url.query))
    query.pop("limit", None)  # the SDK asks for the longest pages
    assert query == dict(parse_qsl(wanted.query))
    assert asked["headers"].items() <= request.headers.items()
    if "json" in asked:
        body = request.body
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        sent_document = json.loads(body)
        if sent_document.get("id") == NO_ID:
            del sent_document["id"]
        assert sent_document == asked["json"]
    if "form" in asked:
        assert dict(parse_qsl(request.body.decode())) == asked["form"]


@pytest.mark.parametrize("example", REFUSALS)
def test_the_sdk_reads_every_refusal(example):
    response = replay_reply(example, [])(None)

    error = to_exception(response)

    assert isinstance(error, ProblemError)
    assert error.code == example["response"]["json"]["code"]
    assert error.status == example["response"]["status"]
