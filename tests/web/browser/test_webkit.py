"""WebKitGTK, of the family of Safari: offline after a visit, and the answer arrives.

It knows no Background Sync, as iOS does not: what waits is sent when the app is opened.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.web.browser.phones import count_rows

MINI_BROWSER = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"
DRIVER = "/usr/bin/WebKitWebDriver"
DISPLAY = ":96"
TIMEOUT = 30


@pytest.fixture
def webkit(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebDriver]:
    monkeypatch.setenv("DISPLAY", DISPLAY)
    monkeypatch.setenv("WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS", "1")
    screen = subprocess.Popen(
        [shutil.which("Xvfb") or "Xvfb", DISPLAY, "-screen", "0", "800x900x24"],
        stderr=subprocess.DEVNULL,
    )
    try:
        time.sleep(1)
        options = Options()
        options.binary_location = MINI_BROWSER
        options.add_argument("--automation")
        service = Service(DRIVER, env=os.environ.copy())
        driver = webdriver.WebKitGTK(options=options, service=service)
        driver.set_page_load_timeout(TIMEOUT * 2)
        driver.set_script_timeout(TIMEOUT * 2)
        try:
            yield driver
        finally:
            driver.quit()
    finally:
        screen.terminate()
        screen.wait()


def test_answer_arrives_from_webkit(agency, signal, webkit):
    before = count_rows(agency.database)
    open_app(webkit, f"{signal.url}/#{agency.new_code()}")
    tap(webkit, "Continue")
    shows(webkit, "Five questions about your last two weeks.")
    assert (
        webkit.execute_script("return ServiceWorkerRegistration.prototype.sync") is None
    )
    webkit.execute_async_script(
        "navigator.serviceWorker.ready.then(() => setTimeout(arguments[0], 1000))"
    )

    signal.mode = "none"
    open_app(webkit, signal.url)
    tap(webkit, "Start")
    tap(webkit, "Start: five questions")
    for number in range(1, 6):
        shows(webkit, f"{number} of 5.")
        tap(webkit, "Often")
    tap(webkit, "Stretched")
    tap(webkit, "Send")
    shows(webkit, "Locked, and waiting.")
    assert count_rows(agency.database) == before

    signal.mode = "good"
    open_app(webkit, signal.url)
    tap(webkit, "Try to send now")
    shows(webkit, "Your answer is in.")
    assert count_rows(agency.database) == before + 1


def open_app(driver: WebDriver, url: str) -> None:
    """Opens the app and waits for its first screen."""
    driver.get(url)
    WebDriverWait(driver, TIMEOUT).until(
        lambda each: each.execute_script("return document.body?.dataset.screen")
    )


def tap(driver: WebDriver, name: str) -> None:
    """Taps a button by its text."""

    def find(each: WebDriver) -> object:
        buttons = each.find_elements(By.TAG_NAME, "button")
        return next((b for b in buttons if b.text.strip() == name), False)

    button = WebDriverWait(driver, TIMEOUT).until(find)
    driver.execute_script("arguments[0].click()", button)


def shows(driver: WebDriver, text: str) -> None:
    """Waits until a text is on the screen."""
    WebDriverWait(driver, TIMEOUT).until(
        lambda each: text in each.execute_script("return document.body.innerText")
    )
