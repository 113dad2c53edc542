"""The sync document of a phone: waves and charters, nothing about answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import SYNCED_STATES, SyncDirective, WaveState
from rapport_service.agency.people import is_asked
from rapport_service.core.installation import get_epoch
from rapport_service.pollbook.models import Elector
from rapport_service.pollbook.tokens import Bearer
from rapport_service.registry.models import Charter, Wave


@dataclass(frozen=True)
class SyncedWave:
    """One wave of a sync."""

    wave_id: str
    state: WaveState
    charter_digest: str
    voting_team_id: UUID
    reason: str | None


@dataclass(frozen=True)
class SyncResult:
    """Result of a sync; without waves for a revoked device."""

    epoch: UUID
    directives: tuple[SyncDirective, ...]
    waves: tuple[SyncedWave, ...]


def load_sync(
    session: Session, bearer: Bearer, now: datetime, *, revoked: bool
) -> SyncResult:
    """The announced, open and cancelled waves that the person is an elector of."""
    if revoked:
        return SyncResult(get_epoch(session), (SyncDirective.REVOKED,), ())
    rows = session.execute(
        select(Wave, Charter.digest, Elector.team_id)
        .join(
            Charter,
            (Charter.organization_id == Wave.organization_id)
            & (Charter.wave_id == Wave.wave_id),
        )
        .join(
            Elector,
            (Elector.organization_id == Wave.organization_id)
            & (Elector.wave_id == Wave.wave_id),
        )
        .where(
            Elector.organization_id == bearer.organization_id,
            Elector.person_id == bearer.subject,
            Wave.state.in_(SYNCED_STATES),
            Wave.retires_at > now,
        )
        .order_by(Wave.opens_at, Wave.wave_id)
    )
    waves = tuple(
        SyncedWave(wave.public_id, wave.state, digest, team_id, wave.cancel_reason)
        for wave, digest, team_id in rows
    )
    asked = is_asked(session, bearer.organization_id, bearer.subject)
    directives = () if asked else (SyncDirective.NOT_ASKED,)
    return SyncResult(get_epoch(session), directives, waves)
