"""What must be true of how phones behave, asked of the three ledgers.

Each check yields a sentence for each violation, naming the device.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from tools.chaos.evidence import ACKNOWLEDGED_STATUSES, Evidence
from tools.chaos.journal import Entry

MAX_REQUEST_BYTES, MAX_REPLY_BYTES = 800, 400
"""Bytes of the bodies of one submission and of its reply."""

MAX_BATCH_REQUEST_BYTES, MAX_BATCH_REPLY_BYTES = 5000, 1200
"""The same of a gateway's ten."""

MAX_FIRST_BATCH = 10
"""A gateway's first requests hold this many items at most."""

LISTENING_PREFIX = "Listening at"
"""How the line begins that names an address, and it is the service's own."""

LEDGER_GRACE_SECONDS = 0.2
"""Seconds that a phone has to write down what a reply asked for."""


def check_sent_answers(evidence: Evidence) -> Iterator[str]:
    """A phone sends whole answers that it took, none that it said it had not.

    Whatever was done to its disk, no session ends in an error that nobody foresaw.
    """
    for device in evidence.crashed:
        yield f"a session on {device} ended in an error of its own"
    for story in evidence.timelines:
        for sent in story.sent_items:
            if sent.content is not None and not any(
                one.matches(sent.content) for one in story.acceptable_attempts
            ):
                yield f"{story}: something was sent that was not answered"


def check_settlement(evidence: Evidence) -> Iterator[str]:
    """A phone settles an item on the service's own word, seen whole, and no other."""
    word = defaultdict(set)
    for said in evidence.results:
        if said.is_observed:
            word[said.key, said.op].add(said.status)
    for story in evidence.timelines:
        for op, item in story.last_status.items():
            if item["status"] is None:
                continue
            heard = {
                status
                for sent in story.sent_items
                for of in (op, "withdraw")
                for status in word[sent.key, of]
            }
            if item["status"] not in heard:
                yield f"{story}: {op} is {item['status']}, which nobody said"


def check_clocks(evidence: Evidence) -> Iterator[str]:
    """A wrong clock changes the fate of no answer, and no order."""
    for story in evidence.timelines:
        if story.device in evidence.participants.wrong_clocks and story.is_answered:
            item = story.last_status.get("submit", {})
            if item.get("status") not in ACKNOWLEDGED_STATUSES:
                yield f"{story}: {item.get('status')} on a phone with a wrong clock"
    waves = {kid: wave for kid, (wave, _) in evidence.database.keys.items()}
    regretted = {(s.device, s.wave) for s in evidence.timelines if s.is_withdrawing}
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
            if wave in answered and (device, wave) not in regretted
        ]
        if first != [wave for wave in answered if wave in first]:
            yield f"{device} sent {first} and had answered {answered}"


def check_ended_devices(evidence: Evidence) -> Iterator[str]:
    """A phone that may draw no more still hands in what it holds, and it counts."""
    for story in evidence.timelines:
        if story.device in evidence.participants.ended and story.is_answered:
            item = story.last_status.get("submit", {})
            if item.get("status") not in ACKNOWLEDGED_STATUSES:
                yield f"{story}: {item.get('status')} on a phone that was ended"


def check_retry_after(evidence: Evidence) -> Iterator[str]:
    """No request goes to a door before the time that it asked for has passed."""
    for device, ledger in evidence.phones.items():
        until: dict[str, tuple[float, int]] = {}
        heard: dict[int, bool] = _survived_replies(ledger)
        for index, entry in enumerate(ledger):
            if entry["event"] == "asking":
                wish, since = until.get(entry["door"], (0.0, 0))
                if wish > entry["at"] + LEDGER_GRACE_SECONDS and heard.get(
                    since, False
                ):
                    early = wish - entry["at"]
                    yield f"{device} asked the {entry['door']} {early:.1f} s too early"
            if entry["event"] == "reply" and (entry["retry_after"] or "").isdecimal():
                wish = entry["at"] + float(entry["retry_after"])
                until[entry["door"]] = wish, index


def _survived_replies(ledger: list[Entry]) -> dict[int, bool]:
    """Of each reply, whether its process lived to write down what it asked for."""
    last: dict[int, int] = {}
    went_on: dict[int, bool] = {}
    for index, entry in enumerate(ledger):
        if entry["by"] in last:
            went_on[last.pop(entry["by"])] = not _is_disk_failure(entry)
        if entry["event"] == "reply":
            last[entry["by"]] = index
    return went_on


def _is_disk_failure(entry: Entry) -> bool:
    """Whether a device says that it could write nothing down."""
    problem = entry["problem"] if entry["event"] == "synced" else None
    return entry["event"] == "unusable" or "disk" in (problem or "")


def check_backlog_requests(evidence: Evidence) -> Iterator[str]:
    """In calm weather a backlog takes as many requests as it needs, and few more."""
    for device, ledger in evidence.phones.items():
        most = MAX_FIRST_BATCH if len(evidence.participants.devices[device]) > 1 else 1
        syncs: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        ended: Counter[int] = Counter()
        for entry in ledger:
            if entry["event"] == "synced":
                ended[entry["by"]] += 1
            if entry["event"] == "sending" and entry["at"] > evidence.run_times.calm:
                syncs[entry["by"], ended[entry["by"]]].append(entry)
        for requests in syncs.values():
            items = {(i["hash"], i["op"]) for entry in requests for i in entry["items"]}
            bound = math.ceil(len(items) / most) + math.ceil(math.log2(len(items) + 1))
            if len(requests) > bound:
                yield f"{device} took {len(requests)} requests for {len(items)} items"


def check_message_sizes(evidence: Evidence) -> Iterator[str]:
    """One submission takes 0.8 kB up and 0.4 kB down at most; ten take 5 and 1.2."""
    for entry in evidence.exchanges:
        items = len(entry.get("items", []))
        if not entry["truly"] or not 1 <= items <= MAX_FIRST_BATCH:
            continue
        up, down = (
            (MAX_REQUEST_BYTES, MAX_REPLY_BYTES)
            if items == 1
            else (MAX_BATCH_REQUEST_BYTES, MAX_BATCH_REPLY_BYTES)
        )
        if entry["up"] > up or entry["down"] > down:
            taken = f"{entry['up']} B up and {entry['down']} B down"
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
    for found in set(pattern.findall("\n".join(lines))):
        yield f"the log says {found}"
    for name, wave in evidence.database.waves.items():
        if any("person" in answers for _, _, answers in wave.answers):
            yield f"an answer to {name} names a person"
