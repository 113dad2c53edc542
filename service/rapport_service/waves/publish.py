"""The release of a wave: what is read for it, and the rows that it is."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from rapport_service import b64
from rapport_service.charter import document
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import by_digest
from rapport_service.measure.series import Window
from rapport_service.record.models import Charter, Release, Reliability, Score, Wave
from rapport_service.scoring.document import Occasion
from rapport_service.scoring.release import WaveRelease, release
from rapport_service.scoring.tally import blocks
from rapport_service.waves.past import past_waves, unretired

NUMBER = 1


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
    charter = document.read(
        session.get_one(Charter, (wave.organization_id, wave.wave_id)).document
    )
    instrument = by_digest(charter.instrument)
    past = past_waves(session, wave, instrument)
    root = next(str(node.team_id) for node in charter.nodes if node.parent_id is None)
    result = release(
        Occasion(wave.public_id, Window(wave.opens_at, wave.closes_at)),
        charter,
        instrument,
        blocks(instrument, answers),
        past,
        unretired(session, wave, instrument, root, past),
    )
    _store(session, wave, result, commitment(ballots))


def commitment(hashes: Iterable[bytes]) -> str:
    """Commits to the counted ballots: SHA-256 over their hashes in ascending order."""
    return b64.digest(b"".join(sorted(hashes)))


def _store(session: Session, wave: Wave, result: WaveRelease, counted: str) -> None:
    session.add(
        Release(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            number=NUMBER,
            counted=counted,
            figures=result.figures,
        )
    )
    session.flush()
    session.add_all(
        Score(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            number=NUMBER,
            team_id=team_id,
            digest=b64.digest(team.document),
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
                number=NUMBER,
                digest=b64.digest(result.reliability),
                document=result.reliability,
            )
        )
