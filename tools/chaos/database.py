"""Reader of the service's database, which is never written."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import NullPool, create_engine, func, make_url, select, text
from sqlalchemy.orm import Session

from rapport_service.agency.models import Person
from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.core.installation import Installation
from rapport_service.encoding import base64url
from rapport_service.pollbook.models import Device
from rapport_service.registry.models import BallotKey, Charter, Release, Score, Wave

BallotRef = tuple[str, str]
"""A ballot: its key's id and its hash, as on the wire."""


@dataclass(frozen=True)
class StoredBallot:
    """A ballot as stored by the service.

    Attributes:
        status: as stored.
        digest: of the envelope that binds the ballot; None once it is withdrawn.
    """

    status: str
    digest: str | None


@dataclass(frozen=True)
class StoredWave:
    """A wave with its charter, answers and releases."""

    state: str
    charter: dict[str, Any]
    answers: tuple[tuple[UUID, int, str], ...]
    charter_digest: bytes = b""
    counted: dict[int, str] = field(default_factory=dict)
    scores: dict[int, dict[UUID, dict[str, Any]]] = field(default_factory=dict)
    documents: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class DatabaseSnapshot:
    """Rows of one organization that the checks need.

    Attributes:
        waves: by public id.
        keys: the wave and the team of each ballot key.
        ballots: every ballot that was received, by its wave and its hash.
    """

    waves: dict[str, StoredWave]
    keys: dict[str, tuple[str, UUID]]
    ballots: dict[tuple[str, str], list[StoredBallot]]

    def wave_of(self, key: BallotRef) -> str:
        """The wave of a ballot's key; an empty text where the key is unknown."""
        wave, _ = self.keys.get(key[0], ("", None))
        return wave

    def stored(self, key: BallotRef) -> list[StoredBallot]:
        """The rows of a ballot."""
        return self.ballots.get((self.wave_of(key), key[1]), [])


@contextmanager
def read_only_session(url: str) -> Iterator[Session]:
    """A session in which nothing can be written, on either engine."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        address = make_url(f"sqlite:///file:{address.database}?mode=ro&uri=true")
    engine = create_engine(address, poolclass=NullPool)
    with Session(engine) as session:
        if engine.dialect.name == "postgresql":
            session.execute(text("SET TRANSACTION READ ONLY"))
        yield session


def list_blocked_waves(url: str, organization: str) -> list[str]:
    """The waves whose seal waits for an operator: too many envelopes do not open."""
    blocked = select(Wave).where(
        Wave.organization_id == organization,
        Wave.sealing_delay == "seal_blocked",
        Wave.accepts_invalid.is_(False),
    )
    with read_only_session(url) as session:
        return [row.public_id for row in session.scalars(blocked)]


def read_wave_states(url: str, organization: str) -> dict[str, str]:
    """The state of every wave, by public id."""
    with read_only_session(url) as session:
        rows = session.scalars(select(Wave).where(Wave.organization_id == organization))
        return {row.public_id: row.state.value for row in rows}


def read_charter(url: str, kid: str) -> tuple[dict[str, Any], bytes]:
    """The charter that a ballot key belongs to, and its digest."""
    with read_only_session(url) as session:
        document = session.scalars(
            select(Charter.document)
            .join(
                BallotKey,
                (BallotKey.organization_id == Charter.organization_id)
                & (BallotKey.wave_id == Charter.wave_id),
            )
            .where(BallotKey.kid == kid)
        ).one()
    return json.loads(document), sha256(document).digest()


def list_people(url: str, organization: str) -> set[str]:
    """The external ids of the people on the roster."""
    listed = select(Person.external_id).where(
        Person.organization_id == organization, Person.listed
    )
    with read_only_session(url) as session:
        return set(session.scalars(listed))


def is_leap_noted(url: str) -> bool:
    """Whether the last tick saw a leap of the clock that is not confirmed yet."""
    with read_only_session(url) as session:
        return session.scalars(select(Installation.leap_seen_at)).one() is not None


def read_snapshot(url: str, organization: str) -> DatabaseSnapshot:
    """Reads a snapshot in one transaction."""
    with read_only_session(url) as session:
        keys = {
            row.kid: (f"{organization}.{row.wave_id}", row.team_id)
            for row in _select_all(session, BallotKey, organization)
        }
        ballots: dict[tuple[str, str], list[StoredBallot]] = defaultdict(list)
        for row in _select_all(session, Submission, organization):
            wave, _ = keys[row.kid]
            ballots[wave, base64url.encode(row.ballot_hash)].append(
                StoredBallot(row.status.value, row.digest)
            )
        for row in _select_all(session, SpentBallot, organization):
            wave = f"{organization}.{row.wave_id}"
            ballots[wave, base64url.encode(row.ballot_hash)].append(
                StoredBallot(row.status.value, row.digest)
            )
        waves = {
            wave.public_id: _read_wave(session, wave)
            for wave in _select_all(session, Wave, organization)
        }
    return DatabaseSnapshot(waves, keys, dict(ballots))


def count_stored(url: str, organization: str) -> int:
    """Number of ballots that were received and of devices that were enrolled."""
    with read_only_session(url) as session:
        devices = session.scalars(select(func.count()).select_from(Device)).one()
    return devices + len(read_snapshot(url, organization).ballots)


def compute_fingerprint(url: str, organization: str) -> str:
    """Digest of all rows that submissions can change."""
    stored = read_snapshot(url, organization)
    rows = sorted(
        (key, sorted((row.status, row.digest or "") for row in ballots))
        for key, ballots in stored.ballots.items()
    )
    answers = sorted(
        (name, sorted(map(str, wave.answers))) for name, wave in stored.waves.items()
    )
    return sha256(json.dumps([rows, answers]).encode()).hexdigest()


def _read_wave(session: Session, wave: Wave) -> StoredWave:
    where = {"organization_id": wave.organization_id, "wave_id": wave.wave_id}
    charter = session.get(Charter, (wave.organization_id, wave.wave_id))
    answers = session.scalars(select(Answer).filter_by(**where)).all()
    releases = session.scalars(select(Release).filter_by(**where)).all()
    scores: dict[int, dict[UUID, dict[str, Any]]] = defaultdict(dict)
    stored = session.scalars(select(Score).filter_by(**where)).all()
    for score in stored:
        scores[score.number][score.team_id] = json.loads(score.document)
    return StoredWave(
        wave.state.value,
        json.loads(charter.document) if charter else {},
        tuple((row.team_id, row.form, row.answers) for row in answers),
        sha256(charter.document).digest() if charter else b"",
        {row.number: row.counted_ballots_digest for row in releases},
        dict(scores),
        frozenset(score.document for score in stored),
    )


def _select_all(session: Session, table: type[Any], organization: str) -> list[Any]:
    rows = session.scalars(select(table).where(table.organization_id == organization))
    return list(rows)
