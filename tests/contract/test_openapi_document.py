"""The document that ships is the one that the views make."""

import json

from rapport_service.api.operation import operation_of
from tools.openapi import document

VERBS = {
    *("get", "list", "create", "put", "plan", "cancel", "stop", "declare", "retract"),
    *("rotate", "revoke", "sync", "draw", "update", "check"),
}
"""First words of the names of operations."""


def test_the_committed_document_is_the_one_that_the_views_make():
    fresh = document.render_document()

    assert document.DOCUMENT_PATH.read_text(encoding="utf-8") == fresh, (
        "run `make openapi` and look at the difference"
    )


def test_every_route_of_the_api_states_a_contract(service):
    silent = [
        rule.rule
        for rule in service.app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        and not operation_of(service.app.view_functions[rule.endpoint]).is_documented
    ]

    assert silent == []


def test_document_names_the_login_of_each_door():
    published = json.loads(document.DOCUMENT_PATH.read_bytes())
    doors = {"public": set(), "bearer": set(), "client": set()}
    for path in published["paths"].values():
        for operation in path.values():
            wanted = {name for scheme in operation["security"] for name in scheme}
            (door,) = wanted or {"public"}
            doors[door].add((operation["tags"][0], operation["operationId"]))

    assert {tag for tag, _ in doors["public"]} == {
        "Ballot box",
        "Sign-in",
        "Service",
    }
    assert doors["client"] == {("Sign-in", "create_token")}
    assert "Ballot box" not in {tag for tag, _ in doors["bearer"]}


def test_every_operation_is_in_one_group_that_is_described():
    published = json.loads(document.DOCUMENT_PATH.read_bytes())
    described = {tag["name"]: tag["description"] for tag in published["tags"]}
    used = [
        tuple(operation["tags"])
        for path in published["paths"].values()
        for operation in path.values()
    ]

    assert set(used) == {(name,) for name in described}
    assert all(text.endswith(".") for text in described.values())


def test_operation_is_named_by_a_verb_and_once_only():
    published = json.loads(document.DOCUMENT_PATH.read_bytes())
    names = [
        operation["operationId"]
        for path in published["paths"].values()
        for operation in path.values()
    ]

    assert len(names) == len(set(names))
    assert {name.partition("_")[0] for name in names} <= VERBS


def test_the_document_says_where_the_service_is():
    (server,) = json.loads(document.DOCUMENT_PATH.read_bytes())["servers"]

    assert server["url"] == "/"
    assert "ballot box" in server["description"]


def test_score_is_discriminated_by_its_status():
    schemas = json.loads(document.DOCUMENT_PATH.read_bytes())["components"]["schemas"]
    mapping = schemas["Score"]["discriminator"]["mapping"]

    for status, ref in mapping.items():
        shape = schemas[ref.rpartition("/")[2]]
        assert shape["properties"]["status"]["const"] == status
        assert "status" in shape["required"]
    assert set(mapping) == {"released", "rolled_up", "withheld", "pending"}
