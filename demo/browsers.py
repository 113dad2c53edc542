"""Phones in a real browser: six caseworkers of the demo use the app itself."""

import base64
import hashlib
import json
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self

from playwright.sync_api import Error, Page, Request, sync_playwright

from demo.wave_steps import NotSettledError
from demo.waves import seconds_until

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MAY_KEEP = """
StorageManager.prototype.persist = async () => true;
StorageManager.prototype.persisted = async () => true;
"""
"""A phone's promise to keep what is stored; a browser without a person gives none."""


class Browsers:
    """Phones in a browser by person, each with a storage of its own.

    Args:
        url: the address of the service.
        people: whose phones they are.
    """

    def __init__(self, url: str, people: Iterable[str]) -> None:
        self.people = list(people)
        self.sent_ballots: set[str] = set()
        """Hashes of the ballots that were sent, for the reconciliation."""
        # Only there is a secure context without a certificate.
        self._url = url.replace("127.0.0.1", "localhost")
        self._pages: dict[str, Page] = {}

    def __enter__(self) -> Self:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._browser.close()
        self._playwright.stop()

    def enrol(self, codes: Mapping[str, str]) -> float:
        """Enrols each phone by a link with its code; returns the seconds it took."""
        began = time.monotonic()
        device = self._playwright.devices["Pixel 7"]
        options = {k: v for k, v in device.items() if k != "default_browser_type"}
        for person in self.people:
            context = self._browser.new_context(**options, locale="en-US")
            context.add_init_script(MAY_KEEP)
            page = context.new_page()
            page.on("request", self._note)
            page.goto(f"{self._url}/#{codes[person]}")
            page.get_by_role("button", name="Continue").click()
            _wait_for_screen(page, "home")
            self._pages[person] = page
        return time.monotonic() - began

    def draw(self, deadline: datetime) -> None:
        """Has each phone look for news until it has a pulse."""
        for page in self._pages.values():
            has_pulse = page.get_by_text(re.compile("^(Next pulse|Open)$"))
            _repeat(page, "Look for news", has_pulse.count, deadline)

    def answer_offline(self) -> int:
        """Lets each person answer without a signal; returns how many answers wait."""
        for page in self._pages.values():
            page.context.set_offline(True)
            page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
            page.get_by_role("button", name="Start", exact=True).click()
            page.get_by_role("button", name="Start: five questions").click()
            for number in range(1, 6):
                page.get_by_text(f"{number} of 5.").wait_for()
                page.get_by_role("button", name="Often", exact=True).click()
            page.get_by_role("button", name="Stretched").click()
            page.get_by_role("button", name="Send").click()
            page.get_by_role("heading", name="Locked, and waiting.").wait_for()
        return len(self._pages)

    def reconnect(self, deadline: datetime) -> None:
        """Brings each phone back; it sends by itself, or by hand if that takes long."""
        for page in self._pages.values():
            page.context.set_offline(False)
            is_received = page.get_by_role("heading", name="Your answer is in.")
            _repeat(page, "Try to send now", is_received.count, deadline)

    def _note(self, request: Request) -> None:
        if not request.url.endswith("/v1/submissions"):
            return
        (item,) = json.loads(request.post_data or "")["items"]
        payload = item["ballot"].split(".")[1]
        r = json.loads(_decode(payload))["jti"]
        digest = hashlib.sha256(_decode(r)).digest()
        self.sent_ballots.add(base64.urlsafe_b64encode(digest).decode().rstrip("="))


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _wait_for_screen(page: Page, name: str) -> None:
    page.locator(f"body[data-screen={name}]").wait_for()


def _repeat(
    page: Page, button: str, is_done: Callable[[], int], deadline: datetime
) -> None:
    """Taps a button until there is a result.

    Raises:
        NotSettledError: there is none in time.
    """
    while not is_done():
        if seconds_until(deadline) == 0:
            raise NotSettledError("a browser was too late; please start again")
        ready = page.locator("button:not([aria-disabled=true])", has_text=button)
        if ready.count():
            with suppress(Error):  # the page may have moved on meanwhile
                ready.first.click(timeout=1000)
        page.wait_for_timeout(300)
