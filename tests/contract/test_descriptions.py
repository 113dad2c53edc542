"""Descriptions of the document, and the gaps in them that `make contract` reports."""

from copy import deepcopy

import pytest

from tools.openapi.conformance import load_published_document
from tools.openapi.descriptions import (
    UNBOUNDED,
    Catalogue,
    describe,
    list_described,
    list_unbounded_numbers,
    list_undescribed,
    list_unformatted,
    list_unused_entries,
)
from tools.openapi.document import list_stale_descriptions
from tools.openapi.example_files import Example
from tools.openapi.linked_examples import link_examples, list_missing_examples


@pytest.fixture
def document():
    return deepcopy(load_published_document().document)


@pytest.fixture
def score(document):
    """The members of one schema."""
    return document["components"]["schemas"]["ConstructScore"]["properties"]


def document_of(**members):
    """A document with one schema, Thing, and an operation without parameters."""
    return {
        "components": {"schemas": {"Thing": {"properties": members}}},
        "paths": {"/thing": {"get": {"operationId": "get_thing", "responses": {}}}},
    }


def described(catalogue, **members):
    """Descriptions that a catalogue gives the members of Thing, which extends Base."""
    document = document_of(**members)
    describe(document, catalogue, {"Thing": ("Thing", "Base")})
    return {
        name: member["description"]
        for name, member in document["components"]["schemas"]["Thing"][
            "properties"
        ].items()
        if "description" in member
    }


def test_published_document_is_described_and_bounded(document):
    assert list_undescribed(document) == []
    assert list_unbounded_numbers(document) == []
    assert list_unformatted(document) == []
    assert list_missing_examples(document) == []


def test_catalogue_has_no_entry_too_many():
    assert list_stale_descriptions() == []


def test_undescribed_member_parameter_or_header_is_named(document, score):
    del score["favourable"]["description"]
    parameters = document["paths"]["/v1/roster"]["put"]["parameters"]
    (dry_run,) = [each for each in parameters if each.get("name") == "dry_run"]
    del dry_run["description"]
    del document["components"]["headers"]["ETag"]["description"]
    headers = document["paths"]["/v1/sync"]["get"]["responses"]["200"]["headers"]
    headers["Sunset"] = {"schema": {"type": "string"}}

    assert list_undescribed(document) == [
        "ConstructScore.favourable has no description",
        "ETag has no description",
        "put_roster.dry_run has no description",
        "sync.Sunset has no description",
    ]


@pytest.mark.parametrize(
    "text", ["The score.", "Score of a construct.", "This is the construct's score"]
)
def test_description_that_repeats_its_name_is_named(document, score, text):
    score["score"]["description"] = text

    assert list_undescribed(document) == [
        "the description of ConstructScore.score repeats its name"
    ]


def test_value_that_nothing_explains_is_named(document, score):
    score["bound"]["enum"].append("exactly")

    assert list_undescribed(document) == [
        "the description of ConstructScore.bound does not say what exactly means"
    ]


def test_null_that_nothing_explains_is_named(document, score):
    score["score"]["type"] = ["integer", "null"]

    assert list_undescribed(document) == [
        "the description of ConstructScore.score does not say what null means"
    ]


def test_number_without_bounds_is_named_wherever_it_is(document, score):
    del score["score"]["minimum"], score["score"]["maximum"]
    score["plain"] = {"type": "array", "items": {"type": ["number", "null"]}}

    assert list_unbounded_numbers(document) == [
        "ConstructScore.score is a number without minimum or maximum",
        "ConstructScore.plain is a number without minimum or maximum",
    ]


def test_numbers_that_need_no_bounds_are_in_the_document(document):
    assert {str(each) for each in list_described(document)} >= UNBOUNDED


def test_instant_without_its_format_is_named(document, score):
    score["sealed_at"] = {"type": "string"}
    score["sealed_on"] = {"type": "string", "format": "date-time"}

    assert list_unformatted(document) == [
        "ConstructScore.sealed_at has not the format date-time",
        "ConstructScore.sealed_on has not the format date",
    ]


def test_entry_that_describes_nothing_is_named():
    catalogue = Catalogue(
        {"size": "Metres.", "Thing.colour": "Paint.", "shape": "Outline."},
        {"size": {"small": "little.", "huge": "much."}},
    )
    document = document_of(size={"enum": ["small"]}, colour={}, weight={})

    assert list_unused_entries(document, catalogue, {}) == [
        "the catalogue describes shape, which is not in the document",
        "the catalogue describes size: huge, which is not in the document",
    ]


def test_entry_of_a_schema_goes_before_that_of_its_base_and_of_the_word():
    words = {"a": "Word.", "b": "Word.", "c": "Word."}
    bases = {"Base.a": "Base.", "Base.b": "Base."}
    catalogue = Catalogue({**words, **bases, "Thing.a": "Thing."}, {})

    assert described(catalogue, a={}, b={}, c={}) == {
        "a": "Thing.",
        "b": "Base.",
        "c": "Word.",
    }


def test_meaning_of_null_is_left_out_where_null_is_not_allowed():
    catalogue = Catalogue({"a": "Points. Null: none.", "b": "Points. Null: none."}, {})
    members = {"a": {"type": ["integer", "null"]}, "b": {"type": "integer"}}

    assert described(catalogue, **members) == {
        "a": "Points. Null: none.",
        "b": "Points.",
    }


def test_meanings_of_values_follow_as_a_list():
    catalogue = Catalogue({"a": "Size."}, {"a": {"small": "little.", "big": "much."}})
    word = {"type": "string", "enum": ["small", "big"]}
    text = "Size.\n\n* `small`: little.\n* `big`: much."

    assert described(catalogue, a=word) == {"a": text}
    assert described(catalogue, a={"type": "array", "items": word}) == {"a": text}


def test_examples_are_linked_at_requests_and_responses():
    body, reply = {"schema": {}}, {"schema": {}}
    document = document_of()
    document["paths"]["/thing"]["get"] |= {
        "requestBody": {"content": {"application/json": body}},
        "responses": {"200": {"content": {"application/json": reply}}},
    }
    assert list_missing_examples(document) == [
        "get_thing has no example of a request in application/json",
        "get_thing has no example of a response in application/json",
    ]
    headers = {"Content-Type": "application/json"}
    response = {"status": 200, "headers": headers, "json": {"b": 2}}
    example = Example("get_thing", "A thing.", {"json": {"a": 1}}, response)

    link_examples(document, {"get_thing.one": example, "get_thing.two": example})

    assert list_missing_examples(document) == []
    assert body["examples"] == {"one": {"summary": "A thing.", "value": {"a": 1}}}
    assert reply["examples"] == {"one": {"summary": "A thing.", "value": {"b": 2}}}


def test_each_word_is_described_once_for_all_who_share_it(document):
    """Overrides are for words that mean two things, not for saying the same twice."""
    catalogue = Catalogue.load()
    repeated = [
        name
        for name, text in catalogue.members.items()
        if "." in name and text == catalogue.members.get(name.rpartition(".")[2])
    ]

    assert list(list_described(document))
    assert repeated == []
