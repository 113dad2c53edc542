"""The golden examples: the SDK sends their requests and reads their replies."""

import gzip
import hashlib
import json
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from fake_service.phone import SERVER

from rapport_client import ProblemError, Response
from rapport_client._ballots import ballot_key
from rapport_client._http import drive
from rapport_client._protocol import (
    base64url,
    draw,
    pull,
    reports,
    roster,
    send,
    tokens,
)
from rapport_client._pulses import charter, instrument

FOLDER = Path(__file__).parents[3] / "schemas/examples/v1"
EXAMPLES = {
    path.stem: json.loads(path.read_bytes())
    for path in sorted(FOLDER.glob("*.json"))
    if "." in path.stem  # the others are vectors, not exchanges
}
NOT_FOR_THE_SDK = {
    *("get_health", "get_readiness"),
    *("get_jwks", "get_well_known_jwks"),
    *("create_code", "revoke_devices"),
    *("list_clients", "get_client"),
    *("create_client", "rotate_client", "revoke_client"),
    *("list_pulses", "get_pulse", "create_pulse", "stop_pulse"),
    *("list_waves", "get_wave", "plan_wave", "cancel_wave"),
    *("list_markers", "get_marker", "declare_marker", "retract_marker"),
    *("list_people", "get_person", "get_team", "get_organization"),
}
"""Operations that serve others: verifiers, watchers and administrators."""

OTHER_FORMS = {
    *("put_roster.dry-run", "put_roster.csv"),
    *("create_submissions.withdrawn", "create_submissions.withdraw-too-late"),
    *(
        "list_teams.one",
        "list_teams.csv",
        "get_team_score.csv",
        "get_team_trend.csv",
        "get_team_heatmap.csv",
    ),
    *("get_team_sustainment.csv", "get_reliability.csv"),
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
    content = item["content"].encode()
    return send.submit(
        SERVER,
        [
            send.SubmissionItem(
                item["ballot"],
                base64url.encode(hashlib.sha256(base64url.decode(r)).digest()),
                content,
                base64url.digest(content),
            )
        ],
        asked.get("batch", "none"),
    )


def read_flow(flow, *asked):
    """A flow about a team or a wave, with what its query asks for."""

    def read(example):
        query = parse_qs(urlsplit(example["request"]["path"]).query)
        given = [query.get(name, [None])[0] for name in asked]
        return flow(SERVER, read_token(example), read_path_segment(example, -2), *given)

    return read


def put_roster(example):
    asked = example["request"]
    query = parse_qs(urlsplit(asked["path"]).query)
    (confirmed,) = query.get("confirm_removals", [None])
    return roster.put_roster(
        SERVER,
        read_token(example),
        asked["json"],
        confirm_removals=None if confirmed is None else int(confirmed),
        if_match=asked["headers"].get("If-Match"),
    )


FLOWS = {
    "create_enrolment": enrol,
    "create_token": get_token,
    "sync": sync,
    "get_charter": read_charter,
    "get_instrument": read_instrument,
    "get_ballot_key": read_key,
    "draw_ballots": ask_for_ballots,
    "create_submissions": submit,
    "list_teams": lambda example: reports.list_teams(SERVER, read_token(example)),
    "get_team_score": read_flow(reports.read_score, "wave_id"),
    "get_team_heatmap": read_flow(reports.read_heatmap, "wave_id"),
    "get_team_trend": read_flow(reports.read_trend),
    "list_wave_releases": read_flow(reports.read_releases),
    "get_team_sustainment": read_flow(reports.read_sustainment, "marker_id"),
    "get_reliability": lambda example: reports.read_reliability(
        SERVER, read_token(example)
    ),
    "get_roster": lambda example: roster.get_roster(SERVER, read_token(example)),
    "put_roster": put_roster,
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
    ]


READ_EXAMPLES = [
    example
    for name, example in EXAMPLES.items()
    if example["operation"] not in NOT_FOR_THE_SDK and name not in OTHER_FORMS
    for example in split_batch(name, example)
]


def test_every_operation_has_a_flow_or_is_not_for_the_sdk():
    assert {example["operation"] for example in EXAMPLES.values()} == {
        *FLOWS,
        *NOT_FOR_THE_SDK,
    }


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


@pytest.mark.parametrize(
    "example", [pytest.param(example, id=name) for name, example in READ_EXAMPLES]
)
def test_the_sdk_reads_every_example(example):
    sent, response = [], example["response"]

    def play():
        return drive(FLOWS[example["operation"]](example), replay_reply(example, sent))

    if response["status"] < 400:
        play()
    else:
        with pytest.raises(ProblemError) as refused:
            play()
        assert refused.value.code == response["json"]["code"]
        assert refused.value.status == response["status"]


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(example, id=name)
        for name, example in READ_EXAMPLES
        if example["response"]["status"] < 400
    ],
)
def test_the_sdk_asks_as_the_examples_ask(example):
    sent, asked = [], example["request"]

    drive(FLOWS[example["operation"]](example), replay_reply(example, sent))
    (request,) = sent

    assert (request.method, request.url) == (asked["method"], SERVER + asked["path"])
    assert asked["headers"].items() <= request.headers.items()
    if "json" in asked:
        body = request.body
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        assert json.loads(body) == asked["json"]
    if "form" in asked:
        assert dict(parse_qsl(request.body.decode())) == asked["form"]
