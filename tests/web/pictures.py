"""Pictures of every screen: a browser shows a scripted phone, and is photographed."""

import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, Route
from werkzeug.serving import WSGIRequestHandler, make_server

from rapport_service.app import create_app
from rapport_service.core.settings import Settings
from rapport_service.web.assets import APP, read_source
from rapport_service.web.modules import join_modules
from tests.web.scripts import BASE, NOW, Picture

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--font-render-hinting=none",
    "--no-first-run",
]
SCRIPTED_PHONE = Path(__file__).with_name("scripted_phone.js")
LOCALES = {"en": "en-US", "es": "es-US"}
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Mobile Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


class _QuietHandler(WSGIRequestHandler):
    """Writes no line for a request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002
        """Writes nothing."""


@contextmanager
def serve_app() -> Iterator[str]:
    """Serves the app's files at an address on this machine; there is no database."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/none.db"
        app = create_app(Settings(secret=bytes(32), database_url=url))
        server = make_server(
            "127.0.0.1", 0, app, threaded=True, request_handler=_QuietHandler
        )
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@contextmanager
def show_picture(
    browser: Browser,
    url: str,
    picture: Picture,
    *,
    language: str = "en",
    scheme: str = "light",
    size: tuple[int, int] = (360, 720),
    scale: float = 2,
) -> Iterator[Page]:
    """A page that shows a picture, with everything tapped that it wants tapped."""
    is_ios = picture.phone.startswith("ios")
    context = browser.new_context(
        locale=LOCALES[language],
        timezone_id="America/New_York",
        color_scheme=scheme,
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=scale,
        user_agent=IPHONE if is_ios else ANDROID,
        has_touch=True,
        is_mobile=size[0] < 600,
        service_workers="block",
    )
    try:
        page = context.new_page()
        page.clock.set_fixed_time(datetime.fromisoformat(NOW))
        page.add_init_script(f"window.SCRIPT = {json.dumps(BASE | picture.script)}")
        if picture.phone == "ios-app":
            page.add_init_script("navigator.standalone = true")
        if picture.view is not None:
            state = json.dumps(picture.view | {"depth": 1})
            page.add_init_script(f"history.replaceState({state}, '')")
        page.route("**/app/app.js", _serve_scripted_app)
        page.goto(f"{url}/{f'#{picture.code}' if picture.code else ''}")
        page.locator("body[data-screen]").wait_for()
        if picture.is_offline:
            context.set_offline(True)
        for target in picture.taps:
            page.locator(target).first.click()
            page.wait_for_timeout(60)
        if picture.opened:
            page.evaluate(
                "document.querySelectorAll('details').forEach(d => d.open = 1)"
            )
        page.wait_for_timeout(40)
        yield page
    finally:
        context.close()


def _serve_scripted_app(route: Route) -> None:
    route.fulfill(content_type="text/javascript", body=_join_scripted_app())


@cache
def _join_scripted_app() -> str:
    """The app with the scripted phone in place of the real one."""

    def read(name: str) -> str:
        if name == "core/phone.js":
            return SCRIPTED_PHONE.read_text()
        return read_source(name)

    return join_modules(APP, read)
