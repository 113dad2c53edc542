import pytest

from rapport_schemas.problems import Problem
from rapport_service.api.operation import operation_of
from tests.api import problem_checks
from tests.api.routes import JSON_ROUTES, call
from tests.support.http_phone import content, item, post_items

BY_NAME = {"argvalues": JSON_ROUTES, "ids": str}
DEEP = 100_000
"""Brackets: more than any parser's stack holds, and less than any body's limit."""


def send(service, route, body):
    return call(service, route, data=body, content_type="application/json")


MALFORMED = {
    "nothing": b"",
    "not JSON": b"answers",
    "cut off": b'{"a": ',
    "more than one": b"{} {}",
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "a name twice": b'{"a": 1, "a": 2}',
    "a name twice below": b'{"items": [{"a": 1, "a": 2}]}',
    "a list": b"[]",
    "a text": b'"text"',
    "null": b"null",
    "bytes that are no UTF-8": b'{"a": "\xff"}',
    "half a surrogate as bytes": b'{"a": "\xed\xa0\x80"}',
    "another encoding": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a bare NUL": b'{"a": "\x00"}',
    "more digits than a number has": b'{"a": ' + b"9" * 5000 + b"}",
    "lists too deep": b'{"a": ' + b"[" * 3000 + b"]" * 3000 + b"}",
    "objects too deep": b'{"a":' * 1200 + b"1" + b"}" * 1200,
    "a comment": b"{} // all good",
    "single quotes": b"{'a': 1}",
}


@pytest.mark.parametrize("route", **BY_NAME)
def test_body_that_is_no_json_object_is_malformed(service, route):
    for wrong, body in MALFORMED.items():
        fits = len(body) <= operation_of(route.view).max_bytes
        expected = Problem.MALFORMED if fits else Problem.TOO_LARGE
        assert problem_checks.read_problem(send(service, route, body)) is expected, (
            wrong
        )


def test_the_deepest_nesting_that_fits_a_body_is_malformed_too(service):
    (route,) = (r for r in JSON_ROUTES if r.endpoint == SUBMISSIONS)

    for bracket in (b"[", b'{"a":'):
        reply = send(service, route, bracket * DEEP)

        assert problem_checks.read_problem(reply) is Problem.MALFORMED


@pytest.mark.parametrize("route", **BY_NAME)
def test_an_unknown_member_is_named(service, route):
    reply = call(service, route, json={**route.body["json"], "planted": 1})

    assert problem_checks.read_problem(reply) is Problem.INVALID
    assert problem_checks.field_names(reply) == {"planted"}


def required_fields(route):
    fields = operation_of(route.view).body_schema().fields
    return {name for name, field in fields.items() if field.required}


@pytest.mark.parametrize("route", [*filter(required_fields, JSON_ROUTES)], ids=str)
def test_missing_fields_are_all_named_at_once(service, route):
    reply = call(service, route, json={})

    assert problem_checks.read_problem(reply) is Problem.INVALID
    assert problem_checks.field_names(reply) == required_fields(route)


SUBMISSIONS = "ballot_box.create_submissions"
LENGTHS = ("every_weeks", "open_days", "announce_days", "grace_days")
WRONG = [None, True, 7, 1.5, -1, 10**30, [], {}, [[]], [{}], "", {"a": {"b": []}}]

RIGHT = [
    ("roster.put_roster", "people", []),  # an agency may be empty
    (SUBMISSIONS, "items", [[]]),  # read one by one
    (SUBMISSIONS, "items", [{}]),
    ("clients.create_client", "team_ids", []),  # a client that is not limited
    ("markers.declare_marker", "team_id", None),  # the whole agency
    ("markers.declare_marker", "confirmed", True),
    ("organization.update_organization", "min_pool", 7),
    *(("pulses.create_pulse", length, 7) for length in LENGTHS),
]


@pytest.mark.parametrize("route", **BY_NAME)
def test_a_value_of_the_wrong_type_is_named(service, route):
    for member in route.body["json"]:
        for wrong in WRONG:
            if (route.endpoint, member, wrong) in RIGHT:
                continue
            reply = call(service, route, json={**route.body["json"], member: wrong})

            assert problem_checks.read_problem(reply) is Problem.INVALID, (
                member,
                wrong,
            )
            assert {f.partition(".")[0] for f in problem_checks.field_names(reply)} == {
                member
            }


NOT_PRINTABLE = [
    "a\x00b",
    "\x00",
    "a\nb",
    "\ud800",
    "a\u2028b",
    " a",
    "a ",
    "\u200b",
    "",
]


def texts(document, path=()):
    """Paths of the texts in a document."""
    match document:
        case dict():
            for name, value in document.items():
                yield from texts(value, (*path, name))
        case list():
            for index, value in enumerate(document):
                yield from texts(value, (*path, index))
        case str():
            yield path


def with_text(document, path, text):
    """The document with another text in one place."""
    if not path:
        return text
    copy = document.copy()
    copy[path[0]] = with_text(document[path[0]], path[1:], text)
    return copy


@pytest.mark.parametrize(
    "route",
    [
        r
        for r in JSON_ROUTES
        if r.endpoint != SUBMISSIONS and any(texts(r.body["json"]))
    ],
    ids=str,
)
def test_nul_and_other_unprintable_text_is_refused_in_every_field(service, route):
    places = set(texts(route.body["json"])) - {("code",)}
    assert places
    for path in places:
        for wrong in NOT_PRINTABLE:
            reply = call(
                service, route, json=with_text(route.body["json"], path, wrong)
            )

            assert problem_checks.read_problem(reply) is Problem.INVALID, (path, wrong)
            assert problem_checks.field_names(reply) == {".".join(map(str, path))}


def test_text_that_is_no_code_is_an_unknown_code(service):
    for wrong in set(NOT_PRINTABLE) - {""}:
        for code in (wrong, f"acme-{wrong}", f"{wrong}-7QFM-29XK-T4WD"):
            reply = service.http.post(
                "/v1/enrolments", json={"code": code, "device": "A" * 43}
            )

            assert problem_checks.read_problem(reply) is Problem.CODE_UNKNOWN, code


def test_nul_in_an_item_spoils_no_other_item(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, 5)]

    reply = post_items(
        service.http,
        item(ballots[0], "\x00"),
        item(f"{ballots[1]}\x00", content()),
        item(ballots[2], "\x00" * 450),
        {"op": "\x00", "ballot": "\x00", "envelope": "\x00"},
        item(ballots[3], content()),
    )

    assert [(r["status"], r["reason"]) for r in reply.get_json()["results"]] == [
        ("rejected", "undecodable"),
        ("rejected", "undecodable"),
        ("rejected", "undecodable"),
        ("rejected", "op_unknown"),
        ("accepted", None),
    ]


def test_batch_comes_back_as_it_was_sent(service):
    for batch in ("\x00", "\ud800", '"', "é", "😀" * 64):
        reply = service.http.post(
            "/v1/submissions", json={"protocol": 1, "batch": batch, "items": [{}]}
        )

        assert reply.get_json()["batch"] == batch
