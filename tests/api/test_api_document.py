"""The published document and the page made of it."""

import json
from html.parser import HTMLParser

from rapport_schemas.openapi import document
from rapport_service.encoding import base64url
from tools.openapi.descriptions import list_described


class Page(HTMLParser):
    """Links, ids, styles and words in a page's markup."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.inline = [], [], [], []
        self.words = ""
        self.feed(text)

    def handle_data(self, data):
        self.words += data

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in {"href", "src", "action", "srcset"}:
                self.links.append(value)
            if name == "style" or name.startswith("on"):
                self.inline.append(value)


def page(service):
    return Page(service.http.get("/docs").text)


def test_the_document_is_served_as_it_ships_with_its_digest_as_tag(service):
    reply = service.http.get("/v1/openapi.json")
    again = service.http.get(
        "/v1/openapi.json", headers={"If-None-Match": reply.headers["ETag"]}
    )

    assert reply.data == document()
    assert reply.headers["ETag"] == f'"{base64url.digest(document())}"'
    assert again.status_code == 304


def test_page_loads_nothing_from_elsewhere_and_runs_nothing(service):
    reply = service.http.get("/docs")
    shown = Page(reply.text)

    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert "script" not in reply.headers["Content-Security-Policy"]
    assert not {"script", "img", "iframe", "style", "form"} & set(shown.tags)
    assert shown.inline == []
    assert all(link.startswith(("#", "/")) for link in shown.links)
    assert not any(link.startswith("//") for link in shown.links)


def test_every_address_on_the_page_leads_somewhere(service):
    shown = page(service)

    for link in set(shown.links):
        if link.startswith("#"):
            assert link[1:] in shown.ids, link
        else:
            assert service.http.get(link).status_code == 200, link
    assert len(shown.ids) == len(set(shown.ids))


def test_the_page_shows_every_operation_every_schema_and_every_problem(service):
    text, shown = service.http.get("/docs").text, page(service)
    published = json.loads(document())

    for methods in published["paths"].values():
        for operation in methods.values():
            assert operation["operationId"] in shown.ids
    for schema in published["components"]["schemas"]:
        assert f"schema-{schema}" in shown.ids
    for codes in _codes(published["paths"]):
        for code in codes:
            assert f'<a href="/problems/{code}"><code>{code}</code></a>' in text


def test_page_explains_every_member_parameter_and_header(service):
    words, published = page(service).words, json.loads(document())

    for described in list_described(published):
        assert described.name in words
        for line in described.node["description"].split("\n"):
            assert line.removeprefix("* ").replace("`", "") in words, str(described)


def test_page_shows_bounds_formats_and_patterns(service):
    words = page(service).words

    for shown in (
        "score integer, 0 to 100",
        "release integer, 1 or more",
        "reason string, 1 to 500 characters",
        "scopes list of string, 1 to 3 entries",
        "opens_at string, date and time (RFC 3339)",
        "parent_id string or null, UUID",
        "every_weeks integer, 1 to 365, default 2, optional",
        "team_id string, UUID, in the path",
        "Pattern: ^[A-Za-z0-9_-]{43}$",
    ):
        assert shown in words


def test_page_shows_every_example_folded(service):
    shown, published = page(service), json.loads(document())
    examples = list(_list_examples(published["paths"]))

    assert len(examples) > 80
    assert shown.tags.count("pre") == len(examples)
    for example in examples:
        assert f"Example: {example['summary']}" in shown.words
        value = example["value"]
        text = value if isinstance(value, str) else _lines(value)
        assert text in shown.words


def test_the_page_fits_a_phone(service):
    style = service.http.get("/docs/style.css")

    assert "width=device-width" in service.http.get("/docs").text
    assert style.mimetype == "text/css"
    assert "overflow-wrap: anywhere" in style.text


def _list_examples(node):
    match node:
        case {"summary": _, "value": _}:
            yield node
        case dict():
            for below in node.values():
                yield from _list_examples(below)


def _lines(value):
    return json.dumps(value, ensure_ascii=False, indent=2)


def _codes(node):
    match node:
        case {"code": {"enum": codes}}:
            yield codes
        case dict():
            for below in node.values():
                yield from _codes(below)
        case list():
            for below in node:
                yield from _codes(below)
