"""A token may be good and its bearer gone: after a restore of an older backup, say."""

import pytest

from rapport_schemas.problems import Problem
from tests.api import problem
from tests.api.routes import ROUTES, token

BY_NAME = {"argvalues": [route for route in ROUTES if route.scopes], "ids": str}


def call(house, route, headers):
    return house.http.open(
        route.path, method=route.method, headers=headers, **route.body
    )


@pytest.mark.parametrize("route", **BY_NAME)
def test_where_the_organization_is_gone_nothing_breaks(house, route):
    for scope in route.scopes:
        reply = call(house, route, token({scope}, "nowhere"))

        assert reply.status_code < 500, (scope, reply.text)


@pytest.mark.parametrize("route", **BY_NAME)
def test_where_the_person_is_gone_nothing_breaks(house, route):
    agency = house.agency({"a": 8})
    for scope in route.scopes:
        reply = call(house, route, token({scope}, agency.id))

        assert reply.status_code < 500, (scope, reply.text)


def test_nothing_is_done_in_the_name_of_a_person_who_is_gone(house):
    by_name = {route.endpoint: route for route in ROUTES}
    nobody = token({"admin"}, house.agency({"a": 8}).id)

    made = call(house, by_name["clients.post_client"], nobody)
    clients = house.http.get("/v1/clients", headers=nobody)

    assert problem.of(made) is Problem.UNAUTHENTICATED
    assert clients.get_json() == {"clients": []}
