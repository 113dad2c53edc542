"""The golden examples: still answered as they were, and true to the document."""

import json
from copy import deepcopy

import pytest

from rapport_service import b64
from tests.contract.examples import breaches, differences, frozen, play
from tests.contract.published import committed

ITS_OWN_EXAMPLE = {"get_openapi"}


def test_the_service_still_takes_and_gives_what_the_examples_show(house):
    told, written = play(house), frozen()

    assert sorted(told) == sorted(written)
    assert {name: differences(written[name], told[name]) for name in told} == {
        name: [] for name in told
    }


@pytest.mark.parametrize("name", frozen())
def test_an_example_is_valid_by_the_published_schemas(name):
    assert breaches(committed(), frozen()[name]) == []


def test_every_operation_has_an_example_of_success():
    operations = {
        operation["operationId"]
        for methods in committed().document["paths"].values()
        for operation in methods.values()
    }
    shown = {
        example.operation
        for example in frozen().values()
        if example.response["status"] < 300
    }

    assert operations - shown == ITS_OWN_EXAMPLE


def bent(name, bend):
    example = deepcopy(frozen()[name])
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
        assert breaches(committed(), bent("post_enrolment.tokens", bend))


def test_another_word_another_type_or_another_status_is_a_difference():
    old = frozen()["post_submissions.accepted"]

    def word(example):
        example.response["json"]["results"][0]["status"] = "late"

    def kind(example):
        example.response["json"]["results"][0]["digest"] = 7

    def status(example):
        example.response["status"] = 201

    def asked(example):
        example.request["json"]["items"][0]["extra"] = 1

    for bend in (word, kind, status, asked):
        assert differences(old, bent("post_submissions.accepted", bend))
    assert differences(old, old) == []


def test_other_values_of_the_same_shape_are_none():
    def value(example):
        example.response["json"]["results"][0]["digest"] = "another"

    assert not differences(
        frozen()["post_submissions.accepted"],
        bent("post_submissions.accepted", value),
    )


def test_a_charters_example_has_the_bytes_that_its_digest_names():
    example = frozen()["get_wave_charter.frozen"]
    written = json.dumps(
        example.response["json"], ensure_ascii=False, separators=(",", ":")
    )

    assert example.response["headers"]["ETag"] == f'"{b64.digest(written.encode())}"'
