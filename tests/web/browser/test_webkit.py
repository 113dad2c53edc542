"""WebKitGTK, of the family of Safari: offline after a visit, and the answer arrives.

It knows no Background Sync, as iOS does not: what waits is sent when the app is opened.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.web.browser.phones import count_rows

DRIVER = "/usr/bin/WebKitWebDriver"
TIMEOUT = 60


@pytest.fixture
def display() -> Iterator[str]:
    """An X server without a monitor, on the first number that is free."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x900x24"]
    with subprocess.Popen(
        command, pass_fds=[writing], stderr=subprocess.DEVNULL
    ) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as numbers:  # it writes one when it is ready
                yield f":{numbers.readline().strip()}"
        finally:
            server.terminate()


@pytest.fixture
def webkit(display: str) -> Iterator[WebDriver]:
    """MiniBrowser, with nothing stored."""
    environment = os.environ | {
        "DISPLAY": display,
        "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",  # it refuses to run as root
    }
    options = Options()
    (browser,) = Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")
    options.binary_location = str(browser)
    options.add_argument("--automation")
    service = Service(DRIVER, env=environment)
    service.start()
    try:
        config = ClientConfig(remote_server_addr=service.service_url)
        connection = RemoteConnection(client_config=config)
        driver = WebDriver(command_executor=connection, options=options)
        driver.set_page_load_timeout(TIMEOUT)
        driver.set_script_timeout(TIMEOUT)
        try:
            yield driver
        finally:
            driver.quit()
    finally:
        service.stop()


def test_answer_arrives_from_webkit(agency, signal, webkit):
    before = count_rows(agency.database)
    open_app(webkit, f"{signal.url}/#{agency.new_code()}")
    tap(webkit, "Continue")
    shows(webkit, "Five questions about your last two weeks.")
    assert (
        webkit.execute_script("return ServiceWorkerRegistration.prototype.sync") is None
    )
    webkit.execute_async_script(
        "navigator.serviceWorker.ready.then(() => arguments[0]())"
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
    tap_until(webkit, "Try to send now", "Your answer is in.")
    assert count_rows(agency.database) == before + 1


def open_app(driver: WebDriver, url: str) -> None:
    """Opens the app and waits for its first screen."""
    driver.get(url)
    WebDriverWait(driver, TIMEOUT).until(
        lambda each: each.execute_script("return document.body?.dataset.screen")
    )


TAP = """
const isIt = (each) => each.innerText.trim() === arguments[0];
const button = [...document.querySelectorAll("button")].find(isIt);
button?.click();
return Boolean(button);
"""
"""Finds and taps in one go: between two commands the button may be drawn anew."""


def tap(driver: WebDriver, name: str) -> None:
    """Taps a button by its text."""
    WebDriverWait(driver, TIMEOUT).until(lambda each: each.execute_script(TAP, name))


def shows(driver: WebDriver, text: str) -> None:
    """Waits until a text is on the screen."""
    WebDriverWait(driver, TIMEOUT).until(lambda _: is_shown(driver, text))


def is_shown(driver: WebDriver, text: str) -> bool:
    """Whether a text is on the screen."""
    return text in driver.execute_script("return document.body.innerText")


def tap_until(driver: WebDriver, name: str, text: str) -> None:
    """Taps a button until a text is there; the app may also get there by itself."""
    WebDriverWait(driver, TIMEOUT).until(
        lambda _: is_shown(driver, text) or driver.execute_script(TAP, name) is None
    )
