"""Pictures of every screen: a browser shows what a scripted phone says."""

import json
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, Route, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from rapport_service.app import create_app
from rapport_service.core.settings import Settings
from rapport_service.web.assets import APP, read_source
from rapport_service.web.modules import join_modules
from tests.web.scripts import BASE, NOW, Picture

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
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
TIMEOUT = 60_000
"""Milliseconds that a busy machine may take for anything."""

expect.set_options(timeout=TIMEOUT)

STARTED = """
start().then(() => { document.documentElement.dataset.isStarted = ""; });
"""
WORKER = """{
  addEventListener() {},
  register: async () => ({ addEventListener() {} }),
  ready: window.SCRIPT.isWorkerLate ? new Promise(() => {}) : Promise.resolve(),
}"""
"""A service worker that has every file, or that has not got them yet."""

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

MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Safari/605.1.15"
)
USER_AGENTS = {"android": ANDROID, "ios-tab": IPHONE, "ios-app": IPHONE, "mac": MAC}


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


@dataclass(frozen=True)
class Stage:
    """A page of a browser on which pictures are shown, one after the other.

    Attributes:
        page: the page.
        url: the address of the app's files.
        size: width and height of the screen.
    """

    page: Page
    url: str
    size: tuple[int, int]

    def show(self, picture: Picture) -> Page:
        """Shows a picture, with everything tapped that it wants tapped."""
        page = self.page
        page.context.set_offline(False)
        page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        page.unroute("**/app/app.js")
        page.route("**/app/app.js", lambda route: _serve_scripted_app(route, picture))
        # Another address each time: a browser stays where only the fragment differs.
        fragment = f"#{picture.code}" if picture.code else ""
        page.goto(f"{self.url}/?{picture.name}{fragment}")
        page.locator("html[data-is-started]").wait_for()
        if picture.is_offline:
            page.context.set_offline(True)
        for target in picture.taps:
            page.locator(target).first.click()
            is_busy = page.locator("[aria-disabled=true]")
            expect(is_busy).to_have_count(0)
        if picture.opened:
            page.evaluate(
                "document.querySelectorAll('details').forEach(d => d.open = true)"
            )
        return page


@contextmanager
def open_stage(
    browser: Browser,
    url: str,
    *,
    language: str = "en",
    scheme: str = "light",
    size: tuple[int, int] = (360, 720),
    scale: float = 1,
) -> Iterator[Stage]:
    """A stage in a language, a scheme and a size."""
    context = browser.new_context(
        locale=LOCALES[language],
        timezone_id="America/New_York",
        color_scheme=scheme,
        device_scale_factor=scale,
        has_touch=True,
        is_mobile=size[0] < 600,
        service_workers="block",
    )
    context.set_default_timeout(TIMEOUT)
    try:
        page = context.new_page()
        page.clock.set_fixed_time(datetime.fromisoformat(NOW))
        yield Stage(page, url, size)
    finally:
        context.close()


def _serve_scripted_app(route: Route, picture: Picture) -> None:
    """Sends the app, and before it what makes the picture.

    An empty phone, its script, its browser, and the screen where it stands.
    """
    view = None if picture.view is None else picture.view | {"depth": 1}
    facts = {
        "userAgent": USER_AGENTS[picture.phone],
        "standalone": picture.phone == "ios-app",
        "vendor": "Apple Computer, Inc." if picture.phone != "android" else "Google",
    }
    before = f"""
        localStorage.clear();
        sessionStorage.clear();
        history.replaceState({json.dumps(view)}, "");
        for (const [name, value] of Object.entries({json.dumps(facts)}))
          Object.defineProperty(navigator, name, {{ value }});
        window.SCRIPT = {json.dumps(BASE | picture.script)};
        Object.defineProperty(navigator, "serviceWorker",
          {{ value: {WORKER} }});
    """
    route.fulfill(content_type="text/javascript", body=before + _join_scripted_app())


@cache
def _join_scripted_app() -> str:
    """The app with the scripted phone in place of the real one; it says it is up."""

    def read(name: str) -> str:
        if name == "core/phone.js":
            return SCRIPTED_PHONE.read_text()
        source = read_source(name)
        if name == APP:
            source = source.replace("\nstart();\n", STARTED)
        return source

    return join_modules(APP, read)
