"""Release of a wave: loads its inputs, computes it, stores its rows."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from rapport_service.charter import document
from rapport_service.disclosure.bands import invalid_band
from rapport_service.encoding import base64url
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import instrument_by_digest
from rapport_service.registry.models import Charter, Release, Reliability, Score, Wave
from rapport_service.releases.history import comparable_waves, poolable_waves
from rapport_service.releases.scoring.aggregation import aggregate_answers
from rapport_service.releases.scoring.presentation import ReleaseContext
from rapport_service.releases.scoring.release import WaveRelease, compute_release
from rapport_service.stats.trend import Window

RELEASE_NUMBER = 1


def publish(
    session: Session,
    wave: Wave,
    answers: Iterable[tuple[UUID, Answers]],
    ballots: Iterable[bytes],
) -> None:
    """Computes and stores release 1 of a wave.

    Args:
        answers: each person's, with the node that holds their ballot's key.
        ballots: the hashes of the ballots that are counted.
    """
    charter = document.read_charter(
        session.get_one(Charter, (wave.organization_id, wave.wave_id)).document
    )
    instrument = instrument_by_digest(charter.instrument_digest)
    earlier_waves = comparable_waves(session, wave, instrument)
    root = next(str(node.team_id) for node in charter.nodes if node.parent_id is None)
    result = compute_release(
        ReleaseContext(wave.public_id, Window(wave.opens_at, wave.closes_at)),
        charter,
        instrument,
        aggregate_answers(instrument, answers),
        earlier_waves,
        poolable_waves(session, wave, instrument, root, earlier_waves),
    )
    _store(session, wave, result, digest_counted_ballots(ballots))


def digest_counted_ballots(hashes: Iterable[bytes]) -> str:
    """Commits to the counted ballots: SHA-256 over their hashes in ascending order."""
    return base64url.digest(b"".join(sorted(hashes)))


def _store(
    session: Session, wave: Wave, result: WaveRelease, counted_ballots_digest: str
) -> None:
    session.add(
        Release(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            number=RELEASE_NUMBER,
            counted_ballots_digest=counted_ballots_digest,
            invalid_band=invalid_band(0),
            figures=result.figures,
        )
    )
    session.flush()
    session.add_all(
        Score(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            number=RELEASE_NUMBER,
            team_id=team_id,
            status=team.status,
            digest=base64url.digest(team.document),
            document=team.document,
            figures=team.figures,
        )
        for team_id, team in result.teams.items()
    )
    if result.reliability is not None:
        session.add(
            Reliability(
                organization_id=wave.organization_id,
                wave_id=wave.wave_id,
                number=RELEASE_NUMBER,
                digest=base64url.digest(result.reliability),
                document=result.reliability,
            )
        )
