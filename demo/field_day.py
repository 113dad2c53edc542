"""A day in the field in seconds: sixty phones go offline, answer, and come back.

Run by ``make demo``. Ends with one line of figures, and with exit status 1 if they are
not what they must be.
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
from demo.score_table import format_explanation, format_table
from demo.server import Server, end_by_signal
from demo.simulated_answers import RESPONDENTS, answer
from demo.wave_steps import draw, enrol, print_progress, read_scores, send
from demo.waves import Wave, plan_short_wave, wait_until
from rapport_client import Client, FieldDevice, Released, RolledUp, Withheld


@dataclass(frozen=True)
class DemoResult:
    """What the day comes to."""

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
        print_progress("starting a server of its own")
        with Server(Installation(Path(folder, "server"))) as server:
            fleet = Fleet(Path(folder, "devices"), server.url)
            figures = play(server.installation, fleet)
    print(figures)
    return 0 if figures == EXPECTED_RESULT else 1


def play(installation: Installation, fleet: Fleet) -> DemoResult:
    """The day, from the founding of the agency to the scores.

    Args:
        house: is being served.
        fleet: of devices that reach it.
    """
    dashboard = create_agency(installation, ROOT)
    measure = enrol(fleet, mint_codes(installation, ROOT, *ALL_CASEWORKERS))
    wave = plan_short_wave(installation, ROOT, measure)
    with Client(fleet.server, dashboard.client_id, dashboard.secret) as director:
        draw(fleet, ALL_CASEWORKERS, director, wave)
        answered = _answer_offline(fleet, wave)
        _reconnect(fleet, wave)
        scores = read_scores(director, wave)
    print(format_table(scores), format_explanation(scores), sep="\n\n")
    counted = reconciliation.reconcile(
        installation.database, wave.id, map(fleet.file, ALL_CASEWORKERS)
    )
    teams = [score for team, score in scores.items() if team.external_id in TEAMS]
    return DemoResult(
        devices=len(ALL_CASEWORKERS),
        answered=answered,
        accepted=counted.accepted,
        lost=counted.lost,
        doubled=counted.doubled,
        released=sum(isinstance(score, Released) for score in teams),
        rolled_up=sum(isinstance(score, RolledUp) for score in teams),
        withheld=sum(isinstance(score, Withheld) for score in teams),
    )


def _answer_offline(fleet: Fleet, wave: Wave) -> int:
    """Lets those who answer do so without a signal; returns how many did."""

    def use(person: str, device: FieldDevice) -> int:
        answer(person, device)
        return device.sync().waiting

    wait_until(wave.opens_at)
    print_progress("the wave is open, and no phone has a signal")
    waiting = fleet.each(RESPONDENTS, use, NoSignal)
    print_progress(f"{len(waiting)} people answered")
    return sum(waiting.values())


def _reconnect(fleet: Fleet, wave: Wave) -> None:
    """Brings all phones back, in any order, on a line that loses every tenth reply."""
    people = list(ALL_CASEWORKERS)
    Random().shuffle(people)
    losses = LostReplies(every=10)
    print_progress("the signal is back; every tenth reply gets lost")
    send(fleet, people, wave, losses)
    print_progress(f"{losses.lost} replies were lost on the way")


if __name__ == "__main__":
    sys.exit(main())
