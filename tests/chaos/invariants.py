"""What must hold after any storm, as questions to the three ledgers.

Each check yields a sentence for each violation, naming the item.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.chaos.evidence import LET_GO, Evidence
from tests.chaos.probes import Probes
from tests.chaos.scores import honest

MOST_UP, MOST_DOWN = 800, 400
"""Bytes of the bodies of one submission and of its reply."""

Check = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True)
class Invariant:
    """One promise of the protocol.

    Attributes:
        name: as the documentation numbers it.
        promise: what is promised, in a few words.
        check: yields what breaks it.
    """

    name: str
    promise: str
    check: Check


def no_loss(evidence: Evidence) -> Iterator[str]:
    """Every answer that was taken is known to the service, or dead with a reason."""
    for (person, wave), tries in evidence.tries.items():
        if not any(one.outcome == "answered" for one in tries):
            continue
        item = evidence.final.get((person, wave))
        name = f"{person}'s answer to {wave}"
        if item is None:
            yield f"{name} is gone from the phone"
        elif item["state"] == "dead":
            if item["reason"] is None:
                yield f"{name} is dead without a reason"
        elif item["state"] != "settled":
            yield f"{name} is still {item['state']}"
        elif item["status"] in LET_GO:
            sent = evidence.sent_by(person, wave)
            if not any(evidence.knows(one.key, one.digest) for one in sent):
                yield f"{name} is {item['status']}, and the service has none like it"


def no_double(evidence: Evidence) -> Iterator[str]:
    """A ballot has one row, a wave as many answers as counted ballots, a person one."""
    counted: Counter[str] = Counter()
    for (kid, hashed), rows in evidence.stored.ballots.items():
        if len(rows) > 1:
            yield f"ballot {hashed} has {len(rows)} rows"
        counted[evidence.stored.keys[kid][0]] += rows[0].standing == "accepted"
    for name, wave in evidence.stored.waves.items():
        if wave.state == "sealed" and len(wave.answers) != counted[name]:
            yield f"{name} has {len(wave.answers)} answers of {counted[name]} ballots"
    ballots = defaultdict(set)
    for sent in evidence.sent:
        ballots[sent.person, sent.wave].add(sent.key)
    for (person, wave), keys in ballots.items():
        if len(keys) > 1:
            yield f"{person} sent {len(keys)} ballots for {wave}"


def truthful(evidence: Evidence) -> Iterator[str]:
    """What a client was truly told is so in the database, whatever crashed since."""
    for said in evidence.said:
        if not said.seen or said.status not in LET_GO:
            continue
        rows = evidence.rows(said.key)
        name = f"ballot {said.key[1]} was called {said.status}"
        if not rows or not evidence.knows(said.key, said.digest):
            yield f"{name}, and its content is not there"
        elif said.status in {"accepted", "duplicate"} and not (
            rows[0].standing == "accepted" and rows[0].digest == said.digest
        ):
            yield f"{name}, and is {rows[0].standing}"


def first_wins(evidence: Evidence) -> Iterator[str]:
    """Of several contents under a ballot one counts; the next are kept beside it."""
    contents = defaultdict(set)
    for said in evidence.said:
        if said.digest is not None:
            contents[said.key].add(said.digest)
    for key, digests in contents.items():
        rows = evidence.rows(key)
        bound = {row.digest for row in rows if row.digest}
        others = evidence.stored.others.get(key, set())
        if rows and len(bound) != 1:
            yield f"ballot {key[1]} is bound by {len(bound)} contents"
        elif rows and len(others) != min(2, len(digests - bound)):
            yield f"ballot {key[1]} has {len(others)} of {len(digests)} contents beside"


def one_acceptance(evidence: Evidence) -> Iterator[str]:
    """However many requests raced or were lost, a ballot was accepted at most once."""
    accepted = Counter(s.key for s in evidence.said if s.status == "accepted")
    for (_, hashed), times in accepted.items():
        if times > 1:
            yield f"ballot {hashed} was accepted {times} times"


def races(evidence: Evidence) -> Iterator[str]:
    """Of identical requests at once one at most is accepted; none fails or is held."""
    for race in {entry["race"] for entry in evidence.attacks if entry["race"]}:
        replies = [e for e in evidence.attacks if e["race"] == race and e["status"]]
        told = Counter(result["status"] for e in replies for result in e["said"])
        if told["accepted"] > 1 or told["held"]:
            yield f"a race of identical requests was told {dict(told)}"
        if any(entry["status"] >= 500 for entry in replies):
            yield "a race of identical requests broke the service"


def only_taken(evidence: Evidence) -> Iterator[str]:
    """A phone sends whole answers that it took, none that it said it had not."""
    for sent in evidence.sent:
        if sent.op != "submit" or sent.content is None:
            continue
        tries = evidence.tries.get((sent.person, sent.wave), [])
        taken = [one for one in tries if one.outcome == "answered"]
        given = taken or [one for one in tries if one.outcome == "unknown"]
        if not any(one.is_what(sent.content) for one in given):
            yield f"{sent.person} sent for {sent.wave} what they had not answered"


def nobody_else_lets_go(evidence: Evidence) -> Iterator[str]:
    """A phone settles an item on the service's own word, seen whole, and no other."""
    word = defaultdict(set)
    for said in evidence.said:
        if said.seen:
            word[said.key, said.digest].add(said.status)
    for (person, wave), item in evidence.final.items():
        if item["state"] not in {"settled", "dead"}:
            continue
        heard = {
            status
            for sent in evidence.sent_by(person, wave)
            for status in word[sent.key, sent.digest]
        }
        if item["status"] not in heard:
            yield f"{person} settled {wave} as {item['status']}, which nobody said"


def in_order(evidence: Evidence) -> Iterator[str]:
    """A phone first sends its answers in the order in which they were given."""
    for person, ledger in evidence.phones.items():
        answered = [e["wave"] for e in ledger if e["event"] == "answered"]
        first = list(dict.fromkeys(s.wave for s in evidence.sent if s.person == person))
        known = [wave for wave in first if wave in answered]
        if known != [wave for wave in answered if wave in known]:
            yield f"{person} sent {known} and had answered {answered}"


def nothing_identifies(evidence: Evidence) -> Iterator[str]:
    """Nothing that a ballot-box row holds names a person."""
    names = re.compile("|".join(map(re.escape, evidence.phones)))
    for name, wave in evidence.stored.waves.items():
        for _, _, answers in wave.answers:
            if names.search(answers):
                yield f"an answer to {name} names a person"


def small_requests(evidence: Evidence) -> Iterator[str]:
    """One submission takes at most 0.8 kB up and 0.4 kB down."""
    for entry in evidence.crossed:
        up, down = entry["up"], entry["down"] or 0
        lone = len(entry.get("items", [])) == 1 and entry["truly"]
        if lone and (up > MOST_UP or down > MOST_DOWN):
            yield f"a submission took {up} B up and {down} B down"


def invariants(probes: Probes) -> tuple[Invariant, ...]:
    """All of them; those that ask the running service once more come last."""
    return (
        Invariant("I1", "no answer is lost", no_loss),
        Invariant("I2", "none is counted twice", no_double),
        Invariant("I3", "what was acknowledged is so", truthful),
        Invariant("I7", "the first content wins, others are kept", first_wins),
        Invariant("I8", "of identical requests at once one is accepted", races),
        Invariant("I9", "lost replies change nothing but their number", one_acceptance),
        Invariant("I10", "clocks change no order", in_order),
        Invariant("I16", "only answers that were taken are sent", only_taken),
        Invariant("I17", "only the service lets a phone let go", nobody_else_lets_go),
        Invariant("I18", "scores are those of the answers given", honest),
        Invariant("I22", "requests and replies are small", small_requests),
        Invariant("I4", "sent again, nothing changes", probes.replayed),
        Invariant("I5", "cut otherwise, nothing changes", probes.recut),
        Invariant("I6", "poison harms no neighbour", probes.isolated),
        Invariant("I19", "ballots mean nothing elsewhere", probes.apart),
    )
