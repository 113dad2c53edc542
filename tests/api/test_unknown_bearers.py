"""A token may be good and its bearer gone: after a restore of an older backup, say."""

from uuid import uuid4

import pytest

from rapport_schemas.problems import Problem
from rapport_service.pollbook.tokens import Bearer, sign_access_token
from tests.api import problem_checks
from tests.api.routes import ROUTES, token

BY_NAME = {"argvalues": [route for route in ROUTES if route.scopes], "ids": str}


def call(service, route, headers):
    return service.http.open(
        route.path, method=route.method, headers=headers, **route.body
    )


@pytest.mark.parametrize("route", **BY_NAME)
def test_device_that_is_not_on_record_counts_as_revoked(service, route):
    for organization in ("nowhere", service.agency({"a": 8}).id):
        for scope in route.scopes:
            reply = call(service, route, token({scope}, organization))

            if route.endpoint == "ballots.sync":
                assert reply.get_json()["directives"] == ["revoked"]
            else:
                assert problem_checks.read_problem(reply) is Problem.DEVICE_REVOKED


@pytest.mark.parametrize("route", **BY_NAME)
def test_a_program_that_is_not_on_record_has_to_log_in_again(service, route):
    bearer = Bearer(service.agency({"a": 8}).id, uuid4(), route.scopes)
    access = sign_access_token(service.dependencies.keyring, bearer, service.clock())

    reply = call(service, route, {"Authorization": f"Bearer {access}"})

    if route.endpoint != "ballots.sync":  # no program is a member of anything
        assert problem_checks.read_problem(reply) is Problem.UNAUTHENTICATED
