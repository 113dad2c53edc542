"""The releases of a wave with their digests."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.registry.models import Release, Score
from rapport_service.registry.queries import (
    UnknownWaveError,
    get_charter,
    parse_wave_id,
)
from rapport_service.reports.service import Reader, list_readable_teams


def load_releases(session: Session, reader: Reader, wave_id: str) -> dict[str, Any]:
    """Each release of an announced wave, with the digests of what the reader may read.

    A document has few possible texts, so its digest gives it away: the digests of teams
    that the reader may not see are left out.

    Raises:
        UnknownWaveError: no such wave in the reader's organization, or not announced.
    """
    organization_id, wave = parse_wave_id(wave_id)
    if organization_id != reader.organization_id:
        raise UnknownWaveError(wave_id)
    charter = get_charter(session, wave_id)
    teams = [team.team_id for team in list_readable_teams(session, reader)]
    digests = {
        (number, team_id): digest
        for number, team_id, digest in session.execute(
            select(Score.number, Score.team_id, Score.digest).where(
                Score.organization_id == organization_id,
                Score.wave_id == wave,
                Score.team_id.in_(teams),
            )
        )
    }
    released = session.execute(
        select(Release.number, Release.counted_ballots_digest)
        .where(Release.organization_id == organization_id, Release.wave_id == wave)
        .order_by(Release.number)
    )
    return {
        "wave_id": wave_id,
        "charter_digest": charter.digest,
        "releases": [
            {
                "number": number,
                "counted_ballots_digest": digest,
                "documents": [
                    {"team_id": str(team_id), "digest": digests[number, team_id]}
                    for team_id in teams
                    if (number, team_id) in digests
                ],
            }
            for number, digest in released
        ],
    }
