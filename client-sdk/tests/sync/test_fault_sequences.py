"""Any sequence of faults, crashes and repairs loses nothing and reports nothing false.

A state machine drives the people of a gateway against a service whose network fails in
every way, and kills and reopens the process in between. The invariants are those of the
outbox alone: an accepted answer is on disk; a settled item is known to the service; a
queued item was never settled.
"""

import shutil
import tempfile
from pathlib import Path

import pytest
from fake_service.ballot_box import build_result
from fake_service.documents import to_bytes
from fake_service.faults import (
    PORTAL,
    drop_request,
    edit_reply,
    lose_reply,
    no_fault,
    on_path,
    reply_with,
)
from fake_service.frozen_items import build_frozen_item
from fake_service.phone import SERVER, ManualClock
from fake_service.service import CODE, FakeService, Wave, problem, reply_bytes
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from rapport_client import Gateway, Response, TimedOut
from rapport_client._outbox.namespace import Namespace
from rapport_client._outbox.outbox import Outbox
from rapport_client._outbox.queue import Queue
from rapport_client._protocol import base64url, send
from rapport_client._protocol.send import SubmissionResult

PEOPLE = ("ana", "ben")
SUPPRESSED_HEALTH_CHECKS = [HealthCheck.too_slow]


def time_out(*_):
    raise TimedOut("no reply in time")


def truncate_reply(_, reply):
    response = reply()
    return Response(response.status, response.headers, response.body[:-20])


def permute_results(reply):
    reply["results"].reverse()
    reply["results"].append(reply["results"][0])


FAULTS = {
    "none": no_fault,
    "request dropped": drop_request,
    "reply lost after the commit": lose_reply,
    "reply cut off": truncate_reply,
    "results permuted": edit_reply(permute_results),
    "another batch": edit_reply(lambda reply: reply.update(batch="x")),
    "captive portal": reply_with(PORTAL),
    "no content": reply_with(Response(204, {}, b"")),
    "foreign": reply_with(reply_bytes(to_bytes({"ok": True}))),
    "silent": time_out,
    "broken": reply_with(problem(500, "internal")),
    "bad gateway": reply_with(Response(502, {"content-type": "text/html"}, b"")),
    "busy": reply_with(problem(503, "busy")),
    "a proxy's limit": reply_with(Response(413, {"content-type": "text/html"}, b"")),
}
FAULT = st.sampled_from(sorted(FAULTS))


class PermissiveService(FakeService):
    """A service that accepts any ballot, so that no test waits for a signature."""

    def _process(self, item):
        name, envelope = NAMES[item["ballot"]], base64url.decode(item["envelope"])
        if item["op"] == "withdraw":
            status, reason = self.ballot_box.withdraw(OPEN_WAVE, name)
        else:
            status, reason = self.ballot_box.submit(OPEN_WAVE, name, envelope)
        return build_result(status, reason, name, base64url.digest(envelope))


NAMES: dict[str, str] = {}
OPEN_WAVE = Wave("acme.wave", None, "", None, b"", b"")


class OutboxMachine(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "outbox.db"
        self.service, self.clock = PermissiveService(), ManualClock()
        self.taken, self.settled = {}, set()
        self.gateway = self.open()
        self.gateway.person(PEOPLE[0]).enrol(CODE)

    def open(self):
        return Gateway(self.path, SERVER, transport=self.service, clock=self.clock)

    def outbox(self, person):
        return Outbox(Namespace.for_person(self.gateway._file.database, person))

    @rule(person=st.sampled_from(PEOPLE))
    def answer(self, person):
        number = len(self.taken)
        item = build_frozen_item(
            f"acme.{number}", f"{person} {number}".encode(), ballot=f"b{number}"
        )
        NAMES[item.ballot] = item.hash
        self.outbox(person).add(item)
        self.taken[person, item.wave_id, "submit"] = item

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def withdraw(self, data):
        person, wave, _ = data.draw(st.sampled_from(sorted(self.taken)))
        answered = self.taken[person, wave, "submit"]
        if (person, wave, "withdraw") not in self.taken:
            item = build_frozen_item(
                wave, b"blank", ballot=answered.ballot, op="withdraw"
            )
            self.outbox(person).add(item)
            self.taken[person, wave, "withdraw"] = item

    @rule(
        fault=st.sampled_from(sorted(FAULTS)), people=st.sampled_from([*PEOPLE, None])
    )
    def send(self, fault, people):
        self.service.intercept = on_path("/v1/submissions", FAULTS[fault])
        self.clock.advance(minutes=16)
        (self.gateway.person(people) if people else self.gateway)._engine.sync()

    @rule(fault=FAULT)
    def die_while_sending(self, fault):
        """The process is gone after the request, with or without its reply."""

        class DeadError(BaseException):
            pass

        def die(request, reply):
            try:
                FAULTS[fault](request, reply)
            finally:
                raise DeadError

        self.service.intercept = die
        copy = self.folder / "copy"
        try:
            self.gateway._engine.sender._queue.requeue = lambda _: None
            self.gateway._engine.send()
        except DeadError:
            pass
        copy.mkdir()
        for path in self.folder.glob("outbox.db*"):
            shutil.copy(path, copy / path.name)
        self.gateway.close()
        for path in copy.iterdir():
            shutil.copy(path, self.path.with_name(path.name))
        shutil.rmtree(copy)
        self.gateway = self.open()

    @rule()
    def reopen(self):
        self.gateway.close()
        self.gateway = self.open()

    @invariant()
    def nothing_is_lost_and_every_acknowledgement_is_true(self):
        if not hasattr(self, "gateway"):
            return
        seen = {}
        for person in PEOPLE:
            for entry in self.outbox(person).entries():
                key = (person, entry.frozen.wave_id, entry.op)
                seen[key] = entry
                assert entry.frozen == self.taken[key]
                assert entry.state in {"queued", "settled"}
        assert seen.keys() == self.taken.keys()
        for key, entry in seen.items():
            if entry.state == "settled":
                self.settled.add(key)
                name = entry.frozen.hash
                assert (
                    name in self.service.submissions or name in self.service.withdrawn
                )
        assert self.settled <= {k for k, e in seen.items() if e.state == "settled"}

    def teardown(self):
        if hasattr(self, "gateway"):
            self.service.intercept = no_fault
            for _ in range(4):
                self.clock.advance(minutes=16)
                self.gateway.sync()
            for person in PEOPLE:
                status = self.gateway.person(person).status()
                assert (status.queued, status.in_flight, status.dead) == (0, 0, 0)
            asked = {item.hash for item in self.taken.values()}
            assert asked == self.service.submissions | self.service.withdrawn
            assert not self.service.submissions & self.service.withdrawn
            self.gateway.close()
            shutil.rmtree(self.folder)


TestTheOutbox = OutboxMachine.TestCase
TestTheOutbox.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=SUPPRESSED_HEALTH_CHECKS,
)


def accept_any_success(response, items, _):
    """A planted fault: any reply that looks like success settles."""
    assert response.status in {200, 204}
    return [SubmissionResult("accepted", None)] * len(items)


def forget_in_flight(_):
    """A planted fault: items in flight stay there."""


@pytest.mark.parametrize(
    ("place", "name", "fault"),
    [(send, "read_reply", accept_any_success), (Queue, "recover", forget_in_flight)],
    ids=["release on any success", "in flight forgotten"],
)
def test_state_machine_detects_a_broken_device(monkeypatch, place, name, fault):
    monkeypatch.setattr(place, name, fault)
    search = settings(
        max_examples=200,
        stateful_step_count=25,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=SUPPRESSED_HEALTH_CHECKS,
    )

    with pytest.raises(AssertionError):
        run_state_machine_as_test(OutboxMachine, settings=search)
