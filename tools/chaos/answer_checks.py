"""What must be true of every answer's fate, asked of the three ledgers.

Each check yields a sentence for each violation, naming the item.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from http import HTTPStatus

from tools.chaos.database import BallotRef
from tools.chaos.device_timelines import UNKNOWN_PERSON, WaveTimeline
from tools.chaos.evidence import (
    ACKNOWLEDGED_STATUSES,
    MAX_KEPT_CONFLICTS,
    Evidence,
    ServiceResult,
)

TICK_FAILED, DATABASE_UNAVAILABLE = '"event": "tick failed"', '"OperationalError"'
"""How the log says that a tick failed, and that it was for want of its database."""

COUNTED_STATUSES = frozenset({"accepted", "duplicate"})


def check_no_loss(evidence: Evidence) -> Iterator[str]:
    """Every answer that was taken is known to the service, or dead with a reason."""
    for story in evidence.timelines:
        if not story.is_answered:
            continue
        item = story.last_status.get("submit")
        if item is None:
            yield f"{story}: the answer is gone from the device"
        elif item["state"] == "dead":
            if item["reason"] is None:
                yield f"{story}: the answer is dead without a reason"
        elif item["state"] != "settled":
            yield f"{story}: the answer is still {item['state']}"
        elif item["status"] in ACKNOWLEDGED_STATUSES and not _is_answer_known(
            evidence, story
        ):
            yield f"{story}: called {item['status']}, and the service has none like it"


def _is_answer_known(evidence: Evidence, story: WaveTimeline) -> bool:
    return any(
        evidence.knows_content(sent.key, sent.digest) for sent in story.sent_items
    )


def check_no_double(evidence: Evidence) -> Iterator[str]:
    """A ballot has one row, a wave an answer a counted ballot, a person one ballot.

    And whatever counts was sent by somebody.
    """
    sent_keys = {sent.key for sent in [*evidence.sent_items, *evidence.forged_items]}
    counted: Counter[str] = Counter()
    for (kid, hashed), rows in evidence.database.ballots.items():
        if len(rows) > 1:
            yield f"ballot {hashed} has {len(rows)} rows"
        if rows[0].status == "accepted":
            counted[evidence.database.keys[kid][0]] += 1
            if (kid, hashed) not in sent_keys:
                yield f"ballot {hashed} counts, and nobody ever sent it"
    for name, wave in evidence.database.waves.items():
        if wave.state == "sealed" and len(wave.answers) != counted[name]:
            yield f"{name} has {len(wave.answers)} answers of {counted[name]} ballots"
    yield from _extra_ballots(evidence)


def _extra_ballots(evidence: Evidence) -> Iterator[str]:
    ballots: dict[tuple[str, str], set[BallotRef]] = defaultdict(set)
    for story in evidence.timelines:
        if story.person != UNKNOWN_PERSON:
            ballots[story.person, story.wave] |= {sent.key for sent in story.sent_items}
    for (person, name), keys in ballots.items():
        if len(keys) > 1:
            yield f"{person} sent {len(keys)} ballots for {name}"


def check_acknowledgements(evidence: Evidence) -> Iterator[str]:
    """What a client was truly told is so in the database, whatever crashed since."""
    for said in evidence.results:
        if said.is_observed and said.status in ACKNOWLEDGED_STATUSES:
            yield from _contradictions(evidence, said)


def check_restored(evidence: Evidence) -> Iterator[str]:
    """What was acknowledged and then rolled back is there again."""
    for said in evidence.results:
        forgotten = evidence.run_times.was_forgotten(said.at)
        if forgotten and said.is_observed and said.status in ACKNOWLEDGED_STATUSES:
            yield from _contradictions(evidence, said)


def _contradictions(evidence: Evidence, said: ServiceResult) -> Iterator[str]:
    rows = evidence.stored_ballots(said.key)
    name = f"ballot {said.key[1]} was called {said.status}"
    if not rows or not evidence.knows_content(said.key, said.digest):
        yield f"{name}, and the service knows nothing of it"
    elif said.status == "withdrawn" and not evidence.is_withdrawn(said.key):
        yield f"{name}, and is {rows[0].status}"
    elif (
        said.status in COUNTED_STATUSES
        and said.key not in evidence.withdrawn_ballots
        and (rows[0].status, rows[0].digest) != ("accepted", said.digest)
    ):
        yield f"{name}, and is {rows[0].status}, or says something else"


def check_first_content(evidence: Evidence) -> Iterator[str]:
    """Of several contents under a ballot one counts; the next are kept beside it.

    Of a content whose reply never came it is unknown whether it did.
    """
    told, sent = defaultdict(set), defaultdict(set)
    for said in evidence.results:
        if said.digest is not None:
            told[said.key].add(said.digest)
    for item in [*evidence.sent_items, *evidence.forged_items]:
        if item.digest is not None:
            sent[item.key].add(item.digest)
    for key in told:
        rows = evidence.stored_ballots(key)
        if not rows or evidence.is_withdrawn(key):
            continue
        bound = {row.digest for row in rows}
        others = evidence.database.conflicting_digests.get(key, set())
        least, most = len(told[key] - bound), len((told[key] | sent[key]) - bound)
        if len(bound) != 1:
            yield f"ballot {key[1]} is bound by {len(bound)} contents"
        elif (
            not min(MAX_KEPT_CONFLICTS, least)
            <= len(others)
            <= min(MAX_KEPT_CONFLICTS, most)
        ):
            yield f"ballot {key[1]} has {len(others)} contents beside, of {least}"


def check_single_acceptance(evidence: Evidence) -> Iterator[str]:
    """However many requests raced or were lost, a ballot was accepted at most once."""
    accepted = Counter(
        said.key
        for said in evidence.results
        if said.status == "accepted" and not evidence.run_times.was_forgotten(said.at)
    )
    for (_, hashed), times in accepted.items():
        if times > 1:
            yield f"ballot {hashed} was accepted {times} times"


def check_races(evidence: Evidence) -> Iterator[str]:
    """Of identical requests at once one at most is accepted; none fails or is held.

    Nor does any other request break the service, or the passing of time.
    """
    for entry in [*evidence.exchanges, *evidence.attacks]:
        if entry["status"] == HTTPStatus.INTERNAL_SERVER_ERROR:
            yield f"the service broke at {entry['path']}"
    for line in evidence.log.splitlines():
        if TICK_FAILED in line and DATABASE_UNAVAILABLE not in line:
            yield f"the service broke: {line}"
    for race in {entry["race"] for entry in evidence.attacks if entry["race"]}:
        replies = [e for e in evidence.attacks if e["race"] == race and e["status"]]
        told = Counter(result["status"] for e in replies for result in e["said"])
        others = {
            sent.digest
            for entry in replies
            for item in entry["items"]
            for sent in evidence.forged_items
            if sent.key == (item["kid"], item["hash"])
        }
        if told["accepted"] > 1 or (told["held"] and len(others) == 1):
            yield f"a race of identical requests was told {dict(told)}"


def check_withdrawals(evidence: Evidence) -> Iterator[str]:
    """A withdrawal that was granted holds; one that came too late was counted."""
    for story in evidence.timelines:
        if not story.is_withdrawing:
            continue
        item = story.last_status.get("withdraw")
        if item is None:
            yield f"{story}: the withdrawal is gone from the device"
        elif item["state"] not in {"settled", "dead"}:
            yield f"{story}: the withdrawal is still {item['state']}"
        for sent in story.sent_items:
            if sent.op != "withdraw" or item is None:
                continue
            gone = evidence.is_withdrawn(sent.key)
            if item["status"] == "withdrawn" and not gone:
                yield f"{story}: withdrawn, and ballot {sent.key[1]} is there"
            if item["reason"] == "withdraw-too-late" and gone:
                yield f"{story}: too late to withdraw, and ballot {sent.key[1]} is gone"


def check_unknown_forms(evidence: Evidence) -> Iterator[str]:
    """A form that was never issued is held, neither counted nor refused."""
    strange = {
        (sent.key, sent.digest)
        for sent in evidence.forged_items
        if sent.content and json.loads(sent.content)["form"] == UNKNOWN_FORM
    }
    for said in evidence.results:
        if (said.key, said.digest) in strange and said.status not in {
            "held",
            "withdrawn",
        }:
            yield f"a form that was never issued was called {said.status}"


UNKNOWN_FORM = 99
