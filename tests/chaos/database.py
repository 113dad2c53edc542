"""The service's own ledger: what its database says, read and never written."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import NullPool, create_engine, make_url, select, text
from sqlalchemy.orm import Session

from rapport_service import b64
from rapport_service.ballotbox.models import Answer, Conflict, Spent, Submission
from rapport_service.record.models import BallotKey, Charter, Release, Score, Wave

Key = tuple[str, str]
"""A ballot: its key's id and its hash, as they stand on the wire."""


@dataclass(frozen=True)
class Row:
    """How the service holds a ballot.

    Attributes:
        standing: as stored.
        reason: why, for what is held.
        digest: of the content that binds the ballot; None where nothing was ever said.
    """

    standing: str
    reason: str | None
    digest: str | None


@dataclass(frozen=True)
class WaveRow:
    """A wave, its charter, and what was released of it."""

    state: str
    charter: dict[str, Any]
    answers: tuple[tuple[UUID, int, str], ...]
    counted: dict[int, str] = field(default_factory=dict)
    scores: dict[int, dict[UUID, dict[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Database:
    """Everything that the oracle asks the database for, of one organization.

    Attributes:
        waves: by public id.
        keys: of each ballot key, the wave and the node that holds it.
        ballots: every ballot that was heard of, sealed or not.
        others: the digests of further contents in custody, by ballot.
        answers: rows that scores may rest on, by wave.
    """

    waves: dict[str, WaveRow]
    keys: dict[str, tuple[str, UUID]]
    ballots: dict[Key, list[Row]]
    others: dict[Key, set[str]]


@contextmanager
def reading(url: str) -> Iterator[Session]:
    """A session in which nothing can be written, on either engine."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        address = make_url(f"sqlite:///file:{address.database}?mode=ro&uri=true")
    engine = create_engine(address, poolclass=NullPool)
    with Session(engine) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION READ ONLY"))
        yield session


def states(url: str, organization: str) -> dict[str, str]:
    """The state of every wave, by public id."""
    with reading(url) as session:
        rows = session.scalars(select(Wave).where(Wave.organization_id == organization))
        return {row.public_id: row.state.value for row in rows}


def read(url: str, organization: str) -> Database:
    """Reads all of it at one instant."""
    with reading(url) as session:
        keys = {
            row.kid: (f"{organization}.{row.wave_id}", row.team_id)
            for row in _all(session, BallotKey, organization)
        }
        ballots: dict[Key, list[Row]] = defaultdict(list)
        for row in _all(session, Submission, organization):
            ballots[row.kid, b64.encode(row.ballot_hash)].append(
                Row(row.standing.value, row.reason, row.digest)
            )
        for row in _all(session, Spent, organization):
            ballots[row.kid, b64.encode(row.ballot_hash)].append(
                Row(row.standing.value, None, row.digest)
            )
        others: dict[Key, set[str]] = defaultdict(set)
        for row in _all(session, Conflict, organization):
            others[row.kid, b64.encode(row.ballot_hash)].add(row.digest)
        waves = {
            wave.public_id: _wave(session, wave)
            for wave in _all(session, Wave, organization)
        }
    return Database(waves, keys, dict(ballots), dict(others))


def fingerprint(url: str, organization: str) -> str:
    """A digest of all that submissions can change; no two states share one."""
    stored = read(url, organization)
    rows = sorted(
        (key, sorted((r.standing, r.reason or "", r.digest or "") for r in held))
        for key, held in stored.ballots.items()
    )
    others = sorted((key, sorted(digests)) for key, digests in stored.others.items())
    answers = sorted(
        (name, sorted(map(str, wave.answers))) for name, wave in stored.waves.items()
    )
    return sha256(json.dumps([rows, others, answers]).encode()).hexdigest()


def _wave(session: Session, wave: Wave) -> WaveRow:
    where = {"organization_id": wave.organization_id, "wave_id": wave.wave_id}
    charter = session.get(Charter, (wave.organization_id, wave.wave_id))
    answers = session.scalars(select(Answer).filter_by(**where)).all()
    releases = session.scalars(select(Release).filter_by(**where)).all()
    scores: dict[int, dict[UUID, dict[str, Any]]] = defaultdict(dict)
    for score in session.scalars(select(Score).filter_by(**where)):
        scores[score.number][score.team_id] = json.loads(score.document)
    return WaveRow(
        wave.state.value,
        json.loads(charter.document) if charter else {},
        tuple((row.team_id, row.form, row.answers) for row in answers),
        {row.number: row.counted for row in releases},
        dict(scores),
    )


def _all(session: Session, table: type[Any], organization: str) -> list[Any]:
    rows = session.scalars(select(table).where(table.organization_id == organization))
    return list(rows)
