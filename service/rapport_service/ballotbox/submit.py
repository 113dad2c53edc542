"""Taking a batch of submissions: one transaction, one result an item, in order."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import Session

from rapport_service.ballotbox.items import Item, Reason, Result, Status, read
from rapport_service.ballotbox.models import Conflict, Spent, Standing, Submission
from rapport_service.blindsign.ballot import BallotInvalidError, verify
from rapport_service.blindsign.keys import public_key
from rapport_service.charter import document
from rapport_service.db import insert_new
from rapport_service.instrument.answers import (
    AnswersInvalid,
    FormUnknown,
    read_content,
)
from rapport_service.instrument.bank import Instrument, by_digest
from rapport_service.record.models import BallotKey, Charter, Wave, WaveState

KEPT_CONFLICTS = 2

Row = TypeVar("Row", Submission, Spent, Conflict)

Key = tuple[str, bytes]
"""A ballot's identity: its key id and the hash of its R."""


def submit(session: Session, raws: Sequence[object]) -> list[Result]:
    """Stores what can be stored and says what became of each item.

    The wave's row stays locked in share mode until the commit, so the seal, which takes
    it exclusively, finds every accepted submission or none of a batch.
    """
    results: dict[int, Result] = {}
    items: dict[int, Item] = {}
    for index, raw in enumerate(raws):
        match read(raw):
            case Result() as result:
                results[index] = result
            case readable:
                items[index] = readable
    named = {(item.ballot.organization_id, item.ballot.kid) for item in items.values()}
    waves = _lock_waves(session, named)
    keys = _keys(session, named, waves)
    valid: dict[int, Item] = {}
    for index, item in items.items():
        refusal = _refusal(item, keys.get(item.ballot.kid), waves)
        if refusal is None:
            valid[index] = item
        else:
            results[index] = refusal
    results |= _store(session, valid, keys, waves)
    return [results[index] for index in range(len(raws))]


def _lock_waves(
    session: Session, named: Collection[tuple[str, str]]
) -> dict[tuple[str, UUID], Wave]:
    """The waves of the keys named, locked in share mode, always in the same order."""
    rows = session.scalars(
        select(Wave)
        .where(
            tuple_(Wave.organization_id, Wave.wave_id).in_(
                select(BallotKey.organization_id, BallotKey.wave_id).where(
                    _is_named(named)
                )
            )
        )
        .order_by(Wave.organization_id, Wave.wave_id)
        .with_for_update(read=True)
    )
    return {(row.organization_id, row.wave_id): row for row in rows}


def _keys(
    session: Session,
    named: Collection[tuple[str, str]],
    waves: Mapping[tuple[str, UUID], Wave],
) -> dict[str, BallotKey]:
    """The known keys among those named; each is looked up in its own organization.

    They are read while their waves are locked, since a wave that retires drops them.
    """
    rows = session.scalars(select(BallotKey).where(_is_named(named)))
    return {row.kid: row for row in rows if (row.organization_id, row.wave_id) in waves}


def _is_named(named: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    return tuple_(BallotKey.organization_id, BallotKey.kid).in_(sorted(named))


def _refusal(
    item: Item, key: BallotKey | None, waves: Mapping[tuple[str, UUID], Wave]
) -> Result | None:
    """Why an item cannot be stored at all; None where it can."""
    if key is None:
        return item.result(Status.REJECTED, Reason.BALLOT_UNKNOWN_KEY)
    if key.jwk is None:
        return item.result(Status.FINAL, Reason.EXPIRED)
    try:
        verify(item.ballot, public_key(key.jwk))
    except BallotInvalidError:
        return item.result(Status.REJECTED, Reason.BALLOT_INVALID)
    if waves[key.organization_id, key.wave_id].state == WaveState.CANCELLED:
        return item.result(Status.FINAL, Reason.WAVE_CANCELLED)
    return None


def _store(
    session: Session,
    items: Mapping[int, Item],
    keys: Mapping[str, BallotKey],
    waves: Mapping[tuple[str, UUID], Wave],
) -> dict[int, Result]:
    """Inserts first; whatever was there already decides the rest."""
    spent = _found(session, Spent, items.values())
    first: dict[Key, int] = {}
    for index, item in items.items():
        if _key(item) not in spent:
            first.setdefault(_key(item), index)
    rows = {
        key: _row(items[index], waves[_wave_of(keys, items[index])], session)
        for key, index in sorted(first.items(), key=lambda pair: pair[0])
    }
    inserted = insert_new(session, Submission, list(rows.values()))
    stored = _found(session, Submission, items.values())
    results = {}
    for index, item in items.items():
        key = _key(item)
        if key in spent:
            (ballot,) = spent[key]
            results[index] = _replayed(item, ballot.digest, ballot.standing)
            continue
        (row,) = stored[key]
        if first[key] == index and (item.ballot.organization_id, *key) in inserted:
            results[index] = item.result(Status(row.standing), _reason(row))
        else:
            results[index] = _replayed(item, row.digest, row.standing, _reason(row))
    _keep_conflicts(
        session,
        [
            items[index]
            for index, result in results.items()
            if result.reason == Reason.CONTENT_CONFLICT
        ],
    )
    return results


def _key(item: Item) -> Key:
    return item.ballot.kid, item.ballot.hash


def _wave_of(keys: Mapping[str, BallotKey], item: Item) -> tuple[str, UUID]:
    key = keys[item.ballot.kid]
    return key.organization_id, key.wave_id


def _row(item: Item, wave: Wave, session: Session) -> dict[str, object]:
    """The row of a first submission: read, if its content can be read, else held."""
    row: dict[str, object] = {
        "organization_id": item.ballot.organization_id,
        "kid": item.ballot.kid,
        "ballot_hash": item.ballot.hash,
        "digest": item.digest,
        "content": item.content,
        "standing": Standing.HELD,
        "reason": None,
        "form": None,
        "answers": None,
    }
    try:
        answers = read_content(_instrument(session, wave), item.content)
    except FormUnknown:
        return row | {"reason": Reason.FORM_UNKNOWN.value}
    except AnswersInvalid:
        return row | {"reason": Reason.ANSWERS_INVALID.value}
    is_late = wave.state in {WaveState.SEALING, WaveState.SEALED}
    return row | {
        "standing": Standing.LATE if is_late else Standing.ACCEPTED,
        "form": answers.form,
        "answers": answers.dump_values(),
    }


def _instrument(session: Session, wave: Wave) -> Instrument:
    charter = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    return by_digest(document.read(charter.document).instrument)


def _found(
    session: Session, table: type[Row], items: Iterable[Item]
) -> dict[Key, list[Row]]:
    """The rows of a table that belong to these items' ballots."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in session.scalars(
        select(table).where(
            tuple_(table.organization_id, table.kid, table.ballot_hash).in_(
                _full_keys(items)
            )
        )
    ):
        found[row.kid, row.ballot_hash].append(row)
    return found


def _full_keys(items: Iterable[Item]) -> list[tuple[str, str, bytes]]:
    return sorted({(item.ballot.organization_id, *_key(item)) for item in items})


def _replayed(
    item: Item, digest: str, standing: Standing, reason: Reason | None = None
) -> Result:
    """The first content binds the ballot; a replay hears how that stands."""
    if item.digest != digest:
        return item.result(Status.HELD, Reason.CONTENT_CONFLICT)
    if standing == Standing.ACCEPTED:
        return item.result(Status.DUPLICATE)
    return item.result(Status(standing), reason)


def _reason(row: Submission) -> Reason | None:
    return None if row.reason is None else Reason(row.reason)


def _keep_conflicts(session: Session, items: list[Item]) -> None:
    """Takes two other contents of a ballot into custody; more are only answered."""
    if not items:
        return
    known = _found(session, Conflict, items)
    kept: dict[Key, set[str]] = {
        _key(item): {row.digest for row in known[_key(item)]} for item in items
    }
    rows = []
    for item in items:
        digests = kept[_key(item)]
        if item.digest not in digests and len(digests) < KEPT_CONFLICTS:
            digests.add(item.digest)
            rows.append(
                {
                    "organization_id": item.ballot.organization_id,
                    "kid": item.ballot.kid,
                    "ballot_hash": item.ballot.hash,
                    "digest": item.digest,
                    "content": item.content,
                }
            )
    # In key order like the submissions: no two batches wait for each other in a circle.
    rows.sort(key=itemgetter("kid", "ballot_hash", "digest"))
    insert_new(session, Conflict, rows)
