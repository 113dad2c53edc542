"""A day in the field in seconds: sixty phones go offline, answer, and come back.

Run by ``make demo``. The last line has the figures; the exit status is 1 if they are
not the expected ones. With ``--web`` six of the phones are browsers with the phone app.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from demo import reconciliation
from demo.agency import ALL_CASEWORKERS, ROOT, TEAMS, create_agency, mint_codes
from demo.fleet import Fleet, LostReplies, NoSignal
from demo.installation import Installation
from demo.server import Server, end_by_signal
from demo.simulated_answers import RESPONDENTS, answer
from demo.wave_steps import draw, enrol, print_progress, read_scores, send
from demo.waves import Wave, plan_short_wave, wait_until
from rapport_client import Client, FieldDevice, Released, RolledUp, Withheld

if TYPE_CHECKING:  # the demo without --web needs no Playwright
    from demo.browsers import Browsers

BROWSER_PEOPLE = tuple(RESPONDENTS)[:: len(RESPONDENTS) // 6][:6]
"""Respondents of several teams, who use the app in a browser with ``--web``."""


@dataclass(frozen=True)
class DemoResult:
    """The figures of the day."""

    devices: int
    answered: int
    accepted: int
    lost: int
    doubled: int
    released: int
    rolled_up: int
    withheld: int

    def __str__(self) -> str:
        return (
            f"demo: {self.devices} devices, {self.answered} answered, "
            f"{self.accepted} accepted, {self.lost} lost, {self.doubled} doubled, "
            f"{self.released} released, {self.rolled_up} rolled up, "
            f"{self.withheld} withheld"
        )


EXPECTED_RESULT = DemoResult(
    devices=60,
    answered=51,
    accepted=51,
    lost=0,
    doubled=0,
    released=4,
    rolled_up=2,
    withheld=0,
)


def main() -> int:
    """Plays the day; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--web", action="store_true", help="six phones are browsers")
    is_web = parser.parse_args().web
    end_by_signal()
    with TemporaryDirectory(prefix="rapport-demo-") as folder:
        print_progress("Starting a server for this demo.")
        with Server(Installation.inside(Path(folder))) as server:
            fleet = Fleet(Path(folder, "devices"), server.url)
            with open_browsers(server.url if is_web else None) as browsers:
                figures = play(server.installation, fleet, browsers)
    print(figures)
    return 0 if figures == EXPECTED_RESULT else 1


@contextmanager
def open_browsers(url: str | None) -> "Iterator[Browsers | None]":
    """Opens the browsers of the demo at an address; none without one."""
    if url is None:
        yield None
        return
    from demo.browsers import Browsers  # noqa: PLC0415 - it needs Playwright

    with Browsers(url, BROWSER_PEOPLE) as browsers:
        yield browsers


def play(
    installation: Installation, fleet: Fleet, browsers: "Browsers | None" = None
) -> DemoResult:
    """Plays the day, from the creation of the agency to the scores.

    Args:
        installation: its service is running.
        fleet: the devices of the people; they reach the service.
        browsers: phones of some of the people, in the place of their devices.
    """
    dashboard = create_agency(installation, ROOT)
    codes = mint_codes(installation, ROOT, *ALL_CASEWORKERS)
    in_browsers = browsers.people if browsers else []
    people = [each for each in ALL_CASEWORKERS if each not in in_browsers]
    enrolment_seconds = enrol(fleet, {each: codes[each] for each in people})
    browser_seconds = 0.0
    if browsers:
        browser_seconds = browsers.enrol(codes)
        print_progress(f"{len(in_browsers)} of them use the phone app in a browser.")
    wave = plan_short_wave(installation, ROOT, enrolment_seconds, browser_seconds)
    with Client(fleet.server, dashboard.client_id, dashboard.secret) as director:
        draw(fleet, people, director, wave)
        if browsers:
            browsers.draw(wave.opens_at)
        answered = _answer_offline(fleet, wave, people, browsers)
        _reconnect(fleet, wave, people, browsers)
        scores = read_scores(director, wave)
    for teams in ((), (ROOT,)):  # all teams, then the agency with its sentences
        command = ("score", ROOT, *teams, "--wave", wave.id, "--table")
        print(installation.rapport(*command), end="\n\n")
    counted = reconciliation.reconcile(
        installation.database,
        wave.id,
        map(fleet.file, people),
        browsers.sent_ballots if browsers else (),
    )
    shown = [score for team, score in scores.items() if team.external_id in TEAMS]
    return DemoResult(
        devices=len(ALL_CASEWORKERS),
        answered=answered,
        accepted=counted.accepted,
        lost=counted.lost,
        doubled=counted.doubled,
        released=sum(isinstance(score, Released) for score in shown),
        rolled_up=sum(isinstance(score, RolledUp) for score in shown),
        withheld=sum(isinstance(score, Withheld) for score in shown),
    )


def _answer_offline(
    fleet: Fleet, wave: Wave, people: Sequence[str], browsers: "Browsers | None"
) -> int:
    """Lets the respondents answer without a signal; returns how many answers wait."""

    def answer_offline(person: str, device: FieldDevice) -> int:
        answer(person, device)
        return device.sync().waiting

    wait_until(wave.opens_at)
    print_progress("The wave is open. No phone has a signal.")
    respondents = [each for each in RESPONDENTS if each in people]
    waiting = sum(fleet.each(respondents, answer_offline, NoSignal).values())
    if browsers:
        waiting += browsers.answer_offline()
    print_progress(f"{waiting} people answered on their phones.")
    return waiting


def _reconnect(
    fleet: Fleet, wave: Wave, everybody: Sequence[str], browsers: "Browsers | None"
) -> None:
    """Brings all phones back, in any order, while every tenth reply gets lost."""
    people = list(everybody)
    Random().shuffle(people)
    losses = LostReplies(every=10)
    print_progress("All phones have a signal again. Every tenth reply gets lost.")
    send(fleet, people, wave, losses)
    if browsers:
        browsers.reconnect(wave.seals_at)
    print_progress(
        f"{losses.lost} replies were lost. The phones sent their answers again."
    )


if __name__ == "__main__":
    sys.exit(main())
