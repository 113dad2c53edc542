"""The check that every response goes through can fail."""

import json
from copy import deepcopy

import pytest

from tests.support.http_phone import Phone
from tools.openapi.conformance import PublishedDocument, load_published_document


@pytest.fixture
def document():
    return deepcopy(load_published_document().document)


@pytest.fixture
def http(service, document):
    http = service.http
    http.published = PublishedDocument(document)
    return http


def test_a_response_as_published_passes(http):
    assert http.get("/v1/keys/none").status_code == 404


def test_a_member_that_is_not_published_is_a_fault(http, document, service):
    del document["components"]["schemas"]["TokenReply"]["properties"]["scope"]
    document["components"]["schemas"]["TokenReply"]["required"].remove("scope")
    code = service.agency({"a": 1}).code("a-1")

    with pytest.raises(AssertionError, match="'scope' was unexpected"):
        Phone(http).enrol(code)


def test_a_member_that_is_published_and_missing_is_a_fault(http, document, service):
    document["components"]["schemas"]["TokenReply"]["required"].append("colour")
    code = service.agency({"a": 1}).code("a-1")

    with pytest.raises(AssertionError, match="'colour' is a required property"):
        Phone(http).enrol(code)


def test_a_problem_that_is_not_published_for_an_operation_is_a_fault(http, document):
    responses = document["paths"]["/v1/keys/{ballot_key_id}"]["get"]["responses"]
    changed = json.dumps(responses["404"]).replace("not-found", "busy")
    responses["404"] = json.loads(changed)

    with pytest.raises(AssertionError, match="'not-found' is not one of"):
        http.get("/v1/keys/none")


def test_a_status_that_is_not_published_is_a_fault(http, document):
    del document["paths"]["/v1/keys/{ballot_key_id}"]["get"]["responses"]["404"]

    with pytest.raises(AssertionError, match="404 is not published"):
        http.get("/v1/keys/none")


def test_a_header_that_is_published_and_missing_is_a_fault(http, document):
    responses = document["paths"]["/v1/keys/{ballot_key_id}"]["get"]["responses"]
    responses["404"]["headers"] = {"Retry-After": {}}

    with pytest.raises(AssertionError, match="Retry-After is missing"):
        http.get("/v1/keys/none")


def test_a_problem_where_there_is_no_operation_is_checked_too(http, document):
    document["components"]["schemas"]["Problem"]["required"].append("colour")

    with pytest.raises(AssertionError, match="'colour' is a required property"):
        http.get("/v1/nowhere")
