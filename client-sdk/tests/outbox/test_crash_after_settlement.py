"""A device killed between any two commits after an answer comes to the same end.

An answer is accepted and withdrawn, the service is restored and gets both again, and
what was settled is erased when its period has passed. The process may die anywhere.
"""

from contextlib import suppress

import pytest
from fake_service.crash import CrashError, copy_outbox_files
from fake_service.frozen_items import KEEP_SECONDS
from fake_service.phone import SERVER, ManualClock, Phone, answer_first_pulse
from fake_service.service import CODE, FakeService

COMMITS = 36


class CrashSetup:
    """A service with a clock, and a phone's file next to it."""

    def __init__(self, folder, key):
        self.service, self.clock = FakeService(), ManualClock()
        self.service.clock = lambda: self.clock.now
        (self.wave,) = [self.service.add_wave(key)]
        self.file, self.copy = folder / "outbox.db", folder / "copy.db"
        with self.phone(self.file) as phone:
            phone.enrol(CODE)
            phone.sync()
            answer_first_pulse(phone)
            phone.sync()

    def phone(self, path):
        return Phone(path, SERVER, transport=self.service, clock=self.clock)

    def run(self, phone):
        """From the withdrawal to the erasure; any part may have happened already."""
        phone.withdraw(self.wave.id)
        phone.sync()
        if self.service.epoch == "epoch-1":
            self.service.restore_empty_backup()
        phone.sync()
        phone.sync()
        self.clock.advance(seconds=KEEP_SECONDS)
        phone.sync()
        phone.sync()


def test_crash_test_counts_every_later_commit(tmp_path, keys):
    world, statements = CrashSetup(tmp_path, keys[0]), []
    with world.phone(world.file) as phone:
        phone._account.namespace.database._connection.set_trace_callback(
            statements.append
        )
        world.run(phone)

    assert statements.count("COMMIT") == COMMITS


@pytest.mark.parametrize("at_commit", range(COMMITS))
def test_crash_between_any_two_commits_is_recovered(tmp_path, keys, at_commit):
    world, commits = CrashSetup(tmp_path, keys[0]), []

    def look(statement):
        if statement == "COMMIT":
            if len(commits) == at_commit:
                copy_outbox_files(world.file, world.copy)
            commits.append(statement)

    def crash(_, reply):
        if world.copy.exists():
            raise CrashError
        return reply()

    world.service.intercept = crash
    with world.phone(world.file) as phone:
        phone._account.namespace.database._connection.set_trace_callback(look)
        with suppress(CrashError):
            world.run(phone)
    assert len(commits) > at_commit

    world.service.intercept = lambda _, reply: reply()
    with world.phone(world.copy) as survivor:
        world.run(survivor)
        items = [(item.op, item.state, item.status) for item in survivor.status().items]
        frozen = [entry.frozen for entry in survivor._outbox.entries()]
    assert [op for op, *_ in items] == ["submit", "withdraw"]
    assert {state for _, state, _ in items} == {"settled"}
    assert items[1][2] == "withdrawn"
    assert len(world.service.withdrawn) == 1
    assert world.service.contents == []
    assert all(item.envelope is None for item in frozen)
