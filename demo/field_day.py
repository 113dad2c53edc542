"""A day in the field in seconds: sixty phones go offline, answer, and come back.

Run by ``make demo``. Ends with one line of figures, and with exit status 1 if they are
not what they must be.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from demo import census
from demo.agency import EVERYBODY, ROOT, TEAMS, found, mint_codes
from demo.answering import RESPONDENTS, answer
from demo.fleet import Fleet, LostReplies, NoSignal
from demo.installation import Installation
from demo.playing import draw, enrol, read_scores, say, send
from demo.server import Server, end_by_signal
from demo.table import aloud, table
from demo.waves import Wave, plan_seconds, wait_until
from rapport_client import Client, FieldDevice, Released, RolledUp, Withheld


@dataclass(frozen=True)
class Figures:
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


MUST_BE = Figures(
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
        say("starting a server of its own")
        with Server(Installation(Path(folder, "server"))) as server:
            fleet = Fleet(Path(folder, "devices"), server.url)
            figures = play(server.installation, fleet)
    print(figures)
    return 0 if figures == MUST_BE else 1


def play(house: Installation, fleet: Fleet) -> Figures:
    """The day, from the founding of the agency to the scores.

    Args:
        house: is being served.
        fleet: of devices that reach it.
    """
    dashboard = found(house, ROOT)
    measure = enrol(fleet, mint_codes(house, ROOT, *EVERYBODY))
    wave = plan_seconds(house, ROOT, measure)
    with Client(fleet.server, dashboard.client_id, dashboard.secret) as director:
        draw(fleet, EVERYBODY, director, wave)
        answered = _answer_offline(fleet, wave)
        _come_back(fleet, wave)
        scores = read_scores(director, wave)
    print(table(scores), aloud(scores), sep="\n\n")
    counted = census.take(house.database, wave.id, map(fleet.file, EVERYBODY))
    teams = [score for team, score in scores.items() if team.external_id in TEAMS]
    return Figures(
        devices=len(EVERYBODY),
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
    say("the wave is open, and no phone has a signal")
    waiting = fleet.each(RESPONDENTS, use, NoSignal)
    say(f"{len(waiting)} people answered")
    return sum(waiting.values())


def _come_back(fleet: Fleet, wave: Wave) -> None:
    """Brings all phones back, in any order, on a line that loses every tenth reply."""
    people = list(EVERYBODY)
    Random().shuffle(people)
    losses = LostReplies(every=10)
    say("the signal is back; every tenth reply gets lost")
    send(fleet, people, wave, losses)
    say(f"{losses.lost} replies were lost on the way")


if __name__ == "__main__":
    sys.exit(main())
