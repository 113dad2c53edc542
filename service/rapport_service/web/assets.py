"""Files of the phone app, and the service worker that keeps them on a phone."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from rapport_service.encoding import base64url
from rapport_service.web.catalogues import FIRST, is_catalogue, share_keys
from rapport_service.web.minifier import minify
from rapport_service.web.modules import join_modules

APP = "app.js"
INDEX = "index.html"
WORKER = "worker.js"
MANIFEST = "manifest.webmanifest"

PREFIX = "/app/"
"""Address of the files, but for those that have to be at the root."""

ROOT_PATHS = {INDEX: "/", MANIFEST: "/manifest.webmanifest"}
"""Addresses of files that browsers look for at the root."""

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""Media types by suffix; a file with another suffix is not served."""

_COMMENT_OR_SPACE = re.compile(rb"(?:\s|/\*.*?\*/)+", re.DOTALL)
_NEEDLESS_SPACE = re.compile(rb" ?([{};,]) ?|(?<=:) ")
"""Around these a style sheet needs none; before a colon it makes another selector."""


@dataclass(frozen=True)
class Asset:
    """A static file.

    Attributes:
        path: its address.
        media_type: its media type.
        data: its bytes.
    """

    path: str
    media_type: str
    data: bytes

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes, base64url."""
        return base64url.digest(self.data)


@cache
def load_assets() -> Mapping[str, Asset]:
    """All files of the phone app by address; the service worker is not among them."""
    return {asset.path: asset for asset in _list_assets()}


@cache
def load_worker() -> Asset:
    """The service worker, with the list of files that it keeps and their digests.

    The name of its cache is a digest of them all: when a file changes, browsers see
    another service worker, and it fetches everything anew before it takes over. It
    keeps no pictures for the home screen: who installs the app fetches them.
    """
    digests = {
        path: asset.digest
        for path, asset in sorted(load_assets().items())
        if asset.media_type != MEDIA_TYPES[".png"]
    }
    version = hashlib.sha256(json.dumps(digests).encode()).hexdigest()[:16]
    constants = (
        f"const VERSION = {json.dumps(version)};\n"
        f"const ASSETS = {json.dumps(digests, indent=1)};\n"
    )
    source = constants + minify(read_source(WORKER))
    return Asset("/sw.js", MEDIA_TYPES[".js"], source.encode())


def read_source(name: str) -> str:
    """The text of a file below ``static/phone``, such as ``screens/home.js``."""
    return _root().joinpath(*name.split("/")).read_text("utf-8")


def _list_assets() -> Iterator[Asset]:
    script = minify(join_modules(APP, _read_module))
    yield Asset(PREFIX + APP, MEDIA_TYPES[".js"], script.encode())
    for name, file in _walk(_root()):
        suffix = PurePosixPath(name).suffix
        if suffix in MEDIA_TYPES and suffix != ".js":
            data = file.read_bytes()
            if suffix == ".css":
                data = _NEEDLESS_SPACE.sub(rb"\1", _COMMENT_OR_SPACE.sub(b" ", data))
            path = ROOT_PATHS.get(name, PREFIX + name)
            yield Asset(path, MEDIA_TYPES[suffix], data)


def _read_module(path: str) -> str:
    source = read_source(path)
    return share_keys(source, read_source(FIRST)) if is_catalogue(path) else source


def _root() -> Traversable:
    return files(__package__).joinpath("static", "phone")


def _walk(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _walk(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry
