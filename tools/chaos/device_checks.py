"""Invariants of the behaviour of phones, checked against the three ledgers.

Each check yields a sentence for each violation, naming the device.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from tools.chaos.evidence import ACKNOWLEDGED_STATUSES, Evidence
from tools.chaos.journal import Entry

SETTLED_STATUSES = ACKNOWLEDGED_STATUSES | {"final"}
"""Statuses of an answer that arrived; a final one has a reason of its own (I1)."""

MAX_REQUEST_BYTES, MAX_REPLY_BYTES = 1200, 400
"""Bytes of the bodies of one submission and of its reply."""

MAX_BATCH_REQUEST_BYTES, MAX_BATCH_REPLY_BYTES = 8500, 1200
"""Bytes of the bodies of a gateway's ten submissions and of their reply."""

MAX_FIRST_BATCH = 10
"""Items in the first requests of a gateway, at most."""

LISTENING_PREFIX = "Listening at"
"""Start of the log line that names an address, the service's own."""

LEDGER_GRACE_SECONDS = 0.2
"""Seconds that a phone has to store the ``Retry-After`` of a reply."""


def check_sent_answers(evidence: Evidence) -> Iterator[str]:
    """A phone sends only answers that it accepted, and no session crashes.

    No disk fault ends a session in an unexpected error.
    """
    for device in evidence.crashed:
        yield f"a session on {device} ended in an error of its own"
    for timeline in evidence.timelines:
        for sent in timeline.sent_items:
            if sent.op != "submit":
                continue
            text = evidence.texts.get(sent.digest)
            if text is None:
                yield f"{timeline}: an envelope was sent that does not open"
            elif not any(
                attempt.matches(text) for attempt in timeline.acceptable_attempts
            ):
                yield f"{timeline}: something was sent that was not answered"


def check_settlement(evidence: Evidence) -> Iterator[str]:
    """A phone settles an item by a complete reply of the service, and by no other.

    Another Rapport can refuse it at most, and only until it is offered again.
    """
    observed_statuses = defaultdict(set)
    for result in evidence.results:
        if result.is_observed:
            observed_statuses[result.key, result.op].add(result.status)
    for result in evidence.other_results:
        if result.status == "rejected":
            observed_statuses[result.key, result.op].add(result.status)
    for timeline in evidence.timelines:
        for op, item in timeline.last_status.items():
            if item["status"] is None:
                continue
            statuses = {
                status
                for sent in timeline.sent_items
                for sent_op in (op, "withdraw")
                for status in observed_statuses[sent.key, sent_op]
            }
            if item["status"] not in statuses:
                yield f"{timeline}: {op} is {item['status']}, which was no result"


def check_clocks(evidence: Evidence) -> Iterator[str]:
    """A wrong clock changes the result of no answer, and no order."""
    for timeline in evidence.timelines:
        if (
            timeline.device in evidence.participants.wrong_clocks
            and timeline.is_answered
        ):
            item = timeline.last_status.get("submit", {})
            if item.get("status") not in SETTLED_STATUSES:
                yield f"{timeline}: {item.get('status')} on a phone with a wrong clock"
    waves = {kid: wave for kid, (wave, _) in evidence.database.keys.items()}
    withdrawn = {(s.device, s.wave) for s in evidence.timelines if s.is_withdrawing}
    for device, ledger in evidence.phones.items():
        if len(evidence.participants.devices[device]) > 1:
            continue
        answered = [e["wave"] for e in ledger if e["event"] == "answered"]
        sent = [
            waves[item["kid"]]
            for entry in ledger
            if entry["event"] == "sending"
            for item in entry["items"]
        ]
        first = [
            wave
            for wave in dict.fromkeys(sent)
            if wave in answered and (device, wave) not in withdrawn
        ]
        if first != [wave for wave in answered if wave in first]:
            yield f"{device} sent {first} and had answered {answered}"


def check_ended_devices(evidence: Evidence) -> Iterator[str]:
    """A phone that may draw no more still sends its answers, and they count."""
    for timeline in evidence.timelines:
        if timeline.device in evidence.participants.ended and timeline.is_answered:
            item = timeline.last_status.get("submit", {})
            if item.get("status") not in SETTLED_STATUSES:
                yield f"{timeline}: {item.get('status')} on a phone that was ended"


def check_retry_after(evidence: Evidence) -> Iterator[str]:
    """No request goes to a door before its ``Retry-After`` has passed."""
    for device, ledger in evidence.phones.items():
        allowed: dict[str, tuple[float, int]] = {}
        survived: dict[int, bool] = _survived_replies(ledger)
        for index, entry in enumerate(ledger):
            if entry["event"] == "request":
                allowed_at, reply_index = allowed.get(entry["door"], (0.0, 0))
                if allowed_at > entry["at"] + LEDGER_GRACE_SECONDS and survived.get(
                    reply_index, False
                ):
                    early = allowed_at - entry["at"]
                    yield f"{device} asked the {entry['door']} {early:.1f} s too early"
            if entry["event"] == "reply" and (entry["retry_after"] or "").isdecimal():
                allowed_at = entry["at"] + float(entry["retry_after"])
                allowed[entry["door"]] = allowed_at, index


def _survived_replies(ledger: list[Entry]) -> dict[int, bool]:
    """Whether the process of each reply lived to store its ``Retry-After``."""
    last_replies: dict[int, int] = {}
    survived: dict[int, bool] = {}
    for index, entry in enumerate(ledger):
        if entry["pid"] in last_replies:
            survived[last_replies.pop(entry["pid"])] = not _is_disk_failure(entry)
        if entry["event"] == "reply":
            last_replies[entry["pid"]] = index
    return survived


def _is_disk_failure(entry: Entry) -> bool:
    """Whether a device reports that it could store nothing."""
    problem = entry["problem"] if entry["event"] == "synced" else None
    return entry["event"] == "unusable" or "disk" in (problem or "")


def check_backlog_requests(evidence: Evidence) -> Iterator[str]:
    """A backlog takes few more requests than it needs while there are no faults."""
    for device, ledger in evidence.phones.items():
        max_items = (
            MAX_FIRST_BATCH if len(evidence.participants.devices[device]) > 1 else 1
        )
        syncs: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        ended: Counter[int] = Counter()
        for entry in ledger:
            if entry["event"] == "synced":
                ended[entry["pid"]] += 1
            if entry["event"] == "sending" and entry["at"] > evidence.run_times.calm:
                syncs[entry["pid"], ended[entry["pid"]]].append(entry)
        for requests in syncs.values():
            items = {(i["hash"], i["op"]) for entry in requests for i in entry["items"]}
            bound = math.ceil(len(items) / max_items) + math.ceil(
                math.log2(len(items) + 1)
            )
            if len(requests) > bound:
                yield f"{device} took {len(requests)} requests for {len(items)} items"


def check_message_sizes(evidence: Evidence) -> Iterator[str]:
    """One submission takes 1.2 kB up and 0.4 kB down at most; ten take 8.5 and 1.2."""
    for entry in evidence.exchanges:
        items = len(entry.get("items", []))
        if not entry["observed"] or not 1 <= items <= MAX_FIRST_BATCH:
            continue
        up, down = (
            (MAX_REQUEST_BYTES, MAX_REPLY_BYTES)
            if items == 1
            else (MAX_BATCH_REQUEST_BYTES, MAX_BATCH_REPLY_BYTES)
        )
        if entry["request_bytes"] > up or entry["reply_bytes"] > down:
            taken = f"{entry['request_bytes']} B up and {entry['reply_bytes']} B down"
            yield f"{items} items took {taken}"


def check_anonymity(evidence: Evidence) -> Iterator[str]:
    """No log line and no answer names a person, a ballot or an address."""
    ballots = {hashed for _, hashed in evidence.database.ballots}
    secrets = [
        *evidence.participants.people,
        *evidence.database.keys,
        *ballots,
        "127.0.0.1",
    ]
    pattern = re.compile("|".join(map(re.escape, secrets)))
    lines = [line for line in evidence.log.splitlines() if LISTENING_PREFIX not in line]
    for name in set(pattern.findall("\n".join(lines))):
        yield f"the log says {name}"
    for name, wave in evidence.database.waves.items():
        if any("person" in answers for _, _, answers in wave.answers):
            yield f"an answer to {name} names a person"
