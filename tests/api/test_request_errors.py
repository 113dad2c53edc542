import pytest

from rapport_schemas.problems import Problem
from tests.api import problem_checks
from tests.api.routes import ROUTES, UUID


@pytest.mark.parametrize(
    "strange",
    ["%00", "a%00b", "%ff", "%ed%a0%80", "..", "%2e%2e", "'", "%22", "%0a", "é", "*"],
)
def test_a_strange_path_is_simply_not_found(service, strange):
    for path in (
        f"/{strange}",
        f"/v1/{strange}",
        f"/v1/keys/{strange}",
        f"/v1/keys/acme.{strange}",
        f"/v1/instruments/{strange}",
        f"/v1/waves/{strange}/charter",
        f"/v1/waves/acme.{strange}/charter",
        f"/v1/teams/{strange}/score",
    ):
        reply = service.http.get(path)

        assert problem_checks.read_problem(reply) is Problem.NOT_FOUND, path


@pytest.mark.parametrize(
    "path", ["//v1/sync", "/v1//sync", "/v1/sync/", "/V1/sync", "/v1/./sync"]
)
def test_a_resource_has_one_address_and_nothing_redirects(service, path):
    assert problem_checks.read_problem(service.http.get(path)) is Problem.NOT_FOUND


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_wrong_method_gets_the_list_of_methods(service, route):
    """The address of a person's codes may be that of a person with such an id."""
    address = service.app.url_map.bind("localhost")
    methods = {"GET", "POST", "PUT", "PATCH", "DELETE", "BREW"}
    for method in {each for each in methods if not address.test(route.path, each)}:
        reply = service.http.open(route.path, method=method)

        assert problem_checks.read_problem(reply) is Problem.METHOD_NOT_ALLOWED
        assert route.method in reply.headers["Allow"]
        assert method not in reply.headers["Allow"]


CLIENT = "grant_type=client_credentials"
REFRESH = "grant_type=refresh_token&refresh_token="

FORMS = {
    "": Problem.GRANT_UNSUPPORTED,
    "grant_type=": Problem.GRANT_UNSUPPORTED,
    "grant_type=%00": Problem.GRANT_UNSUPPORTED,
    "grant_type=refresh_token": Problem.INVALID,
    REFRESH: Problem.INVALID,
    f"{REFRESH}%00": Problem.GRANT_INVALID,
    f"{REFRESH}a.b.c.d.e": Problem.GRANT_INVALID,
    f"{REFRESH}a.%ff.1.%ed%a0%80": Problem.MALFORMED,
    f"{REFRESH}acme.{UUID}.{'9' * 5000}.x": Problem.GRANT_INVALID,
    f"{REFRESH}acme.{UUID}.1.x": Problem.GRANT_INVALID,
    CLIENT: Problem.INVALID,
    f"{CLIENT}&client_id=a": Problem.INVALID,
    f"{CLIENT}&client_id=%00&client_secret=%00": Problem.CLIENT_INVALID,
    f"{CLIENT}&client_id=a.b&client_secret=%ed%a0%80": Problem.MALFORMED,
    f"{CLIENT}&client_id=acme.{UUID}&client_secret=%00": Problem.CLIENT_INVALID,
    "%ff=%ff&%00": Problem.MALFORMED,
}


def test_bad_token_request_gets_the_error_of_the_standard(service):
    for form, expected in FORMS.items():
        reply = service.http.post(
            "/v1/token", data=form, content_type="application/x-www-form-urlencoded"
        )

        assert problem_checks.read_problem(reply) is expected, form
        assert reply.get_json()["error"]  # RFC 6749 section 5.2


@pytest.mark.parametrize(
    "basic", ["", "x", "====", "/w==", "YQ==", "6Q==", "AAAA", "AA6A"]
)
def test_a_bad_basic_header_is_an_unknown_client(service, basic):
    reply = service.http.post(
        "/v1/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {basic}"},
    )

    assert problem_checks.read_problem(reply) is Problem.CLIENT_INVALID
    assert reply.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("name", ["north", "Team%20North", "{" + UUID + "}", UUID[:-1]])
def test_name_in_the_place_of_an_id_gets_a_hint(service, name):
    for path in (
        f"/v1/teams/{name}/score",
        f"/v1/teams/{name}/trend",
        f"/v1/teams/{name}/heatmap",
        f"/v1/teams/{name}/sustainment",
    ):
        reply = service.http.get(path)

        assert problem_checks.read_problem(reply) is Problem.NOT_FOUND
        assert "Use a UUID" in reply.get_json()["detail"]
