"""Submission of a batch of envelopes and withdrawals: one result an item, in order."""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from rapport_schemas.enums import SubmissionReason, SubmissionStatus, WaveState
from rapport_service.ballotbox import repository
from rapport_service.ballotbox.ballot_state import (
    apply_repeat,
    first_result,
    late_result,
)
from rapport_service.ballotbox.parsing import (
    SubmissionResult,
    SubmittedItem,
    parse_item,
)
from rapport_service.blindsign.ballot import BallotInvalidError, verify
from rapport_service.blindsign.keys import public_key
from rapport_service.registry.models import BallotKey, Wave


def submit(session: Session, raw_items: Sequence[object]) -> list[SubmissionResult]:
    """Stores or withdraws each item that is valid; returns a result for every one.

    The wave's row stays locked in share mode until the commit, so the seal, which takes
    it exclusively, finds every accepted submission or none of a batch. Only a genuine
    ballot locks anything: an endless stream of forged ones cannot hold up the seal.
    """
    results: dict[int, SubmissionResult] = {}
    items: dict[int, SubmittedItem] = {}
    for index, raw in enumerate(raw_items):
        match parse_item(raw):
            case SubmissionResult() as result:
                results[index] = result
            case readable:
                items[index] = readable
    keys = _load_keys(session, items.values())
    genuine = _split_refused(items, results, lambda item: _refuse_unproven(item, keys))
    waves = _lock_waves(session, genuine.values())
    keys = _load_keys(session, genuine.values())  # a wave that retired has dropped them
    valid = _split_refused(
        genuine, results, lambda item: _refuse_ended(item, keys, waves)
    )
    late = {
        index: item
        for index, item in valid.items()
        if _wave_of(item, keys, waves).has_seal_begun
    }
    results |= _answer_late(session, late, keys)
    results |= _store_items(
        session, {index: item for index, item in valid.items() if index not in late}
    )
    return [results[index] for index in range(len(raw_items))]


def _split_refused(
    items: Mapping[int, SubmittedItem],
    results: dict[int, SubmissionResult],
    refusal: Callable[[SubmittedItem], SubmissionResult | None],
) -> dict[int, SubmittedItem]:
    """The items that are not refused; those that are get their results."""
    remaining: dict[int, SubmittedItem] = {}
    for index, item in items.items():
        if (refused := refusal(item)) is None:
            remaining[index] = item
        else:
            results[index] = refused
    return remaining


def _lock_waves(
    session: Session, items: Collection[SubmittedItem]
) -> dict[tuple[str, UUID], Wave]:
    """The waves of the items, locked in share mode, always in the same order."""
    rows = session.scalars(
        select(Wave)
        .where(
            tuple_(Wave.organization_id, Wave.wave_id).in_(
                select(BallotKey.organization_id, BallotKey.wave_id).where(
                    _has_key_of(items)
                )
            )
        )
        .order_by(Wave.organization_id, Wave.wave_id)
        .with_for_update(read=True)
    )
    return {(row.organization_id, row.wave_id): row for row in rows}


def _load_keys(
    session: Session, items: Collection[SubmittedItem]
) -> dict[str, BallotKey]:
    """The known keys of the items as they are now, each of its own organization."""
    rows = session.scalars(
        select(BallotKey)
        .where(_has_key_of(items))
        .execution_options(populate_existing=True)
    )
    return {row.kid: row for row in rows}


def _has_key_of(items: Collection[SubmittedItem]) -> ColumnElement[bool]:
    key_ids = {(item.ballot.organization_id, item.ballot.kid) for item in items}
    return tuple_(BallotKey.organization_id, BallotKey.kid).in_(sorted(key_ids))


def _refuse_unproven(
    item: SubmittedItem, keys: Mapping[str, BallotKey]
) -> SubmissionResult | None:
    """A refusal of an item whose ballot is not genuine; None if it is."""
    key = keys.get(item.ballot.kid)
    if key is None:
        return item.result(
            SubmissionStatus.REJECTED, SubmissionReason.BALLOT_UNKNOWN_KEY
        )
    if key.jwk is None:
        return item.result(SubmissionStatus.FINAL, SubmissionReason.EXPIRED)
    try:
        verify(item.ballot, public_key(key.jwk))
    except BallotInvalidError:
        return item.result(SubmissionStatus.REJECTED, SubmissionReason.BALLOT_INVALID)
    return None


def _wave_of(
    item: SubmittedItem,
    keys: Mapping[str, BallotKey],
    waves: Mapping[tuple[str, UUID], Wave],
) -> Wave:
    key = keys[item.ballot.kid]
    return waves[key.organization_id, key.wave_id]


def _refuse_ended(
    item: SubmittedItem,
    keys: Mapping[str, BallotKey],
    waves: Mapping[tuple[str, UUID], Wave],
) -> SubmissionResult | None:
    """A refusal of a genuine ballot that is no longer valid; None if it is."""
    key = keys[item.ballot.kid]
    if key.jwk is None:
        return item.result(SubmissionStatus.FINAL, SubmissionReason.EXPIRED)
    if _wave_of(item, keys, waves).state == WaveState.CANCELLED:
        return item.result(SubmissionStatus.FINAL, SubmissionReason.WAVE_CANCELLED)
    return None


def _answer_late(
    session: Session,
    items: Mapping[int, SubmittedItem],
    keys: Mapping[str, BallotKey],
) -> dict[int, SubmissionResult]:
    """Answers items that arrive after the seal began; writes and locks nothing.

    What a ballot was used for lies with its key until the release is written, and
    without it from then on. The wave is locked, so it lies in exactly one of the two.
    """
    if not items:
        return {}
    wave_of = {
        repository.ballot_id(item): keys[item.ballot.kid].wave_id
        for item in items.values()
    }
    states = repository.stored_states(session, wave_of)
    states |= repository.spent_states(session, wave_of)
    return {
        index: late_result(item, states.get(repository.ballot_id(item)))
        for index, item in items.items()
    }


def _store_items(
    session: Session, items: Mapping[int, SubmittedItem]
) -> dict[int, SubmissionResult]:
    """Inserts first items; rows that existed already decide the rest, item by item."""
    if not items:
        return {}
    firsts: dict[repository.BallotId, int] = {}
    for index, item in items.items():
        firsts.setdefault(repository.ballot_id(item), index)
    inserted = repository.insert_first(
        session, {ballot: items[index] for ballot, index in firsts.items()}
    )
    states = repository.lock_states(session, firsts)
    results: dict[int, SubmissionResult] = {}
    withdrawn: set[repository.BallotId] = set()
    for index, item in items.items():
        ballot = repository.ballot_id(item)
        if ballot in inserted and firsts[ballot] == index:
            results[index] = first_result(item)
            continue
        before = states[ballot]
        results[index], states[ballot] = apply_repeat(item, before)
        if states[ballot] != before:
            withdrawn.add(ballot)
    repository.erase(session, withdrawn)
    return results
