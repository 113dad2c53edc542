"""Taking a batch of submissions and withdrawals: one result an item, in order."""

from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from rapport_service.ballotbox import box
from rapport_service.ballotbox.fate import again, first
from rapport_service.ballotbox.items import Item, Reason, Result, Status, read
from rapport_service.ballotbox.verdict import NOTHING_SAID, Verdict, judge
from rapport_service.blindsign.ballot import BallotInvalidError, verify
from rapport_service.blindsign.keys import public_key
from rapport_service.charter import document
from rapport_service.instrument.bank import by_digest
from rapport_service.record.models import BallotKey, Charter, Wave, WaveState


def submit(session: Session, raws: Sequence[object]) -> list[Result]:
    """Stores or withdraws what can be, and says what became of each item.

    The wave's row stays locked in share mode until the commit, so the seal, which takes
    it exclusively, finds every accepted submission or none of a batch. Only a genuine
    ballot locks anything: a stranger who sends forged ones without end cannot hold up
    the seal.
    """
    results: dict[int, Result] = {}
    items: dict[int, Item] = {}
    for index, raw in enumerate(raws):
        match read(raw):
            case Result() as result:
                results[index] = result
            case readable:
                items[index] = readable
    keys = _keys(session, items.values())
    genuine = _sift(items, results, lambda item: _unproven(item, keys))
    waves = _lock_waves(session, genuine.values())
    keys = _keys(session, genuine.values())  # a wave that retired has dropped them
    valid = _sift(genuine, results, lambda item: _too_late(item, keys, waves))
    results |= _take(session, valid, keys, waves)
    return [results[index] for index in range(len(raws))]


def _sift(
    items: Mapping[int, Item],
    results: dict[int, Result],
    refusal: Callable[[Item], Result | None],
) -> dict[int, Item]:
    """The items that are not refused; those that are get their results."""
    left: dict[int, Item] = {}
    for index, item in items.items():
        if (refused := refusal(item)) is None:
            left[index] = item
        else:
            results[index] = refused
    return left


def _lock_waves(
    session: Session, items: Collection[Item]
) -> dict[tuple[str, UUID], Wave]:
    """The waves of the items, locked in share mode, always in the same order."""
    rows = session.scalars(
        select(Wave)
        .where(
            tuple_(Wave.organization_id, Wave.wave_id).in_(
                select(BallotKey.organization_id, BallotKey.wave_id).where(
                    _is_named(items)
                )
            )
        )
        .order_by(Wave.organization_id, Wave.wave_id)
        .with_for_update(read=True)
    )
    return {(row.organization_id, row.wave_id): row for row in rows}


def _keys(session: Session, items: Collection[Item]) -> dict[str, BallotKey]:
    """The known keys of the items as they are now, each of its own organization."""
    rows = session.scalars(
        select(BallotKey)
        .where(_is_named(items))
        .execution_options(populate_existing=True)
    )
    return {row.kid: row for row in rows}


def _is_named(items: Collection[Item]) -> ColumnElement[bool]:
    named = {(item.ballot.organization_id, item.ballot.kid) for item in items}
    return tuple_(BallotKey.organization_id, BallotKey.kid).in_(sorted(named))


def _unproven(item: Item, keys: Mapping[str, BallotKey]) -> Result | None:
    """Why an item proves no right to answer; None where it does."""
    key = keys.get(item.ballot.kid)
    if key is None:
        return item.result(Status.REJECTED, Reason.BALLOT_UNKNOWN_KEY)
    if key.jwk is None:
        return item.result(Status.FINAL, Reason.EXPIRED)
    try:
        verify(item.ballot, public_key(key.jwk))
    except BallotInvalidError:
        return item.result(Status.REJECTED, Reason.BALLOT_INVALID)
    return None


def _too_late(
    item: Item,
    keys: Mapping[str, BallotKey],
    waves: Mapping[tuple[str, UUID], Wave],
) -> Result | None:
    """Why a genuine ballot is good for nothing any more; None where it still is."""
    key = keys[item.ballot.kid]
    if key.jwk is None:
        return item.result(Status.FINAL, Reason.EXPIRED)
    if waves[key.organization_id, key.wave_id].state == WaveState.CANCELLED:
        return item.result(Status.FINAL, Reason.WAVE_CANCELLED)
    return None


def _take(
    session: Session,
    items: Mapping[int, Item],
    keys: Mapping[str, BallotKey],
    waves: Mapping[tuple[str, UUID], Wave],
) -> dict[int, Result]:
    """Inserts first; whatever was there already decides the rest, item by item."""
    wave_of = {
        kid: waves[key.organization_id, key.wave_id] for kid, key in keys.items()
    }
    stands = box.spent(session, {box.key_of(item) for item in items.values()})
    firsts: dict[box.Key, int] = {}
    for index, item in items.items():
        if box.key_of(item) not in stands:
            firsts.setdefault(box.key_of(item), index)
    inserted = box.insert(
        session,
        {
            key: (items[index], _verdict(session, items[index], wave_of))
            for key, index in firsts.items()
        },
    )
    late = {kid for kid, wave in wave_of.items() if wave.takes_late}
    stands |= box.locked(session, firsts.keys(), late=late)
    results: dict[int, Result] = {}
    withdrawn: set[box.Key] = set()
    for index, item in items.items():
        key = box.key_of(item)
        if key in inserted and firsts[key] == index:
            results[index] = first(item, stands[key])
            continue
        before = stands[key]
        results[index], stands[key] = again(item, before)
        if stands[key] != before:
            withdrawn.add(key)
    box.erase(session, withdrawn)
    box.keep_conflicts(
        session,
        [
            items[index]
            for index, result in results.items()
            if result.reason == Reason.CONTENT_CONFLICT
            and box.key_of(items[index]) not in withdrawn
        ],
    )
    return results


def _verdict(session: Session, item: Item, wave_of: Mapping[str, Wave]) -> Verdict:
    """How the first item of a ballot stands by itself."""
    if item.content is None:
        return NOTHING_SAID
    wave = wave_of[item.ballot.kid]
    charter = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    instrument = by_digest(document.read(charter.document).instrument)
    return judge(instrument, item.content, late=wave.takes_late)
