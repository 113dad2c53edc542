"""Invariants of every answer, checked against the three ledgers.

Each check yields a sentence for each violation, naming the item.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from http import HTTPStatus

from tools.chaos.database import BallotRef
from tools.chaos.device_timelines import (
    UNKNOWN_PERSON,
    WaveTimeline,
    list_refused_waves,
)
from tools.chaos.evidence import (
    ACKNOWLEDGED_STATUSES,
    MAX_KEPT_CONFLICTS,
    Evidence,
    ServiceResult,
)

TICK_FAILED, DATABASE_UNAVAILABLE = '"event": "tick failed"', '"OperationalError"'
"""Log texts of a failed tick, and of a tick that failed without its database."""

COUNTED_STATUSES = frozenset({"accepted", "duplicate"})


def check_no_loss(evidence: Evidence) -> Iterator[str]:
    """Every accepted answer is known to the service, or dead with a reason.

    That no service knows its ballot is no reason: it can be offered again.
    """
    for timeline in evidence.timelines:
        if not timeline.is_answered:
            continue
        item = timeline.last_status.get("submit")
        if item is None:
            yield f"{timeline}: the answer is gone from the device"
        elif item["state"] == "dead":
            if item["reason"] is None:
                yield f"{timeline}: the answer is dead without a reason"
            elif list_refused_waves(timeline.last_status.values()):
                yield f"{timeline}: the answer is dead, though its ballot is known"
        elif item["state"] != "settled":
            yield f"{timeline}: the answer is still {item['state']}"
        elif item["status"] in ACKNOWLEDGED_STATUSES and not _is_answer_known(
            evidence, timeline
        ):
            yield f"{timeline}: called {item['status']}, and unknown to the service"


def _is_answer_known(evidence: Evidence, timeline: WaveTimeline) -> bool:
    return any(
        evidence.knows_content(sent.key, sent.digest) for sent in timeline.sent_items
    )


def check_no_double(evidence: Evidence) -> Iterator[str]:
    """A ballot has one row, a wave an answer a counted ballot, a person one ballot.

    Every counted ballot was sent by a phone or by the attacker.
    """
    sent_keys = {sent.key for sent in [*evidence.sent_items, *evidence.forged_items]}
    counted: Counter[str] = Counter()
    for (kid, hashed), rows in evidence.database.ballots.items():
        if len(rows) > 1:
            yield f"ballot {hashed} has {len(rows)} rows"
        if rows[0].status == "accepted":
            counted[evidence.database.keys[kid][0]] += 1
            if (kid, hashed) not in sent_keys:
                yield f"ballot {hashed} counts, and was never sent"
    for name, wave in evidence.database.waves.items():
        if wave.state == "sealed" and len(wave.answers) != counted[name]:
            yield f"{name} has {len(wave.answers)} answers of {counted[name]} ballots"
    yield from _extra_ballots(evidence)


def _extra_ballots(evidence: Evidence) -> Iterator[str]:
    ballots: dict[tuple[str, str], set[BallotRef]] = defaultdict(set)
    for timeline in evidence.timelines:
        if timeline.person != UNKNOWN_PERSON:
            ballots[timeline.person, timeline.wave] |= {
                sent.key for sent in timeline.sent_items
            }
    for (person, name), keys in ballots.items():
        if len(keys) > 1:
            yield f"{person} sent {len(keys)} ballots for {name}"


def check_acknowledgements(evidence: Evidence) -> Iterator[str]:
    """Every acknowledgement that a client received is true in the database."""
    for result in evidence.results:
        if result.is_observed and result.status in ACKNOWLEDGED_STATUSES:
            yield from _contradictions(evidence, result)


def check_restored(evidence: Evidence) -> Iterator[str]:
    """Every acknowledged item that was rolled back is there again."""
    for result in evidence.results:
        forgotten = evidence.run_times.was_forgotten(result.at)
        if forgotten and result.is_observed and result.status in ACKNOWLEDGED_STATUSES:
            yield from _contradictions(evidence, result)


def _contradictions(evidence: Evidence, result: ServiceResult) -> Iterator[str]:
    rows = evidence.stored_ballots(result.key)
    name = f"ballot {result.key[1]} was called {result.status}"
    if not rows or not evidence.knows_content(result.key, result.digest):
        yield f"{name}, and the service knows nothing of it"
    elif result.status == "withdrawn" and not evidence.is_withdrawn(result.key):
        yield f"{name}, and is {rows[0].status}"
    elif (
        result.status in COUNTED_STATUSES
        and result.key not in evidence.withdrawn_ballots
        and (rows[0].status, rows[0].digest) != ("accepted", result.digest)
    ):
        yield f"{name}, and is {rows[0].status}, or has other content"


def check_first_content(evidence: Evidence) -> Iterator[str]:
    """The first content under a ballot counts; the next two are kept as conflicts.

    A content without a reply may have arrived or not.
    """
    answered_digests, sent_digests = defaultdict(set), defaultdict(set)
    for result in evidence.results:
        if result.digest is not None:
            answered_digests[result.key].add(result.digest)
    for item in [*evidence.sent_items, *evidence.forged_items]:
        if item.digest is not None:
            sent_digests[item.key].add(item.digest)
    for key in answered_digests:
        rows = evidence.stored_ballots(key)
        if not rows or evidence.is_withdrawn(key):
            continue
        bound = {row.digest for row in rows}
        others = evidence.database.conflicting_digests.get(key, set())
        min_others, max_others = (
            len(answered_digests[key] - bound),
            len((answered_digests[key] | sent_digests[key]) - bound),
        )
        if len(bound) != 1:
            yield f"ballot {key[1]} is bound by {len(bound)} contents"
        elif (
            not min(MAX_KEPT_CONFLICTS, min_others)
            <= len(others)
            <= min(MAX_KEPT_CONFLICTS, max_others)
        ):
            yield f"ballot {key[1]} has {len(others)} other contents, of {min_others}"


def check_single_acceptance(evidence: Evidence) -> Iterator[str]:
    """A ballot is accepted at most once, however many requests raced or were lost."""
    accepted = Counter(
        result.key
        for result in evidence.results
        if result.status == "accepted"
        and not evidence.run_times.was_forgotten(result.at)
    )
    for (_, hashed), times in accepted.items():
        if times > 1:
            yield f"ballot {hashed} was accepted {times} times"


def check_races(evidence: Evidence) -> Iterator[str]:
    """One of several identical requests is accepted at most; none fails or is held.

    No other request breaks the service, and no tick fails.
    """
    for entry in [*evidence.exchanges, *evidence.attacks]:
        if entry["status"] == HTTPStatus.INTERNAL_SERVER_ERROR:
            yield f"the service broke at {entry['path']}"
    for line in evidence.log.splitlines():
        if TICK_FAILED in line and DATABASE_UNAVAILABLE not in line:
            yield f"the service broke: {line}"
    for race in {entry["race"] for entry in evidence.attacks if entry["race"]}:
        replies = [e for e in evidence.attacks if e["race"] == race and e["status"]]
        statuses = Counter(result["status"] for e in replies for result in e["results"])
        others = {
            sent.digest
            for entry in replies
            for item in entry["items"]
            for sent in evidence.forged_items
            if sent.key == (item["kid"], item["hash"])
        }
        if statuses["accepted"] > 1 or (statuses["held"] and len(others) == 1):
            yield f"a race of identical requests got {dict(statuses)}"


def check_withdrawals(evidence: Evidence) -> Iterator[str]:
    """A granted withdrawal is final; one that came too late changes nothing."""
    for timeline in evidence.timelines:
        if not timeline.is_withdrawing:
            continue
        item = timeline.last_status.get("withdraw")
        if item is None:
            yield f"{timeline}: the withdrawal is gone from the device"
        elif item["state"] not in {"settled", "dead"}:
            yield f"{timeline}: the withdrawal is still {item['state']}"
        for sent in timeline.sent_items:
            if sent.op != "withdraw" or item is None:
                continue
            is_gone = evidence.is_withdrawn(sent.key)
            if item["status"] == "withdrawn" and not is_gone:
                yield f"{timeline}: withdrawn, and ballot {sent.key[1]} is there"
            if item["reason"] == "withdraw_too_late" and is_gone:
                yield f"{timeline}: late withdrawal, and ballot {sent.key[1]} is gone"


def check_unknown_forms(evidence: Evidence) -> Iterator[str]:
    """An answer to a form that was never issued is held, never counted or refused."""
    unknown = {
        (sent.key, sent.digest)
        for sent in evidence.forged_items
        if sent.content and json.loads(sent.content)["form"] == UNKNOWN_FORM
    }
    for result in evidence.results:
        if (result.key, result.digest) in unknown and result.status not in {
            "held",
            "withdrawn",
        }:
            yield f"a form that was never issued was called {result.status}"


UNKNOWN_FORM = 99
