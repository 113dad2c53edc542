"""Checks with devices of their own: a thief of refresh tokens, a restored server."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random

from demo.agency import ROOT
from tools.chaos.access_requests import enrol, refresh
from tools.chaos.environment import RunEnvironment
from tools.chaos.evidence import Evidence

STOLEN_DEVICES = 8
RESTORED_DEVICES = 20
MAX_REFRESHES = 4

SNAPSHOT = "refreshed"
"""Name of the snapshot that is restored."""

Refresh = Callable[[str], str | None]


class TokenChecks:
    """Enrols devices for reading after everything else, and refreshes their tokens.

    Args:
        environment: of the run, which has ended but for this.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        self._environment = environment

    def check_thief(self, evidence: Evidence) -> Iterator[str]:
        """A thief of a refresh token and its owner never both go on."""
        del evidence
        rng = self._environment.rng
        for number, token in enumerate(self._enrol(STOLEN_DEVICES)):
            if do_both_go_on(self._refresh, token, rng):
                yield f"thief and owner of device {number} both go on"
        for number, token in enumerate(self._enrol(STOLEN_DEVICES)):
            if count_winners_at_once(self._refresh, token) > 1:
                yield f"two successors of device {number} were both good at once"

    def check_restored_devices(self, evidence: Evidence) -> Iterator[str]:
        """After a restore, every device goes on with the token that it has."""
        del evidence
        rng, server = self._environment.rng, self._environment.server
        held = self._enrol(RESTORED_DEVICES)
        held = [self._use(token, rng.randrange(MAX_REFRESHES)) for token in held]
        server.restart(SNAPSHOT, roll_back=False)
        held = [self._use(token, rng.randrange(1, MAX_REFRESHES)) for token in held]
        server.restart(SNAPSHOT, roll_back=True)
        for number, token in enumerate(held):
            following = self._refresh(token)
            if following is None or self._refresh(following) is None:
                yield f"device {number} was ended by a restore"

    def _refresh(self, token: str) -> str | None:
        return refresh(self._environment.server.url, token)

    def _use(self, token: str, times: int) -> str:
        """Refreshes an honest device's token; now and then a reply is lost."""
        for _ in range(times):
            for _ in range(self._environment.rng.randrange(2)):
                self._refresh(token)
            token = self._refresh(token) or token
        return token

    def _enrol(self, devices: int) -> list[str]:
        """The refresh tokens of so many new devices for reading."""
        people = itertools.cycle(
            person["external_id"]
            for person in self._environment.participants.roster()["people"]
        )
        minted = self._environment.installation.rapport(
            *("codes", "mint", ROOT, *itertools.islice(people, devices), "--reading")
        )
        server = self._environment.server.url
        return [enrol(server, line.split("\t")[1])[1] for line in minted.splitlines()]


def do_both_go_on(refresh_token: Refresh, token: str, rng: Random) -> bool:
    """Whether a thief with a copy and the owner can both use what they get.

    Args:
        refresh_token: gives the successor of a token, or None.
        token: of the owner, which the thief has copied.
        rng: chooses who comes next.
    """
    held = {"owner": token, "thief": token}
    for _ in range(rng.randrange(2 * MAX_REFRESHES)):
        who = rng.choice(sorted(held))
        held[who] = refresh_token(held[who]) or held[who]
    for _ in range(3):
        for who in sorted(held, key=lambda _: rng.random()):
            following = refresh_token(held[who])
            if following is None:
                return False
            held[who] = following
    return True


def count_winners_at_once(refresh_token: Refresh, token: str) -> int:
    """How many of two successors of a token are good if they come at once."""
    successors = [refresh_token(token) or token for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        return sum(new is not None for new in threads.map(refresh_token, successors))
