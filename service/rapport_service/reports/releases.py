"""The releases of a wave with their digests."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.charter.document import read_charter
from rapport_service.core.paging import (
    WHOLE_LIST,
    PageRequest,
    cut_page,
    key_of,
    select_page,
)
from rapport_service.encoding.cursor import SortKey
from rapport_service.envelope.sealing_key import parse_public_jwk, thumbprint
from rapport_service.registry.models import Release, Score
from rapport_service.registry.queries import (
    UnknownWaveError,
    get_charter,
    parse_wave_id,
)
from rapport_service.reports.service import Reader, list_readable_teams

ORDER = (Release.number,)
"""The order of the releases of a wave."""


def load_releases(
    session: Session, reader: Reader, wave_id: str, wanted: PageRequest = WHOLE_LIST
) -> tuple[dict[str, Any], SortKey | None]:
    """The releases of an announced wave, with the digests of what the reader may read.

    A document has few possible texts, so its digest gives it away: the digests of teams
    that the reader may not see are left out.

    Returns:
        The document, and the sort key of its last release where more follow.

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
    released = select(
        Release.number, Release.counted_ballots_digest, Release.invalid_band
    ).where(Release.organization_id == organization_id, Release.wave_id == wave)
    sealing_key = read_charter(charter.document).sealing_key
    page = cut_page(
        session.execute(select_page(released, ORDER, wanted)).all(),
        wanted,
        lambda row: key_of(row, ORDER),
    )
    document = {
        "wave_id": wave_id,
        "charter_digest": charter.digest,
        "sealing_key_thumbprint": thumbprint(parse_public_jwk(sealing_key)),
        "releases": [
            {
                "number": release.number,
                "counted_ballots_digest": release.counted_ballots_digest,
                "invalid_band": release.invalid_band,
                "documents": [
                    {
                        "team_id": str(team_id),
                        "digest": digests[release.number, team_id],
                    }
                    for team_id in teams
                    if (release.number, team_id) in digests
                ],
            }
            for release in page.rows
        ],
    }
    return document, page.last_key
