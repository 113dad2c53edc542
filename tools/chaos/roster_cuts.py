"""Cut-off rosters: a part is put as if it were the whole, then the whole again."""

import json
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from demo.agency import ROOT
from demo.installation import CommandFailedError
from rapport_client import Roster
from rapport_service.agency.roster_rules import (
    MAX_UNCONFIRMED_REMOVALS,
    MAX_UNCONFIRMED_SHARE,
)
from tools.chaos import database
from tools.chaos.environment import RunEnvironment
from tools.chaos.journal import Journal

CONFIRM_OPTION = "--confirm-removals"
REFUSED = "roster cut off, and refused"
APPLIED = "roster cut off, and confirmed by mistake"

UNREADY_STATES = frozenset({"planned"})
"""States of a wave that has no electorate yet: who is removed then cannot answer."""


class RosterCuts:
    """Puts a roster of which the end is missing, from time to time.

    The commands run in a thread of their own, so that the run goes on.

    Args:
        environment: of the run.

    Attributes:
        done: number of cut-off rosters that were refused, and that were confirmed.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        self.done: Counter[str] = Counter()
        self._environment = environment
        self._roster = environment.participants.roster()
        self._file = environment.folder / "roster.json"
        self._journal = Journal(environment.operations)
        self._next_put = 0.0
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a command may still be under way."""
        return self._under_way is not None and not self._under_way.done()

    def advance(self, states: Mapping[str, str]) -> None:
        """Starts to put a cut-off roster and then the whole one, if that is due.

        Args:
            states: of all waves.
        """
        if self.is_running:
            return
        self.end()
        rng, people = self._environment.rng, self._roster["people"]
        free = max(MAX_UNCONFIRMED_REMOVALS, len(people) // MAX_UNCONFIRMED_SHARE)
        max_kept = len(people) - free - 1
        if max_kept < 1 or time.monotonic() < self._next_put:
            return
        self._next_put = time.monotonic() + rng.uniform(15, 30)
        kept = rng.randrange(1, max_kept + 1)
        cut = Roster(teams=self._roster["teams"], people=people[:kept])
        self._put(cut)
        is_confirmed = (
            UNREADY_STATES.isdisjoint(states.values()) and not self.done[APPLIED]
        )
        self._under_way = self._thread.submit(
            self._put_cut_and_whole, cut, is_confirmed=is_confirmed
        )

    def end(self) -> None:
        """Waits until nothing is under way.

        Raises:
            CommandFailedError: a command failed otherwise than by a refusal.
        """
        if self._under_way is not None:
            self._under_way.result()

    def _put_cut_and_whole(self, cut: Roster, *, is_confirmed: bool) -> None:
        self._put(cut)
        if is_confirmed:
            removals = len(self._roster["people"]) - len(cut["people"])
            self._put(cut, CONFIRM_OPTION, str(removals))
        self._put(self._roster)

    def _put(self, roster: Roster, *confirmation: str) -> None:
        """Puts a roster, and records whether that was refused and who is missing."""
        self._file.write_text(json.dumps(roster))
        is_refused = False
        try:
            self._environment.installation.rapport(
                "roster", "put", ROOT, str(self._file), *confirmation
            )
        except CommandFailedError as error:
            if CONFIRM_OPTION not in str(error):
                raise
            is_refused = True
        listed = database.list_people(self._environment.installation.database_url, ROOT)
        self.done[REFUSED] += is_refused
        self.done[APPLIED] += bool(confirmation)
        self._journal.note(
            "roster put",
            kept=len(roster["people"]),
            confirmed=bool(confirmation),
            missing=[
                person["external_id"]
                for person in self._roster["people"]
                if person["external_id"] not in listed
            ],
        )
