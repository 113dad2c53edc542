"""Phones in a browser: profiles, what a thumb does, what the service has stored."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Playwright,
    expect,
)

from tests.web.browser.proxy import Signal
from tests.web.pictures import ANDROID, ARGUMENTS, CHROMIUM, IPHONE, TIMEOUT

MAY_KEEP = """
StorageManager.prototype.persist = async () => true;
StorageManager.prototype.persisted = async () => true;
"""
"""The browser's promise not to delete, emulated."""

MAY_FORGET = """
StorageManager.prototype.persist = async () => false;
StorageManager.prototype.persisted = async () => false;
"""
CONTROLLED = """
navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller
  || new Promise((resolve) => navigator.serviceWorker.addEventListener(
    "controllerchange", resolve, { once: true }))).then(() => true)
"""
"""Resolves when the service worker answers for the page."""

COUNT_RECORDS = """
(kind) => new Promise((resolve, reject) => {
  const asked = indexedDB.open("rapport");
  asked.onerror = reject;
  asked.onsuccess = () => {
    const store = asked.result.transaction("records").objectStore("records");
    const keys = store.getAllKeys();
    keys.onsuccess = () => {
      asked.result.close();
      resolve(keys.result.filter(([first]) => first === kind).length);
    };
  };
})
"""
ON_HOME_SCREEN = "Object.defineProperty(navigator, 'standalone', { value: true });"
SEEN_AGAIN = """
for (const state of ["hidden", "visible"]) {
  Object.defineProperty(document, "visibilityState",
    { value: state, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
"""The person goes to another app and comes back, as far as the page can tell."""

LATER = """
let shift = 0;
const [now, wall] = [performance.now.bind(performance), Date.now];
performance.now = () => now() + shift;
Date.now = () => wall() + shift;
window.later = (minutes) => { shift += minutes * 60_000; };
"""
"""Minutes that pass at once: some lie between the doors, unless Send is pressed."""

EXPECTED_NOISE = re.compile(
    r"net::ERR|ERR_CONNECTION|ServiceWorker|no service worker|fetching the script"
    r"|Failed to load resource: the server responded with a status of 4(?!00)"
)
"""Chromium's own remarks on a missing network, and on what a person got wrong.

A request that the service does not understand, or breaks at, is neither.
"""


SYNCING = re.compile("^(Connecting|Sending)$")


@dataclass
class Phone:
    """A page of the app on a person's phone."""

    page: Page
    signal: Signal
    noise: list[str] = field(default_factory=list)

    @property
    def screen(self) -> str:
        """The name of the screen."""
        return str(self.page.evaluate("document.body.dataset.screen ?? ''"))

    def open(self, code: str | None = None) -> None:
        """Opens the app, by a link with a code if there is one."""
        self.page.goto(f"{self.signal.url}/{f'#{code}' if code else ''}")
        self.page.locator("body[data-screen]").wait_for()

    def open_tab(self) -> "Phone":
        """Opens the app in another tab; its noise counts, too."""
        page = self.page.context.new_page()
        tab = Phone(page, self.signal, self.noise)
        _listen_to(tab)
        page.goto(self.signal.url)
        page.locator("body[data-screen]").wait_for()
        return tab

    def open_anew(self) -> None:
        """Opens the app at its first screen, wherever it was."""
        self.page.evaluate("history.replaceState(null, '')")
        self.reload()

    def stores(self, kind: str) -> int:
        """How many records of a kind the phone has."""
        return int(self.page.evaluate(COUNT_RECORDS, kind))

    def has_no_alert(self) -> None:
        """Checks that nothing on the screen says that something went wrong."""
        expect(self.page.get_by_role("alert")).to_have_count(0)

    def reload(self) -> None:
        """Closes the app and opens it again."""
        self.page.reload()
        self.page.locator("body[data-screen]").wait_for()

    def tap(self, name: str | re.Pattern[str]) -> None:
        """Taps a button."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Waits until a text is on the screen."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def is_on(self, screen: str) -> None:
        """Waits until a screen is shown."""
        self.page.locator(f"body[data-screen={screen}]").wait_for()

    def is_idle(self) -> None:
        """Waits until what the last tap began has ended."""
        expect_idle(self.page)

    def enrol(self, code: str) -> None:
        """Enrols with a link, and draws."""
        self.open(code)
        self.tap("Continue")
        self.is_on("home")
        self.sees("Five questions about your last two weeks.")

    def answer(self, choice: str = "Often") -> None:
        """Answers everything, up to the last look."""
        self.tap(re.compile("^(Start|Go on where you stopped)$"))
        self.is_on("promise")
        self.tap(re.compile("^(Start: five questions|Go on)$"))
        for number in range(1, 6):
            self.sees(f"{number} of 5.")
            self.tap(choice)
        self.is_on("context")
        self.tap("Stretched")
        self.is_on("review")

    def send(self) -> None:
        """Presses Send."""
        self.tap("Send")
        self.is_on("became")

    def send_again(self, outcome: str) -> None:
        """Taps "Try to send now" until a text is there; the app may send by itself."""
        button = self.page.get_by_role("button", name="Try to send now")

        def is_over() -> bool:
            if self.page.get_by_text(outcome).first.is_visible():
                return True
            button.first.click(timeout=1000)
            return False

        wait_until(self.page, is_over)

    def keep_offline(self) -> None:
        """Waits until the worker has every file, and answers for this page."""
        self.page.evaluate(CONTROLLED)


def expect_idle(page: Page) -> None:
    """Waits until no button of a page is at work, and no sync, which draws anew."""
    expect(page.locator("[aria-disabled=true]")).to_have_count(0)
    expect(page.locator(".bar").get_by_text(SYNCING)).to_have_count(0)


def wait_until(page: Page, check: Callable[[], bool]) -> None:
    """Waits until something is true; a page may load anew meanwhile."""
    deadline = time.monotonic() + TIMEOUT / 1000
    while time.monotonic() < deadline:
        with suppress(Error):
            if check():
                return
        page.wait_for_timeout(100)
    raise AssertionError("it did not come true in time")


@contextmanager
def phone_on(context: BrowserContext, signal: Signal, *scripts: str) -> Iterator[Phone]:
    """A page of a browser; it must make no noise in the console."""
    for script in scripts:
        context.add_init_script(script)
    context.set_default_timeout(TIMEOUT)
    page = context.pages[0] if context.pages else context.new_page()
    phone = Phone(page, signal)
    _listen_to(phone)
    try:
        yield phone
    finally:
        context.close()
    assert phone.noise == [], phone.noise


def _listen_to(phone: Phone) -> None:
    def note(line: ConsoleMessage) -> None:
        if line.type == "error" and not EXPECTED_NOISE.search(line.text):
            phone.noise.append(line.text)

    phone.page.on("console", note)
    phone.page.on("pageerror", lambda error: phone.noise.append(str(error)))


def profile(playwright: Playwright, *, is_iphone: bool = False) -> dict[str, Any]:
    """The options of a browser on a phone."""
    device = playwright.devices["iPhone 13" if is_iphone else "Pixel 7"]
    options = {k: v for k, v in device.items() if k != "default_browser_type"}
    agent = IPHONE if is_iphone else ANDROID
    return options | {"locale": "en-US", "user_agent": agent}


def new_context(
    browser: Browser, playwright: Playwright, *, is_iphone: bool = False
) -> BrowserContext:
    """A phone of its own, with nothing on it."""
    return browser.new_context(**profile(playwright, is_iphone=is_iphone))


def persistent_context(playwright: Playwright, folder: Path) -> BrowserContext:
    """A phone whose storage outlives its browser."""
    return playwright.chromium.launch_persistent_context(
        folder, executable_path=CHROMIUM, args=ARGUMENTS, **profile(playwright)
    )


def count_rows(database: Path, table: str = "submissions") -> int:
    """Rows of the service's table of envelopes."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        (count,) = opened.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)
