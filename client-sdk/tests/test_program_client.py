"""A program with its own id and secret: teams, scores, the roster."""

import pytest
from fake_service.documents import ROOT, TEAM, to_bytes
from fake_service.faults import PORTAL, on_path, reply_with
from fake_service.phone import SERVER
from fake_service.service import problem

from rapport_client import (
    Client,
    ClientInvalid,
    GrantInvalid,
    ProblemError,
    Response,
    ScopeMissing,
    Team,
    TeamNotFound,
    TooLarge,
    TransportFailure,
    UnexpectedReply,
    UnknownProblem,
)
from rapport_client._protocol.replies import to_exception
from rapport_client.errors import PROBLEMS, FieldError

WAVE = "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11"
PENDING = {
    "status": "pending",
    "team": {"id": TEAM, "external_id": "north", "name": "North"},
    "wave_id": WAVE,
    "seals_at": "2026-12-08T08:00:00Z",
    "delay": None,
}


def test_teams_are_listed(client):
    assert client.teams.list() == (Team(TEAM, "north", "North", ROOT, gone=False),)


def test_a_wave_may_be_asked_for(client, service):
    service.scores[TEAM] = PENDING

    client.teams.score(TEAM, wave=WAVE)

    assert service.log[-1].url == f"{SERVER}/v1/teams/{TEAM}/score?wave_id={WAVE}"


def test_one_token_serves_many_requests(client, service):
    client.teams.list()
    client.teams.list()

    assert service.paths() == ["/v1/token", "/v1/teams", "/v1/teams"]


def test_a_token_that_is_refused_is_renewed_once(client, service):
    client.teams.list()
    service.valid_access_tokens.clear()
    service.log.clear()

    client.teams.list()
    assert service.paths() == ["/v1/teams", "/v1/token", "/v1/teams"]

    service.intercept = on_path("/v1/teams", reply_with(problem(401, "token-invalid")))
    with pytest.raises(ProblemError):
        client.teams.list()


def test_a_token_that_has_expired_is_not_presented(client, service):
    client.teams.list()
    client._session._expires_at = 0
    service.log.clear()

    client.teams.list()

    assert service.paths() == ["/v1/token", "/v1/teams"]


def test_wrong_secret_raises_its_own_error(service):
    with (
        Client(SERVER, "acme-client", "wrong", transport=service) as client,
        pytest.raises(ClientInvalid),
    ):
        client.teams.list()


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (problem(403, "not-yours"), UnknownProblem),
        (PORTAL, UnexpectedReply),
        (problem(403, ""), UnknownProblem),
    ],
)
def test_a_refusal_is_not_repeated(client, service, reply, error):
    service.intercept = on_path("/v1/teams", reply_with(reply))

    with pytest.raises(error):
        client.teams.list()

    assert service.paths().count("/v1/teams") == 1


def test_a_refusal_is_no_reason_to_renew_a_token(client, service):
    client.teams.list()
    service.log.clear()
    service.intercept = on_path("/v1/teams", reply_with(problem(404, "team-not-found")))

    with pytest.raises(TeamNotFound):
        client.teams.score(TEAM)

    assert len(service.log) == 1


def test_broken_connection_is_raised_as_transport_failure():
    with (
        Client("http://127.0.0.1:1", "acme-client", "s3cret") as client,
        pytest.raises(TransportFailure),
    ):
        client.teams.list()


# Problem documents.


def test_a_problem_carries_its_whole_document():
    reply = problem(
        422,
        "roster-invalid",
        detail="2 rules broken",
        retry="after_fix",
        request_id="r-17",
        errors=[
            {"pointer": "/people/3/team", "code": "new", "detail": "is a new rule"}
        ],
        new={"member": 1},
    )

    error = to_exception(reply)

    assert isinstance(error, UnknownProblem)
    assert (error.status, error.code, error.retry) == (
        422,
        "roster-invalid",
        "after_fix",
    )
    assert (error.detail, error.request_id) == ("2 rules broken", "r-17")
    assert error.errors == (FieldError("/people/3/team", "new", "is a new rule"),)
    assert error.document["new"] == {"member": 1}
    assert str(error) == (
        "roster-invalid 2 rules broken people.3.team: is a new rule "
        "(roster-invalid, HTTP 422)"
    )


@pytest.mark.parametrize(("code", "kind"), sorted(PROBLEMS.items()))
def test_each_code_has_its_class(code, kind):
    assert type(to_exception(problem(400, code))) is kind


def test_the_text_of_a_problem_names_the_first_fields_and_counts_the_rest():
    errors = [
        {"pointer": f"/people/{n}/team", "code": "x", "detail": "is wrong"}
        for n in range(5)
    ]

    error = to_exception(problem(422, "invalid", errors=errors, more_errors=12))

    assert str(error) == (
        "invalid people.0.team: is wrong; people.1.team: is wrong; people.2.team: is "
        "wrong; and 14 more (invalid, HTTP 422)"
    )
    assert (len(error.errors), error.more_errors) == (5, 12)


def test_a_query_parameter_that_is_wrong_is_named():
    errors = [{"pointer": None, "parameter": "limit", "code": "x", "detail": "is odd"}]

    error = to_exception(problem(422, "invalid", errors=errors))

    assert error.errors == (FieldError(None, "x", "is odd", "limit"),)
    assert "limit: is odd" in str(error)


@pytest.mark.parametrize(
    ("needs", "expected"), [(["admin", "roster"], ("admin", "roster")), (None, ())]
)
def test_a_missing_scope_says_which_would_do(needs, expected):
    error = to_exception(problem(403, "scope-missing", needs=needs))

    assert isinstance(error, ScopeMissing)
    assert error.needs == expected


@pytest.mark.parametrize(
    ("limits", "expected"), [({"bytes": 9, "x": None}, {"bytes": 9}), (1, {})]
)
def test_a_request_that_is_too_large_says_how_large_it_may_be(limits, expected):
    error = to_exception(problem(413, "too-large", limits=limits))

    assert isinstance(error, TooLarge)
    assert error.limits == expected


def test_a_code_has_one_class_whatever_the_status():
    assert type(to_exception(problem(409, "grant-invalid"))) is GrantInvalid


@pytest.mark.parametrize(
    "members",
    [
        {"code": 1},
        {"code": None},
        {"title": [1]},
        {"retry": True},
        {"errors": [1]},
        {"errors": [{"pointer": 1}]},
    ],
)
def test_a_malformed_problem_is_an_unexpected_reply(members):
    body = to_bytes({"code": "x", **members})
    reply = Response(400, {"content-type": "application/problem+json"}, body)

    assert isinstance(to_exception(reply), UnexpectedReply)


def test_a_problem_without_a_title_goes_by_its_code():
    assert to_exception(problem(400, "x", title=None)).title == "x"
