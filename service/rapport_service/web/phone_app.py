"""``/``: the phone app, static files that work without a network after the first visit.

It holds no data of anybody. What it shows comes from ``/v1`` and stays on the phone.
"""

from flask import Blueprint, Response, abort

from rapport_service.web.assets import (
    INDEX,
    MANIFEST,
    PREFIX,
    ROOT_PATHS,
    Asset,
    load_assets,
    load_worker,
)

PHONE_APP = "phone_app"
"""The blueprint. It keeps no log line per request: that would say when phones wake."""

ICON_PATH = f"{PREFIX}icons/mark.svg"

blueprint = Blueprint(PHONE_APP, __name__)

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline, no ``eval``."""

PERMISSIONS_POLICY = (
    "camera=(), geolocation=(), microphone=(), payment=(), usb=(), "
    "browsing-topics=(), interest-cohort=()"
)
"""Powers that the app never asks for."""


@blueprint.get("/", strict_slashes=False)  # an empty path is no redirect
def get_index() -> Response:
    """The phone app."""
    return _serve(load_assets()[ROOT_PATHS[INDEX]])


@blueprint.get("/app/<path:name>")
def get_file(name: str) -> Response:
    """A file of the phone app."""
    asset = load_assets().get(PREFIX + name)
    return abort(404) if asset is None else _serve(asset)


@blueprint.get("/sw.js")
def get_worker() -> Response:
    """The service worker. It is at the root because it serves ``/``."""
    return _serve(load_worker())


@blueprint.get("/manifest.webmanifest")
def get_manifest() -> Response:
    """The web app manifest."""
    return _serve(load_assets()[ROOT_PATHS[MANIFEST]])


@blueprint.get("/favicon.ico")
def get_icon() -> Response:
    """The icon, for browsers that look for it unasked."""
    return _serve(load_assets()[ICON_PATH])


def _serve(asset: Asset) -> Response:
    reply = Response(asset.data, mimetype=asset.media_type)
    reply.set_etag(asset.digest)
    # Asked for anew each time, else a phone could mix files of two versions.
    reply.headers["Cache-Control"] = "public, no-cache"
    reply.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    reply.headers["Permissions-Policy"] = PERMISSIONS_POLICY
    reply.headers["Referrer-Policy"] = "no-referrer"
    reply.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    reply.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return reply
