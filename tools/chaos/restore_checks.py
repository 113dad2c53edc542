"""Check at the very end: a database of the day before a release, restored."""

import time
from collections.abc import Iterator

from demo.agency import ROOT
from tools.chaos import database
from tools.chaos.environment import RunEnvironment
from tools.chaos.evidence import Evidence

DAY_BEFORE = "day_before"
"""Name of the snapshot that is taken before the first seal."""

IMPORT_SECONDS = 60.0


class RestoreChecks:
    """Restores the database to a day before a release, and waits for the release.

    Args:
        environment: of the run, which has ended but for this.
    """

    def __init__(self, environment: RunEnvironment) -> None:
        self._environment = environment

    def check_release(self, evidence: Evidence) -> Iterator[str]:
        """A release that is out comes again, byte for byte, and nothing else does."""
        published = {
            name: wave
            for name, wave in evidence.database.waves.items()
            if wave.state == "sealed"
        }
        self._environment.server.restart(DAY_BEFORE, roll_back=True)
        url = self._environment.installation.database_url
        deadline = time.monotonic() + IMPORT_SECONDS
        while time.monotonic() < deadline:
            states = database.read_wave_states(url, ROOT)
            if all(states.get(name) == "sealed" for name in published):
                break
            time.sleep(0.5)
        restored = database.read_snapshot(url, ROOT)
        for name, wave in published.items():
            again = restored.waves.get(name)
            if again is None or again.state != "sealed":
                yield f"{name} was out, and does not come again"
            elif again.documents != wave.documents:
                yield f"{name} was out, and comes again with other documents"
            elif again.counted != wave.counted:
                yield f"{name} was out, and commits to other ballots now"
        for key, rows in evidence.database.ballots.items():
            if key[0] in published and restored.ballots.get(key) != rows:
                yield f"ballot {key[1]} was {rows[0].status} before the restore"
