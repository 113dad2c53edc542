"""The published document and the page made of it."""

import json
from html.parser import HTMLParser

from rapport_schemas.openapi import document
from rapport_service.encoding import base64url


class Page(HTMLParser):
    """Links, ids and styles in a page's markup."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.links, self.inline = [], [], [], []
        self.feed(text)

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
            assert f"<code>{code}</code>" in text


def test_the_page_fits_a_phone(service):
    style = service.http.get("/docs/style.css")

    assert "width=device-width" in service.http.get("/docs").text
    assert style.mimetype == "text/css"
    assert "overflow-wrap: anywhere" in style.text


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
