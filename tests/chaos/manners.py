"""What must be true of how phones behave, asked of the three ledgers.

Each check yields a sentence for each violation, naming the device.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import LET_GO, Evidence
from tests.chaos.journal import Entry

MOST_UP, MOST_DOWN = 800, 400
"""Bytes of the bodies of one submission and of its reply."""

TEN_UP, TEN_DOWN = 5000, 1200
"""The same of a gateway's ten."""

FIRST_CUT = 10
"""A gateway's first requests hold this many items at most."""

OWN_ADDRESS = "Listening at"
"""How the line begins that names an address, and it is the service's own."""

HEARD = 0.2
"""Seconds that a phone has to write down what a reply asked for."""


def only_taken(evidence: Evidence) -> Iterator[str]:
    """A phone sends whole answers that it took, none that it said it had not.

    Whatever was done to its disk, no session ends in an error that nobody foresaw.
    """
    for device in evidence.crashed:
        yield f"a session on {device} ended in an error of its own"
    for story in evidence.stories:
        for sent in story.sent:
            if sent.content is not None and not any(
                one.is_what(sent.content) for one in story.acceptable
            ):
                yield f"{story}: something was sent that was not answered"


def nobody_else_lets_go(evidence: Evidence) -> Iterator[str]:
    """A phone settles an item on the service's own word, seen whole, and no other."""
    word = defaultdict(set)
    for said in evidence.said:
        if said.seen:
            word[said.key, said.op].add(said.status)
    for story in evidence.stories:
        for op, item in story.last.items():
            if item["status"] is None:
                continue
            heard = {
                status
                for sent in story.sent
                for of in (op, "withdraw")
                for status in word[sent.key, of]
            }
            if item["status"] not in heard:
                yield f"{story}: {op} is {item['status']}, which nobody said"


def clocks(evidence: Evidence) -> Iterator[str]:
    """A wrong clock changes the fate of no answer, and no order."""
    for story in evidence.stories:
        if story.device in evidence.cast.wrong_clocks and story.is_answered:
            item = story.last.get("submit", {})
            if item.get("status") not in LET_GO:
                yield f"{story}: {item.get('status')} on a phone with a wrong clock"
    waves = {kid: wave for kid, (wave, _) in evidence.stored.keys.items()}
    regretted = {(s.device, s.wave) for s in evidence.stories if s.regrets}
    for device, ledger in evidence.phones.items():
        if len(evidence.cast.devices[device]) > 1:
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


def revoked(evidence: Evidence) -> Iterator[str]:
    """A phone that may draw no more still hands in what it holds, and it counts."""
    for story in evidence.stories:
        if story.device in evidence.cast.ended and story.is_answered:
            item = story.last.get("submit", {})
            if item.get("status") not in LET_GO:
                yield f"{story}: {item.get('status')} on a phone that was ended"


def polite(evidence: Evidence) -> Iterator[str]:
    """No request goes to a door before the time that it asked for has passed."""
    for device, ledger in evidence.phones.items():
        until: dict[str, tuple[float, int]] = {}
        heard: dict[int, bool] = _went_on(ledger)
        for index, entry in enumerate(ledger):
            if entry["event"] == "asking":
                wish, since = until.get(entry["door"], (0.0, 0))
                if wish > entry["at"] + HEARD and heard.get(since, False):
                    early = wish - entry["at"]
                    yield f"{device} asked the {entry['door']} {early:.1f} s too early"
            if entry["event"] == "reply" and (entry["retry_after"] or "").isdecimal():
                wish = entry["at"] + float(entry["retry_after"])
                until[entry["door"]] = wish, index


def _went_on(ledger: list[Entry]) -> dict[int, bool]:
    """Of each reply, whether its process lived to write down what it asked for."""
    last: dict[int, int] = {}
    went_on: dict[int, bool] = {}
    for index, entry in enumerate(ledger):
        if entry["by"] in last:
            went_on[last.pop(entry["by"])] = not _disk_failed(entry)
        if entry["event"] == "reply":
            last[entry["by"]] = index
    return went_on


def _disk_failed(entry: Entry) -> bool:
    """Whether a device says that it could write nothing down."""
    problem = entry["problem"] if entry["event"] == "synced" else None
    return entry["event"] == "unusable" or "disk" in (problem or "")


def drains(evidence: Evidence) -> Iterator[str]:
    """In calm weather a backlog takes as many requests as it needs, and few more."""
    for device, ledger in evidence.phones.items():
        most = FIRST_CUT if len(evidence.cast.devices[device]) > 1 else 1
        syncs: dict[tuple[int, int], list[Entry]] = defaultdict(list)
        ended: Counter[int] = Counter()
        for entry in ledger:
            if entry["event"] == "synced":
                ended[entry["by"]] += 1
            if entry["event"] == "sending" and entry["at"] > evidence.moments.calm:
                syncs[entry["by"], ended[entry["by"]]].append(entry)
        for requests in syncs.values():
            items = {(i["hash"], i["op"]) for entry in requests for i in entry["items"]}
            bound = math.ceil(len(items) / most) + math.ceil(math.log2(len(items) + 1))
            if len(requests) > bound:
                yield f"{device} took {len(requests)} requests for {len(items)} items"


def small_requests(evidence: Evidence) -> Iterator[str]:
    """One submission takes 0.8 kB up and 0.4 kB down at most; ten take 5 and 1.2."""
    for entry in evidence.crossed:
        items = len(entry.get("items", []))
        if not entry["truly"] or not 1 <= items <= FIRST_CUT:
            continue
        up, down = (MOST_UP, MOST_DOWN) if items == 1 else (TEN_UP, TEN_DOWN)
        if entry["up"] > up or entry["down"] > down:
            taken = f"{entry['up']} B up and {entry['down']} B down"
            yield f"{items} items took {taken}"


def nothing_identifies(evidence: Evidence) -> Iterator[str]:
    """No log line and no answer names a person, a ballot or an address."""
    ballots = {hashed for _, hashed in evidence.stored.ballots}
    secrets = [*evidence.cast.people, *evidence.stored.keys, *ballots, "127.0.0.1"]
    pattern = re.compile("|".join(map(re.escape, secrets)))
    lines = [line for line in evidence.log.splitlines() if OWN_ADDRESS not in line]
    for found in set(pattern.findall("\n".join(lines))):
        yield f"the log says {found}"
    for name, wave in evidence.stored.waves.items():
        if any("person" in answers for _, _, answers in wave.answers):
            yield f"an answer to {name} names a person"
