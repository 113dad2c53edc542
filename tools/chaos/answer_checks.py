"""Invariants of every answer, checked against the three ledgers.

Each check yields a sentence for each violation, naming the item.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from http import HTTPStatus

from rapport_client._outbox.retention import UNKNOWN_KEY
from tools.chaos.database import BallotRef
from tools.chaos.device_timelines import (
    UNKNOWN_PERSON,
    WaveTimeline,
    list_refused_waves,
)
from tools.chaos.evidence import (
    ACKNOWLEDGED_STATUSES,
    Evidence,
    ServiceResult,
)

TICK_FAILED, DATABASE_UNAVAILABLE = '"event": "tick failed"', '"OperationalError"'
"""Log texts of a failed tick, and of a tick that failed without its database."""

COUNTED_STATUSES = frozenset({"accepted", "duplicate"})


def check_no_loss(evidence: Evidence) -> Iterator[str]:
    """Every accepted answer is known to the service, or refused for a true reason.

    That no service knows its ballot is no reason: it can be offered again. It is too
    late only after the seal has begun, and another envelope stands only if there is
    one.
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
        elif item["status"] == "final":
            yield from _untrue_reasons(evidence, timeline, item["reason"])
        elif item["status"] in ACKNOWLEDGED_STATUSES and not _is_answer_known(
            evidence, timeline
        ):
            yield f"{timeline}: called {item['status']}, and unknown to the service"


def _untrue_reasons(
    evidence: Evidence, timeline: WaveTimeline, reason: str | None
) -> Iterator[str]:
    digests = {sent.digest for sent in timeline.sent_items}
    refused = [
        result
        for result in evidence.results
        if result.digest in digests and result.reason == reason
    ]
    match reason:
        case "too_late" if any(
            evidence.was_open_at(timeline.wave, result.at) for result in refused
        ):
            yield f"{timeline}: too late, before its seal had begun"
        # A withdrawal leaves no digest: nobody can tell what was in conflict before it.
        case "envelope_conflict" if any(
            sent.digest in {row.digest for row in evidence.stored_ballots(sent.key)}
            or not evidence.stored_ballots(sent.key)
            for sent in timeline.sent_items
            if sent.op == "submit"
        ):
            yield f"{timeline}: called a conflict, and there is none"
        case "too_late" | "envelope_conflict" | "wave_cancelled":
            return
        case _:
            yield f"{timeline}: final because of {reason}"


def _is_answer_known(evidence: Evidence, timeline: WaveTimeline) -> bool:
    return any(
        evidence.knows_envelope(sent.key, sent.digest) for sent in timeline.sent_items
    )


def check_no_double(evidence: Evidence) -> Iterator[str]:
    """A ballot has one row, a wave no more answers than ballots, a person one ballot.

    Every ballot that is stored was sent by a phone or by the attacker.
    """
    sent_keys = {
        (evidence.database.wave_of(sent.key), sent.key[1])
        for sent in [*evidence.sent_items, *evidence.forged_items]
    }
    accepted: Counter[str] = Counter()
    for (wave, hashed), rows in evidence.database.ballots.items():
        if len(rows) > 1:
            yield f"ballot {hashed} has {len(rows)} rows"
        if rows[0].status == "accepted":
            accepted[wave] += 1
            if (wave, hashed) not in sent_keys:
                yield f"ballot {hashed} counts, and was never sent"
    for name, stored in evidence.database.waves.items():
        if len(stored.answers) > accepted[name]:
            answers = len(stored.answers)
            yield f"{name} has {answers} answers of {accepted[name]} ballots"
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
    if not rows:
        yield f"{name}, and the service knows nothing of it"
    elif result.status == "withdrawn" and not evidence.is_withdrawn(result.key):
        yield f"{name}, and is {rows[0].status}"
    elif (
        result.status in COUNTED_STATUSES
        and result.key not in evidence.withdrawn_ballots
        and (rows[0].status, rows[0].digest) != ("accepted", result.digest)
    ):
        yield f"{name}, and is {rows[0].status}, or has another envelope"


def check_first_envelope(evidence: Evidence) -> Iterator[str]:
    """The first envelope binds a ballot; any other is a conflict.

    Which one was first is what the database says: an envelope without a reply may have
    arrived or not.
    """
    for result in evidence.results:
        rows = evidence.stored_ballots(result.key)
        is_judged = result.op == "submit" and rows and rows[0].digest is not None
        if not is_judged or evidence.run_times.was_forgotten(result.at):
            continue
        is_first = result.digest == rows[0].digest
        is_conflict = result.reason == "envelope_conflict"
        if is_first and is_conflict:
            yield f"the first envelope of ballot {result.key[1]} was called a conflict"
        if not is_first and result.status in COUNTED_STATUSES:
            yield f"ballot {result.key[1]} took another envelope as well"


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
    """One of several identical requests is accepted at most; none fails or conflicts.

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
        conflicts = sum(
            result.get("reason") == "envelope_conflict"
            for entry in replies
            for result in entry["results"]
        )
        if statuses["accepted"] > 1 or (conflicts and len(others) == 1):
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


def check_nonsense(evidence: Evidence) -> Iterator[str]:
    """An envelope that holds nonsense is taken like any other, and never counted.

    That it is not counted is seen in the scores (I18). Nobody can tell at the door.
    """
    for result in evidence.results:
        if result.status == "rejected" and result.reason != UNKNOWN_KEY:
            yield f"ballot {result.key[1]} was rejected: {result.reason}"
