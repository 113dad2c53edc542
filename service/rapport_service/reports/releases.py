"""The releases of a wave with their digests."""

import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

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
from rapport_service.encoding import base64url
from rapport_service.encoding.cursor import SortKey
from rapport_service.envelope.sealing_key import parse_public_jwk, thumbprint
from rapport_service.registry.models import Release, Score
from rapport_service.registry.queries import (
    UnknownWaveError,
    get_charter,
    parse_wave_id,
)
from rapport_service.reports.rights import Reader, ReadingRights
from rapport_service.reports.service import present_score

ORDER = (Release.number,)
"""The order of the releases of a wave."""


def load_releases(
    session: Session, reader: Reader, wave_id: str, wanted: PageRequest = WHOLE_LIST
) -> tuple[dict[str, Any], SortKey | None]:
    """The releases of an announced wave, with the digests of what the reader may read.

    A document has few possible texts, so its digest gives it away: the digests of teams
    that the reader may not see are left out, and each digest is that of the document as
    the reader gets it.

    Returns:
        The document, and the sort key of its last release where more follow.

    Raises:
        UnknownWaveError: no such wave in the reader's organization, or not announced.
    """
    organization_id, wave = parse_wave_id(wave_id)
    if organization_id != reader.organization_id:
        raise UnknownWaveError(wave_id)
    charter = get_charter(session, wave_id)
    rights = ReadingRights(session, reader)
    teams = rights.list_readable_in(wave)
    digests = _load_digests(session, rights, wave, teams)
    released = select(
        Release.number,
        Release.counted_ballots_digest,
        Release.invalid_band,
        Release.level_variances,
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
                "level_variances": json.loads(release.level_variances),
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


def _load_digests(
    session: Session, rights: ReadingRights, wave_id: UUID, teams: Collection[UUID]
) -> dict[tuple[int, UUID], str]:
    """The digests of a wave's documents about some teams, by release and team."""
    of_teams = (
        Score.organization_id == rights.organization_id,
        Score.wave_id == wave_id,
        Score.team_id.in_(teams),
    )
    stored = select(Score.number, Score.team_id, Score.digest).where(*of_teams)
    digests = {
        (number, team): digest for number, team, digest in session.execute(stored)
    }
    rolled_up = select(Score.number, Score.team_id, Score.document).where(
        *of_teams, Score.status == "rolled_up"
    )
    for number, team, document in session.execute(rolled_up):
        shown = present_score(rights, document, team, wave_id)
        digests[number, team] = base64url.digest(shown)
    return digests
