"""Cut-off rosters: a part is put as if it were the whole, then the whole again."""

import json
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

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


@dataclass(frozen=True)
class RosterPut:
    """One roster to put.

    Attributes:
        roster: the whole one, or its beginning.
        confirmed_removals: number of people that an operator lets go, if one does.
    """

    roster: Roster
    confirmed_removals: int | None = None


class RosterCuts:
    """Puts a roster of which the end is missing, from time to time.

    Commands run in a thread of their own, so that the run goes on. That thread opens no
    database: a phone that is forked meanwhile would wait for its locks for ever.

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
        self._next_cut = 0.0
        self._thread = ThreadPoolExecutor(1)
        self._waiting: list[RosterPut] = []
        self._under_way: tuple[RosterPut, Future[bool]] | None = None

    @property
    def is_running(self) -> bool:
        """Whether a cut-off roster was put, and the whole one not yet again."""
        return self._under_way is not None

    def advance(self, states: Mapping[str, str], *, may_begin: bool) -> None:
        """Puts the next roster, if that is due and the last one was put.

        Args:
            states: of all waves.
            may_begin: whether another cut-off roster may be put; if not, only what was
                begun goes on.
        """
        if self._under_way is not None:
            if not self._under_way[1].done():
                return
            self._record(*self._under_way)
        is_due = may_begin and time.monotonic() > self._next_cut
        if is_due and not self._waiting:
            self._next_cut = time.monotonic() + self._environment.rng.uniform(15, 30)
            self._waiting = self._plan_puts(states)
        self._start_next()

    def end(self) -> None:
        """Waits until the whole roster is put.

        Raises:
            CommandFailedError: a command failed otherwise than by a refusal.
        """
        while self._under_way is not None:
            self._record(*self._under_way)
            self._start_next()

    def _plan_puts(self, states: Mapping[str, str]) -> list[RosterPut]:
        """The cut-off roster, perhaps confirmed, and the whole; none if it is small."""
        people = self._roster["people"]
        free = max(MAX_UNCONFIRMED_REMOVALS, len(people) // MAX_UNCONFIRMED_SHARE)
        max_kept = len(people) - free - 1
        if max_kept < 1:
            return []
        kept = self._environment.rng.randrange(1, max_kept + 1)
        cut = Roster(teams=self._roster["teams"], people=people[:kept])
        puts = [RosterPut(cut)]
        if UNREADY_STATES.isdisjoint(states.values()) and not self.done[APPLIED]:
            # As few as need it: whoever is removed cannot answer this wave any more.
            smallest = Roster(teams=self._roster["teams"], people=people[:max_kept])
            puts.append(RosterPut(smallest, len(people) - max_kept))
        return [*puts, RosterPut(self._roster)]

    def _start_next(self) -> None:
        self._under_way = None
        if self._waiting:
            put = self._waiting.pop(0)
            self._file.write_text(json.dumps(put.roster))
            self._under_way = put, self._thread.submit(self._run, put)

    def _run(self, put: RosterPut) -> bool:
        """Runs the command, in the thread; returns whether the roster was refused."""
        removals = put.confirmed_removals
        confirmation = [] if removals is None else [CONFIRM_OPTION, str(removals)]
        try:
            self._environment.installation.rapport(
                "roster", "put", ROOT, str(self._file), *confirmation
            )
        except CommandFailedError as error:
            if CONFIRM_OPTION not in str(error):
                raise
            return True
        return False

    def _record(self, put: RosterPut, command: Future[bool]) -> None:
        """Records whether a roster was refused, and who is missing since."""
        is_confirmed = put.confirmed_removals is not None
        self.done[REFUSED] += command.result()
        self.done[APPLIED] += is_confirmed
        listed = database.list_people(self._environment.installation.database_url, ROOT)
        self._journal.note(
            "roster put",
            kept=len(put.roster["people"]),
            confirmed=is_confirmed,
            missing=[
                person["external_id"]
                for person in self._roster["people"]
                if person["external_id"] not in listed
            ],
        )
