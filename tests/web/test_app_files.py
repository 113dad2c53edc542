"""Files of the phone app: headers, the service worker's list, installability."""

import hashlib
import json
import re

import pytest

from rapport_service.encoding import base64url
from rapport_service.web.assets import (
    MEDIA_TYPES,
    load_assets,
    load_worker,
    read_source,
)
from tests.support.rows import capture_logs

PATHS = sorted(load_assets())
MANIFEST = json.loads(load_assets()["/manifest.webmanifest"].data)
INDEX = load_assets()["/"].data.decode()


@pytest.fixture
def get(service):
    return service.http.get


@pytest.mark.parametrize("path", [*PATHS, "/sw.js"])
def test_file_is_served_with_a_strict_policy(get, path):
    reply = get(path)

    policy = reply.headers["Content-Security-Policy"]
    assert reply.status_code == 200
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert not re.search(r"unsafe|\*|data:|blob:|https?:", policy)
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "public, no-cache"
    assert "Set-Cookie" not in reply.headers


@pytest.mark.parametrize("path", [*PATHS, "/sw.js"])
def test_file_that_is_held_is_not_sent_again(get, path):
    etag = get(path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]

    assert get(path, headers={"If-None-Match": etag}).status_code == 304


def test_visit_leaves_no_log_line(get):
    with capture_logs() as lines:
        get("/")
        get("/app/app.js")

    assert lines.text == ""


@pytest.mark.parametrize(
    "path",
    ["/app/", "/app/worker.js", "/app/core/phone.js", "/app/../app.py", "/app/x.js"],
)
def test_file_that_is_not_of_the_app_is_not_found(get, path):
    assert get(path).status_code == 404


def test_page_has_nothing_inline_and_nothing_from_elsewhere():
    assert not re.search(
        r"<script(?! type=\"module\" src)|<style|\son\w+=|style=", INDEX
    )
    assert set(re.findall(r'(?:src|href)="([^"]+)"', INDEX)) <= set(PATHS)
    assert not re.search(r"https?://", INDEX)


def test_page_says_in_both_languages_what_to_do_without_scripts():
    assert "Rapport needs JavaScript" in INDEX
    assert 'lang="es">Rapport necesita JavaScript' in INDEX


def list_kept(source):
    """Digests of the files that the service worker keeps, by address."""
    return json.loads(re.search(r"ASSETS = (\{.*?\})", source, re.DOTALL)[1])


def test_worker_keeps_every_file_of_the_page_by_its_digest(get):
    """Pictures for the home screen are fetched by the phone that installs the app."""
    assert list_kept(get("/sw.js").text) == {
        path: base64url.encode(hashlib.sha256(get(path).data).digest())
        for path in PATHS
        if not path.endswith(".png")
    }


def test_worker_changes_with_any_file_that_it_keeps():
    source = load_worker().data.decode()
    version = re.search(r'VERSION = "(\w+)"', source)[1]
    digests = json.dumps(list_kept(source))

    assert hashlib.sha256(digests.encode()).hexdigest()[:16] == version


def test_script_has_no_comment_and_no_import_left():
    script = load_assets()["/app/app.js"].data.decode()

    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert "/**" not in script


TOO_NEW = re.compile(
    r"\(\?<[=!]|AbortSignal\.(?:any|timeout)|\.(?:toSorted|toReversed|toSpliced)\("
    r"|withResolvers|Object\.groupBy|color-mix|:has\(|/v[,;)]"
)
"""Syntax and functions that came after Safari 15.4, the oldest that we support."""


def test_oldest_browsers_understand_the_files():
    """One expression that they cannot read, and the app would not start."""
    texts = [
        asset.data.decode()
        for path, asset in load_assets().items()
        if path.endswith((".js", ".css"))
    ]

    assert [TOO_NEW.findall(text) for text in texts] == [[]] * len(texts)
    assert TOO_NEW.search("code.split(/(?<=-)/)")


class TestInstallability:
    """Browsers offer to install the app, and it is one app for ever."""

    def test_page_links_the_manifest(self):
        assert '<link rel="manifest" href="/manifest.webmanifest">' in INDEX

    def test_manifest_has_its_own_media_type(self, get):
        reply = get("/manifest.webmanifest")

        assert reply.mimetype == "application/manifest+json"

    def test_app_has_a_name_that_fits_below_an_icon(self):
        assert MANIFEST["name"] == MANIFEST["short_name"] == "Rapport"
        assert len(MANIFEST["short_name"]) <= 12

    def test_app_keeps_its_id_whatever_its_start_address(self):
        assert MANIFEST["id"] == "/"

    def test_app_starts_at_an_address_that_the_worker_answers(self):
        assert MANIFEST["start_url"] in PATHS
        assert MANIFEST["start_url"].startswith(MANIFEST["scope"])

    def test_app_has_a_window_of_its_own(self):
        assert MANIFEST["display"] == "standalone"

    def test_colours_are_those_of_the_page(self):
        assert MANIFEST["background_color"] == MANIFEST["theme_color"]
        assert MANIFEST["background_color"] in read_source("style.css")

    @pytest.mark.parametrize("icon", MANIFEST["icons"], ids=lambda icon: icon["src"])
    def test_icon_is_what_the_manifest_says(self, icon):
        asset = load_assets()[icon["src"]]

        assert asset.media_type == icon["type"]
        if icon["type"] == "image/png":
            width, height = (int.from_bytes(asset.data[at : at + 4]) for at in (16, 20))
            assert icon["sizes"] == f"{width}x{height}"

    def test_icons_are_large_enough(self):
        sizes = {icon["sizes"] for icon in MANIFEST["icons"]}

        assert sizes == {"any", "192x192", "512x512"}

    def test_an_icon_may_be_cut_to_any_shape(self):
        purposes = {icon.get("purpose", "any") for icon in MANIFEST["icons"]}

        assert purposes == {"any", "maskable"}

    def test_ios_has_an_icon_and_a_name(self):
        assert 'rel="apple-touch-icon" href="/app/icons/touch-180.png"' in INDEX
        assert 'name="apple-mobile-web-app-title" content="Rapport"' in INDEX

    def test_every_file_has_a_media_type(self):
        assert {asset.media_type for asset in load_assets().values()} <= set(
            MEDIA_TYPES.values()
        )
