"""The scores of the teams that a reader may see."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from rapport_schemas.enums import PendingDelay, WaveState
from rapport_service.charter import document
from rapport_service.charter.voting_groups import TeamNode
from rapport_service.core.installation import get_tick_times
from rapport_service.encoding.timestamps import format_utc
from rapport_service.narrative.score_sentences import GROUP_HIDDEN
from rapport_service.registry.due_steps import waits_for_clock
from rapport_service.registry.models import Charter, Score, Wave
from rapport_service.registry.queries import UnknownWaveError, parse_wave_id
from rapport_service.reports.documents import for_access, read_source_id
from rapport_service.reports.rights import Reader, ReadingRights


class NothingMeasuredError(Exception):
    """The wave asked for, or every announced wave so far, does not list this team."""


@dataclass(frozen=True)
class PendingScore:
    """The score of a team in a wave that is not sealed yet, and what delays it."""

    team: TeamNode
    wave_id: str
    seals_at: str
    delay: PendingDelay | None


def load_score(
    session: Session, reader: Reader, team_id: UUID, wave_id: str | None, now: datetime
) -> bytes | PendingScore:
    """The newest released score of a team, as this reader gets it.

    Every reader gets the stored document, but for figures of a group that the reader
    may not see.

    Args:
        wave_id: a wave's public id; by default the newest sealed wave whose charter
            lists the team, or else the next one to be sealed.

    Raises:
        TeamNotReadableError: not a team of this reader.
        NothingMeasuredError: there is no such wave with the team, or the reader may not
            read it.
    """
    rights = ReadingRights(session, reader)
    rights.get_team(team_id)
    return _load_team_score(session, rights, team_id, wave_id, now)


def load_scores(
    session: Session, reader: Reader, wave_id: str | None, now: datetime
) -> dict[UUID, bytes | PendingScore]:
    """The scores of all teams of the roster that the reader may see, as ``load_score``.

    A team that no such wave asked is left out.

    Raises:
        NothingMeasuredError: such a wave asked none of them.
    """
    rights = ReadingRights(session, reader)
    scores = {}
    for team in rights.list_present():
        with suppress(NothingMeasuredError):
            scores[team.team_id] = _load_team_score(
                session, rights, team.team_id, wave_id, now
            )
    if not scores:
        raise NothingMeasuredError
    return scores


def _load_team_score(
    session: Session,
    rights: ReadingRights,
    team_id: UUID,
    wave_id: str | None,
    now: datetime,
) -> bytes | PendingScore:
    measured = resolve_wave(session, rights, team_id, wave_id)
    document = session.scalar(
        select(Score.document)
        .where(
            Score.organization_id == measured.organization_id,
            Score.wave_id == measured.wave_id,
            Score.team_id == team_id,
        )
        .order_by(Score.number.desc())
        .limit(1)
    )
    if document is None:
        return describe_pending(session, measured, team_id, now)
    return present_score(rights, document, team_id, measured.wave_id)


def present_score(
    rights: ReadingRights, document: bytes, team_id: UUID, wave_id: UUID
) -> bytes:
    """The stored score of a readable team, as the reader gets it."""
    access = rights.access(team_id, read_source_id(document), [wave_id])
    return for_access(document, access, GROUP_HIDDEN)


def resolve_wave(
    session: Session, rights: ReadingRights, team_id: UUID, wave_id: str | None
) -> Wave:
    """The wave that a request about a readable team is about.

    Args:
        wave_id: its public id; by default the newest sealed wave whose charter lists
            the team, or else the next one to be sealed.

    Raises:
        NothingMeasuredError: there is none that the reader may read, or it is not
            announced, or cancelled.
    """
    waves, organization_id = rights.waves_of(team_id), rights.organization_id
    if wave_id is None:
        return _find_newest_wave(session, organization_id, team_id, waves)
    wave = _get_named_wave(session, organization_id, wave_id)
    if waves is not None and wave.wave_id not in waves:
        raise NothingMeasuredError
    return wave


def describe_pending(
    session: Session, wave: Wave, team_id: UUID, now: datetime
) -> PendingScore:
    """The pending score of a team in a wave that has no document of it yet.

    Raises:
        NothingMeasuredError: the wave did not ask this team, or is sealed without it.
    """
    team = _find_node(session, wave, team_id)
    if team is None or wave.state == WaveState.SEALED:
        raise NothingMeasuredError
    waits = waits_for_clock(wave, get_tick_times(session), now)
    noted = wave.sealing_delay
    stored = None if noted is None else PendingDelay(noted)
    delay = PendingDelay.CLOCK_UNCONFIRMED if waits else stored
    seals_at = format_utc(wave.seals_at)
    return PendingScore(team, wave.public_id, seals_at, delay)


def pending_score_document(pending: PendingScore) -> dict[str, object]:
    """A pending score as ``PendingReplySchema`` writes it."""
    return {
        "status": "pending",
        "team": document.team_reference(pending.team),
        "wave_id": pending.wave_id,
        "seals_at": pending.seals_at,
        "delay": pending.delay,
    }


PENDING_STATES = (
    WaveState.ANNOUNCED,
    WaveState.OPEN,
    WaveState.CLOSED,
    WaveState.SEALING,
)


def _find_newest_wave(
    session: Session,
    organization_id: str,
    team_id: UUID,
    waves: Collection[UUID] | None,
) -> Wave:
    readable = true() if waves is None else Wave.wave_id.in_(waves)
    sealed = session.scalar(
        select(Wave)
        .join(
            Score,
            (Score.organization_id == Wave.organization_id)
            & (Score.wave_id == Wave.wave_id),
        )
        .where(
            Wave.organization_id == organization_id,
            Score.team_id == team_id,
            readable,
        )
        .order_by(Wave.seals_at.desc(), Wave.wave_id)
        .limit(1)
    )
    if sealed is not None:
        return sealed
    for wave in session.scalars(
        select(Wave)
        .where(
            Wave.organization_id == organization_id,
            Wave.state.in_(PENDING_STATES),
            readable,
        )
        .order_by(Wave.seals_at, Wave.wave_id)
    ):
        if _find_node(session, wave, team_id) is not None:
            return wave
    raise NothingMeasuredError


def _get_named_wave(session: Session, organization_id: str, public_id: str) -> Wave:
    try:
        key = parse_wave_id(public_id)
    except UnknownWaveError as error:
        raise NothingMeasuredError from error
    wave = session.get(Wave, key) if key[0] == organization_id else None
    if wave is None or wave.state not in {*PENDING_STATES, WaveState.SEALED}:
        raise NothingMeasuredError
    return wave


def _find_node(session: Session, wave: Wave, team_id: UUID) -> TeamNode | None:
    """The team in the wave's charter; None where it is not listed."""
    charter = session.get(Charter, (wave.organization_id, wave.wave_id))
    if charter is None:
        return None
    nodes = document.read_charter(charter.document).nodes
    return next((node for node in nodes if node.team_id == team_id), None)
