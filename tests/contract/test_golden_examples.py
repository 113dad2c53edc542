"""The golden examples: still answered as they were, and true to the document."""

import json
from copy import deepcopy

import pytest

from rapport_service.encoding import base64url
from tools.openapi.conformance import load_published_document
from tools.openapi.example_files import load_examples
from tools.openapi.examples import (
    list_differences,
    list_violations,
    play_walkthrough,
)

WITHOUT_EXAMPLE = {"get_openapi"}


def test_service_still_exchanges_the_examples(service):
    played, written = play_walkthrough(service), load_examples()

    assert sorted(played) == sorted(written)
    assert {name: list_differences(written[name], played[name]) for name in played} == {
        name: [] for name in played
    }


@pytest.mark.parametrize("name", load_examples())
def test_an_example_is_valid_by_the_published_schemas(name):
    assert list_violations(load_published_document(), load_examples()[name]) == []


def test_every_operation_has_an_example_of_success():
    operations = {
        operation["operationId"]
        for methods in load_published_document().document["paths"].values()
        for operation in methods.values()
    }
    shown = {
        example.operation
        for example in load_examples().values()
        if example.response["status"] < 300
    }

    assert operations - shown == WITHOUT_EXAMPLE


def edit_example(name, bend):
    example = deepcopy(load_examples()[name])
    bend(example)
    return example


def test_a_member_too_many_or_too_few_breaks_the_schema():
    def add(example):
        example.response["json"]["colour"] = "red"

    def drop(example):
        del example.response["json"]["scope"]

    def send(example):
        example.request["json"]["colour"] = "red"

    for bend in (add, drop, send):
        assert list_violations(
            load_published_document(), edit_example("create_enrolment.tokens", bend)
        )


def test_another_word_another_type_or_another_status_is_a_difference():
    old = load_examples()["create_submissions.accepted"]

    def word(example):
        example.response["json"]["results"][0]["status"] = "lost"

    def kind(example):
        example.response["json"]["results"][0]["digest"] = 7

    def status(example):
        example.response["status"] = 201

    def asked(example):
        example.request["json"]["items"][0]["extra"] = 1

    for bend in (word, kind, status, asked):
        assert list_differences(old, edit_example("create_submissions.accepted", bend))
    assert list_differences(old, old) == []


def test_other_values_of_the_same_shape_are_none():
    def value(example):
        example.response["json"]["results"][0]["digest"] = "another"

    assert not list_differences(
        load_examples()["create_submissions.accepted"],
        edit_example("create_submissions.accepted", value),
    )


def test_a_charters_example_has_the_bytes_that_its_digest_names():
    example = load_examples()["get_charter.frozen"]
    written = json.dumps(
        example.response["json"], ensure_ascii=False, separators=(",", ":")
    )

    assert (
        example.response["headers"]["ETag"] == f'"{base64url.digest(written.encode())}"'
    )
