"""A day in the field in seconds: sixty phones go offline, answer, and come back.

Run by ``make demo``. The last line has the figures; the exit status is 1 if they are
not the expected ones.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from demo import reconciliation
from demo.agency import ALL_CASEWORKERS, ROOT, TEAMS, create_agency, mint_codes
from demo.fleet import Fleet, LostReplies, NoSignal
from demo.installation import Installation
from demo.server import Server, end_by_signal
from demo.simulated_answers import RESPONDENTS, answer
from demo.wave_steps import draw, enrol, print_progress, read_scores, send
from demo.waves import Wave, plan_short_wave, wait_until
from rapport_client import Client, FieldDevice, Released, RolledUp, Withheld


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
    end_by_signal()
    with TemporaryDirectory(prefix="rapport-demo-") as folder:
        print_progress("Starting a server for this demo.")
        with Server(Installation.inside(Path(folder))) as server:
            fleet = Fleet(Path(folder, "devices"), server.url)
            figures = play(server.installation, fleet)
    print(figures)
    return 0 if figures == EXPECTED_RESULT else 1


def play(installation: Installation, fleet: Fleet) -> DemoResult:
    """Plays the day, from the creation of the agency to the scores.

    Args:
        installation: its service is running.
        fleet: the devices of the people; they reach the service.
    """
    dashboard = create_agency(installation, ROOT)
    enrolment_seconds = enrol(fleet, mint_codes(installation, ROOT, *ALL_CASEWORKERS))
    wave = plan_short_wave(installation, ROOT, enrolment_seconds)
    with Client(fleet.server, dashboard.client_id, dashboard.secret) as director:
        draw(fleet, ALL_CASEWORKERS, director, wave)
        answered = _answer_offline(fleet, wave)
        _reconnect(fleet, wave)
        scores = read_scores(director, wave)
    for teams in ((), (ROOT,)):  # all teams, then the agency with its sentences
        command = ("score", ROOT, *teams, "--wave", wave.id, "--table")
        print(installation.rapport(*command), end="\n\n")
    counted = reconciliation.reconcile(
        installation.database, wave.id, map(fleet.file, ALL_CASEWORKERS)
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


def _answer_offline(fleet: Fleet, wave: Wave) -> int:
    """Lets the respondents answer without a signal; returns how many answers wait."""

    def answer_offline(person: str, device: FieldDevice) -> int:
        answer(person, device)
        return device.sync().waiting

    wait_until(wave.opens_at)
    print_progress("The wave is open. No phone has a signal.")
    waiting = fleet.each(RESPONDENTS, answer_offline, NoSignal)
    print_progress(f"{len(waiting)} people answered on their phones.")
    return sum(waiting.values())


def _reconnect(fleet: Fleet, wave: Wave) -> None:
    """Brings all phones back, in any order, while every tenth reply gets lost."""
    people = list(ALL_CASEWORKERS)
    Random().shuffle(people)
    losses = LostReplies(every=10)
    print_progress("All phones have a signal again. Every tenth reply gets lost.")
    send(fleet, people, wave, losses)
    print_progress(
        f"{losses.lost} replies were lost. The phones sent their answers again."
    )


if __name__ == "__main__":
    sys.exit(main())
