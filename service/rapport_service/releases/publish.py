"""Release of a wave: loads its inputs, computes it, puts each answer under its atom."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.ballotbox.models import Submission
from rapport_service.charter.document import CharterTerms, read_charter
from rapport_service.core.installation import get_epoch
from rapport_service.disclosure.bands import invalid_band
from rapport_service.disclosure.tiers import Tiers, present_groups
from rapport_service.disclosure.tree import Node, Tree
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import Instrument, instrument_by_digest
from rapport_service.registry.models import Charter, Wave
from rapport_service.registry.queries import list_ballot_keys
from rapport_service.releases.history import comparable_waves, poolable_waves
from rapport_service.releases.opening import Opener, SealedEnvelope
from rapport_service.releases.scoring.aggregation import BATCH_SIZE, aggregate_answers
from rapport_service.releases.scoring.presentation import ReleaseContext
from rapport_service.releases.scoring.release import compute_release
from rapport_service.releases.sealed_release import (
    SealedRelease,
    SpentHash,
    digest_counted_ballots,
)
from rapport_service.stats.sufficient_statistics import SufficientStatistics
from rapport_service.stats.trend import Window


@dataclass(frozen=True)
class StoredBallot:
    """A stored submission of a wave, without its envelope."""

    kid: str
    ballot_hash: bytes
    digest: str | None


@dataclass(frozen=True)
class OpenedBallot:
    """Answers that count, and the node that holds their ballot's key."""

    team_id: UUID
    ballot_hash: bytes
    answers: Answers


@dataclass(frozen=True)
class Reckoning:
    """Rows that the seal of a wave writes, planned in memory.

    Attributes:
        release: None while there are too many invalid envelopes.
        answers: by atom, in the order in which they are stored.
        stored: every ballot that it rests on; they must still be all.
        invalid: the number of envelopes that do not open or are invalid.
        accepted: the number of all envelopes.
    """

    release: SealedRelease | None
    answers: list[dict[str, object]]
    stored: frozenset[StoredBallot]
    invalid: int
    accepted: int


MIN_BLOCKING_INVALID = 5
MAX_INVALID_PERCENT = 2
"""At least so many, and more than this share: then a client or this job is at fault."""


def is_blocked(invalid: int, accepted: int) -> bool:
    """Whether too many of a wave's envelopes are invalid to seal it unasked."""
    return (
        invalid >= MIN_BLOCKING_INVALID
        and 100 * invalid > MAX_INVALID_PERCENT * accepted
    )


def reckon(
    session: Session,
    wave: Wave,
    open_envelopes: Opener,
    published: SealedRelease | None = None,
) -> Reckoning:
    """Opens a wave's envelopes and computes its release; only reads.

    Args:
        session: a snapshot.
        wave: whose accepted set cannot change any more.
        open_envelopes: opens envelopes of this wave.
        published: its release where one is kept already; it stands as it is.
    """
    stored = load_stored_ballots(session, wave)
    terms = load_charter_terms(session, wave)
    opened: list[OpenedBallot] = []

    def keep(ballots: Iterable[OpenedBallot]) -> Iterator[tuple[UUID, Answers]]:
        for ballot in ballots:
            opened.append(ballot)
            yield ballot.team_id, ballot.answers

    instrument = instrument_by_digest(terms.instrument_digest)
    statistics = aggregate_answers(
        instrument, keep(_open_ballots(session, wave, open_envelopes))
    )
    accepted = sum(ballot.digest is not None for ballot in stored)
    invalid = accepted - len(opened)
    release = published
    if release is None and (wave.accepts_invalid or not is_blocked(invalid, accepted)):
        release = compute_sealed_release(
            session,
            wave,
            statistics,
            counted=[ballot.ballot_hash for ballot in opened],
            invalid=invalid,
            spent=spent_hashes(stored),
        )
    answers = [] if release is None else _answer_rows(wave, terms, release, opened)
    return Reckoning(release, answers, stored, invalid, accepted)


def compute_sealed_release(
    session: Session,
    wave: Wave,
    statistics: Mapping[UUID, SufficientStatistics],
    *,
    counted: Iterable[bytes],
    invalid: int,
    spent: Sequence[SpentHash],
) -> SealedRelease:
    """Computes the release of a wave from the statistics of its answers; only reads.

    Args:
        session: a snapshot.
        wave: the wave.
        statistics: of the own ballots of each node that holds a key.
        counted: hashes of the ballots that are counted.
        invalid: the number of those that are not.
        spent: every ballot that was used.
    """
    terms = load_charter_terms(session, wave)
    instrument = instrument_by_digest(terms.instrument_digest)
    earlier_waves = comparable_waves(session, wave, instrument)
    root = next(str(node.team_id) for node in terms.nodes if node.parent_id is None)
    result = compute_release(
        ReleaseContext(wave.public_id, Window(wave.opens_at, wave.closes_at)),
        terms,
        instrument,
        statistics,
        earlier_waves,
        poolable_waves(session, wave, instrument, root, earlier_waves),
    )
    return SealedRelease(
        wave_id=wave.public_id,
        retires_at=wave.retires_at,
        epoch=str(get_epoch(session)),
        counted_ballots_digest=digest_counted_ballots(counted),
        invalid_band=invalid_band(invalid),
        level_variances=result.level_variances,
        figures=result.figures,
        teams=result.teams,
        reliability=result.reliability,
        spent=spent,
    )


def load_stored_ballots(session: Session, wave: Wave) -> frozenset[StoredBallot]:
    """Every submission of a wave, withdrawn ones too, without its envelope."""
    return frozenset(
        StoredBallot(*row)
        for row in session.execute(
            select(Submission.kid, Submission.ballot_hash, Submission.digest).where(
                Submission.organization_id == wave.organization_id,
                Submission.kid.in_(
                    [key.kid for key in list_ballot_keys(session, wave)]
                ),
            )
        )
    )


def spent_hashes(stored: Iterable[StoredBallot]) -> list[SpentHash]:
    """The ballots of a wave without their keys.

    Two people who agree on one R have two ballots with one hash. What is kept of them
    is the accepted one.
    """
    by_hash: dict[bytes, SpentHash] = {}
    for each in sorted(stored, key=lambda each: (each.digest is None, each.kid)):
        by_hash.setdefault(each.ballot_hash, SpentHash(each.ballot_hash, each.digest))
    return list(by_hash.values())


def load_charter_terms(session: Session, wave: Wave) -> CharterTerms:
    """The terms of a wave's frozen charter."""
    charter = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    return read_charter(charter.document)


def load_instrument(charter: Charter) -> Instrument:
    """The questions that a wave with this charter asked."""
    return instrument_by_digest(read_charter(charter.document).instrument_digest)


def count_envelopes(session: Session, wave: Wave) -> int:
    """The number of envelopes that a wave has accepted."""
    ballots = load_stored_ballots(session, wave)
    return sum(ballot.digest is not None for ballot in ballots)


def _open_ballots(
    session: Session, wave: Wave, open_envelopes: Opener
) -> Iterator[OpenedBallot]:
    """The ballots whose envelopes open and are valid, in key order, as a stream."""
    teams = {key.kid: key.team_id for key in list_ballot_keys(session, wave)}
    rows = session.execute(
        select(Submission.kid, Submission.ballot_hash, Submission.envelope)
        .where(
            Submission.organization_id == wave.organization_id,
            Submission.kid.in_(teams),
            Submission.envelope.is_not(None),
        )
        .order_by(Submission.kid, Submission.ballot_hash)
        .execution_options(yield_per=BATCH_SIZE)
    )
    ballots: list[tuple[UUID, bytes]] = []

    def envelopes() -> Iterator[SealedEnvelope]:
        for kid, ballot_hash, envelope in rows:
            ballots.append((teams[kid], ballot_hash))
            yield SealedEnvelope(kid, ballot_hash, envelope or b"")

    for place, answers in enumerate(open_envelopes(envelopes())):
        if answers is not None:
            yield OpenedBallot(*ballots[place], answers)


def _answer_rows(
    wave: Wave,
    terms: CharterTerms,
    release: SealedRelease,
    opened: Iterable[OpenedBallot],
) -> list[dict[str, object]]:
    """Rows of answers under their atoms, in the order of fresh random keys.

    An atom is the nearest released team at or above the one that holds the ballot's
    key: what is stored tells no more than what is released. A release is planned on
    people who answered something, so a few who skipped every question could be alone
    in an atom, with what they chose as context: of them no row is written.
    """
    atoms = find_atoms(terms, release.released)
    rows: list[dict[str, object]] = [
        {
            "organization_id": wave.organization_id,
            "wave_id": wave.wave_id,
            "answer_id": uuid4(),
            "team_id": atom,
            "form": ballot.answers.form,
            "answers": ballot.answers.dump_values(),
        }
        for ballot in opened
        if (atom := atoms[ballot.team_id]) is not None and ballot.answers.has_point
    ]
    rows.sort(key=lambda row: str(row["answer_id"]))
    return rows


def find_atoms(
    terms: CharterTerms, released: frozenset[str]
) -> Mapping[UUID, UUID | None]:
    """The nearest released team at or above each team; None where there is none."""
    tree = Tree(
        Node(str(n.team_id), str(n.parent_id) if n.parent_id else None, n.external_id)
        for n in terms.nodes
    )
    groups = present_groups(tree, Tiers(coarse=released, fine=frozenset()))
    return {
        UUID(node): None if group.source is None else UUID(group.source)
        for node, group in groups.items()
    }
