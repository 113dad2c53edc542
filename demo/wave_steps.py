"""Steps of a wave for a fleet of devices, each with a line of progress."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from demo.fleet import Fleet, SignalQuality, good_signal
from demo.waves import Wave, seconds_until, wait_for
from rapport_client import (
    Client,
    FieldDevice,
    Pending,
    ProblemError,
    Score,
    SyncReport,
    Team,
)

MAX_TICK_SECONDS = 30.0
"""The longest time that a tick may take for what is due."""


class NotSettledError(Exception):
    """Devices did not finish in the time that the wave gave them."""


def print_progress(text: str) -> None:
    """Prints a line of progress at once."""
    print(text, flush=True)


def enrol(fleet: Fleet, codes: Mapping[str, str]) -> float:
    """Enrols every device.

    Returns:
        The seconds that it took, which show how fast this computer is.
    """
    began = time.monotonic()
    fleet.each(codes, lambda person, device: device.enrol(codes[person]))
    seconds = time.monotonic() - began
    print_progress(f"{len(codes)} people enrolled their phones in {seconds:.1f} s.")
    return seconds


def draw(fleet: Fleet, people: Iterable[str], client: Client, wave: Wave) -> None:
    """Draws the ballot of each device once the wave is announced."""
    root = _root(client.teams.list())
    wait_for(
        "announced",
        lambda: _is_announced(client, root, wave),
        seconds_until(wave.opens_at) + MAX_TICK_SECONDS,
    )
    effort = _sync_until(
        lambda report: report.drawn == 1, fleet, people, wave.closes_at
    )
    print_progress(f"Each phone drew a ballot {effort}.")


def send(
    fleet: Fleet, people: Iterable[str], wave: Wave, signal: SignalQuality = good_signal
) -> None:
    """Sends the answers of each device, again and again until all are settled."""
    effort = _sync_until(
        lambda report: report.waiting == 0, fleet, people, wave.seals_at, signal
    )
    print_progress(f"All answers have arrived {effort}.")


def read_scores(client: Client, wave: Wave) -> dict[Team, Score]:
    """Waits for the seal and reads the score of every team."""
    teams = client.teams.list()
    root = _root(teams)
    left = seconds_until(wave.seals_at)
    print_progress(f"The scores come in {left:.0f} s, when the wave is sealed.")

    def is_sealed() -> bool:
        return not isinstance(client.teams.score(root.id, wave.id), Pending)

    wait_for("sealed", is_sealed, left + MAX_TICK_SECONDS)
    return {team: client.teams.score(team.id, wave.id) for team in teams}


def _sync_until(
    done: Callable[[SyncReport], bool],
    fleet: Fleet,
    people: Iterable[str],
    deadline: datetime,
    signal: SignalQuality = good_signal,
) -> str:
    """Syncs each device, then the unfinished ones again, until all are done.

    Returns:
        The seconds and attempts that it took, as text.

    Raises:
        NotSettledError: it went on past the deadline.
    """
    began = time.monotonic()
    waiting = list(people)
    attempts = 0
    while True:
        reports = fleet.each(waiting, _sync, signal)
        attempts += 1
        waiting = [person for person in waiting if not done(reports[person])]
        if datetime.now(UTC) >= deadline:
            raise NotSettledError(
                f"{len(waiting)} of {len(reports)} phones were too late: the wave has "
                "moved on. This computer became slower. Please start again."
            )
        if not waiting:
            seconds = time.monotonic() - began
            return f"in {seconds:.1f} s, the last one at attempt {attempts}"


def _sync(_person: str, device: FieldDevice) -> SyncReport:
    return device.sync()


def _is_announced(client: Client, root: Team, wave: Wave) -> bool:
    try:
        client.teams.score(root.id, wave.id)
    except ProblemError:
        return False  # a planned wave is not public
    return True


def _root(teams: Iterable[Team]) -> Team:
    return next(team for team in teams if team.parent_id is None)
