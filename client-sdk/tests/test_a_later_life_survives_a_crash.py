"""Killed between any two commits of what comes after an answer: the same end.

An answer is accepted and withdrawn, the service is restored and gets both again, and
what was settled is erased when its period has passed. The process may die anywhere.
"""

from contextlib import suppress

import pytest
from peer.crash import CrashError, snapshot
from peer.frozen import KEEP
from peer.phone import SERVER, HeldClock, Phone, answer
from peer.service import CODE, Peer

COMMITS = 35


class World:
    """A service with a clock, and a phone's file next to it."""

    def __init__(self, folder, key):
        self.peer, self.clock = Peer(), HeldClock()
        self.peer.clock = lambda: self.clock.now
        (self.wave,) = [self.peer.add_wave(key)]
        self.file, self.copy = folder / "outbox.db", folder / "copy.db"
        with self.phone(self.file) as phone:
            phone.enrol(CODE)
            phone.sync()
            answer(phone)
            phone.sync()

    def phone(self, path):
        return Phone(path, SERVER, transport=self.peer, clock=self.clock)

    def live(self, phone):
        """From the withdrawal to the erasure; any part may have happened already."""
        phone.withdraw(self.wave.id)
        phone.sync()
        if self.peer.epoch == "epoch-1":
            self.peer.epoch = "epoch-2"
            self.peer.submissions.clear()
            self.peer.withdrawn.clear()
        phone.sync()
        phone.sync()
        self.clock.pass_by(seconds=KEEP)
        phone.sync()
        phone.sync()


def test_a_later_life_has_this_many_commits(tmp_path, keys):
    world, statements = World(tmp_path, keys[0]), []
    with world.phone(world.file) as phone:
        phone._me.space.database._connection.set_trace_callback(statements.append)
        world.live(phone)

    assert statements.count("COMMIT") == COMMITS


@pytest.mark.parametrize("at_commit", range(COMMITS))
def test_a_crash_between_any_two_commits_is_made_good(tmp_path, keys, at_commit):
    world, commits = World(tmp_path, keys[0]), []

    def look(statement):
        if statement == "COMMIT":
            if len(commits) == at_commit:
                snapshot(world.file, world.copy)
            commits.append(statement)

    def crash(_, reply):
        if world.copy.exists():
            raise CrashError
        return reply()

    world.peer.interfere = crash
    with world.phone(world.file) as phone:
        phone._me.space.database._connection.set_trace_callback(look)
        with suppress(CrashError):
            world.live(phone)
    assert len(commits) > at_commit

    world.peer.interfere = lambda _, reply: reply()
    with world.phone(world.copy) as survivor:
        world.live(survivor)
        told = [(item.op, item.state, item.status) for item in survivor.status().items]
        frozen = [entry.frozen for entry in survivor._outbox.entries()]
    assert [op for op, *_ in told] == ["submit", "withdraw"]
    assert {state for _, state, _ in told} == {"settled"}
    assert told[1][2] == "withdrawn"
    assert len(world.peer.withdrawn) == 1
    assert world.peer.contents == []
    assert all(item.erased for item in frozen)
