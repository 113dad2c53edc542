"""A real service, a real browser, and a phone between them."""

import itertools
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from demo.agency import ALL_CASEWORKERS, DIRECTOR, ROOT, create_agency, mint_codes
from demo.installation import Installation
from demo.server import Server
from demo.waves import plan_wave, wait_until
from tests.web.browser.phones import MAY_KEEP, Phone, new_context, phone_on
from tests.web.browser.proxy import Signal
from tests.web.pictures import launch, serve_app

if "RAPPORT_BROWSER_TESTS" not in os.environ:  # make test-web brings the browsers
    collect_ignore_glob = ["test_*.py"]


@dataclass
class Service:
    """A service that can be stopped and started at the same address."""

    installation: Installation
    codes: Iterator[str]
    reading_code: str
    people: dict[str, str] = field(default_factory=dict)
    server: Server | None = None
    port: int = 0
    url: str = field(default="", init=False)

    def start(self) -> None:
        """Starts it."""
        self.server = Server(self.installation, port=self.port)
        self.server.__enter__()
        self.url = self.server.url
        self.port = int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        """Stops it, as when the machine goes down."""
        if self.server is not None:
            self.server.__exit__(None)
            self.server = None

    @property
    def database(self) -> Path:
        """The file with everything that it stores."""
        return self.installation.database

    def new_code(self) -> str:
        """The code of a person who has not enrolled yet."""
        return next(self.codes)

    def age_code_of(self, person: str) -> None:
        """Lets the thirty days pass in which a person's code is good."""
        with closing(sqlite3.connect(self.database, timeout=60)) as opened, opened:
            opened.execute(
                "UPDATE enrolment_codes SET expires_at = datetime('now', '-1 second')"
                " WHERE person_id IN (SELECT person_id FROM people"
                " WHERE external_id = ?)",
                [person],
            )

    def new_code_of(self, person: str) -> str:
        """Another code of a person."""
        return mint_codes(self.installation, ROOT, person)[person]


@pytest.fixture(scope="session")
def agency() -> Iterator[Service]:
    """An agency with an open wave, sixty people, and a code for each."""
    with tempfile.TemporaryDirectory(prefix="rapport-web-") as folder:
        installation = Installation.inside(Path(folder))
        service = Service(installation, iter(()), "")
        service.start()
        try:
            create_agency(installation, ROOT)
            codes = mint_codes(installation, ROOT, *ALL_CASEWORKERS)
            # One of each team in turn, so that no team is used up.
            teams = (ALL_CASEWORKERS[at : at + 10] for at in range(0, 60, 10))
            people = itertools.chain.from_iterable(zip(*teams, strict=True))
            service.codes = iter([codes[person] for person in people])
            service.people = {code: person for person, code in codes.items()}
            line = installation.rapport("codes", "mint", ROOT, DIRECTOR, "--reading")
            service.reading_code = line.split("\t")[1]
            hour = timedelta(hours=1)
            wave = plan_wave(
                installation, ROOT, draw=timedelta(seconds=2), answer=hour, send=hour
            )
            wait_until(wave.opens_at + timedelta(seconds=1.5))
            yield service
        finally:
            service.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def files_url() -> Iterator[str]:
    """The address of the app's files, for scripted phones."""
    with serve_app() as url:
        yield url


@pytest.fixture
def signal(agency: Service) -> Iterator[Signal]:
    """A place with a good signal, until the test says otherwise."""
    signal = Signal(agency.url)
    yield signal
    signal.close()


@pytest.fixture
def phone(browser: Browser, playwright: Playwright, signal: Signal) -> Iterator[Phone]:
    """An Android phone that has promised to keep what it stores."""
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
        yield phone


@pytest.fixture(scope="session")
def shared_phone(
    browser: Browser, playwright: Playwright, agency: Service
) -> Iterator[Phone]:
    """A phone that has enrolled, for all tests that look at it and answer nothing."""
    signal = Signal(agency.url)
    try:
        with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
            phone.enrol(agency.new_code())
            phone.keep_offline()
            yield phone
    finally:
        signal.close()


@pytest.fixture
def enrolled_phone(shared_phone: Phone) -> Phone:
    """That phone at its first screen, where there is a signal."""
    shared_phone.signal.mode = "good"
    shared_phone.open_anew()
    shared_phone.is_on("home")
    return shared_phone


@dataclass
class Journey:
    """A phone with an answer that was sent, and all that it asked for."""

    phone: Phone
    code: str
    urls: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def journey(
    browser: Browser, playwright: Playwright, agency: Service
) -> Iterator[Journey]:
    """From the code to "received", for all tests that look at it afterwards."""
    signal, code = Signal(agency.url), agency.new_code()
    try:
        with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
            journey = Journey(phone, code)
            phone.page.on("request", lambda asked: journey.urls.append(asked.url))
            phone.enrol(code)
            phone.answer()
            phone.send()
            phone.sees("Your answer is in.")
            yield journey
    finally:
        signal.close()


@pytest.fixture
def code(agency: Service) -> str:
    """A code that has not been used."""
    return agency.new_code()
