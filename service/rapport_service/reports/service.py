"""Teams that a reader may see, and the newest release of their scores."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import PendingDelay, Role, WaveState
from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.agency.service import (
    expand_subtrees,
    list_teams,
    load_client_teams,
)
from rapport_service.charter import document
from rapport_service.charter.voting_groups import TeamNode
from rapport_service.core.installation import get_tick_times
from rapport_service.encoding.timestamps import format_utc
from rapport_service.registry.due_steps import waits_for_clock
from rapport_service.registry.models import Charter, Score, Wave
from rapport_service.registry.queries import UnknownWaveError, parse_wave_id


@dataclass(frozen=True)
class Reader:
    """A person or a service client who reads reports."""

    organization_id: str
    subject: UUID
    roles: frozenset[Role]


class TeamNotReadableError(Exception):
    """The team does not exist, or the reader may not see it; it does not say which."""


class NothingMeasuredError(Exception):
    """The wave asked for, or every announced wave so far, does not list this team."""


@dataclass(frozen=True)
class StoredDocument:
    """A stored document, byte for byte, and its digest."""

    document: bytes
    digest: str


@dataclass(frozen=True)
class PendingScore:
    """The score of a team in a wave that is not sealed yet, and what delays it."""

    team: TeamNode
    wave_id: str
    seals_at: str
    delay: PendingDelay | None


def list_readable_teams(
    session: Session, reader: Reader, external_id: str | None = None
) -> list[Team]:
    """The teams that a reader may see, by external id; or the one that has it.

    An administrator sees all; a supervisor the subtree; a member their own team; a
    service client the subtrees that it is limited to, or all.
    """
    teams = list_teams(session, reader.organization_id)
    visible: set[UUID] = set()
    if Role.ADMIN in reader.roles:
        visible |= {team.team_id for team in teams}
    if Role.CLIENT in reader.roles:
        limit = load_client_teams(session, reader.organization_id, reader.subject)
        visible |= (
            expand_subtrees(teams, limit) if limit else {team.team_id for team in teams}
        )
    if Role.SUPERVISOR in reader.roles:
        visible |= expand_subtrees(teams, _load_supervised(session, reader))
    if Role.MEMBER in reader.roles:
        person = session.get(Person, (reader.organization_id, reader.subject))
        if person is not None and person.team_id is not None:
            visible.add(person.team_id)
    return [
        team
        for team in teams
        if team.team_id in visible and external_id in {None, team.external_id}
    ]


def get_readable_team(session: Session, reader: Reader, team_id: UUID) -> Team:
    """A team that a reader may see.

    Raises:
        TeamNotReadableError: not a team of this reader.
    """
    for team in list_readable_teams(session, reader):
        if team.team_id == team_id:
            return team
    raise TeamNotReadableError


def load_score(
    session: Session, reader: Reader, team_id: UUID, wave_id: str | None, now: datetime
) -> StoredDocument | PendingScore:
    """The newest released score of a team, the same for every role.

    Args:
        wave_id: a wave's public id; by default the newest sealed wave whose charter
            lists the team, or else the next one to be sealed.

    Raises:
        TeamNotReadableError: not a team of this reader.
        NothingMeasuredError: there is no such wave with the team.
    """
    get_readable_team(session, reader, team_id)
    return _load_team_score(session, reader.organization_id, team_id, wave_id, now)


def load_scores(
    session: Session, reader: Reader, wave_id: str | None, now: datetime
) -> dict[UUID, StoredDocument | PendingScore]:
    """The scores of all teams that the reader may see, by team, as ``load_score``.

    A team that no such wave asked is left out.

    Raises:
        NothingMeasuredError: such a wave asked none of them.
    """
    scores = {}
    for team in list_readable_teams(session, reader):
        with suppress(NothingMeasuredError):
            scores[team.team_id] = _load_team_score(
                session, reader.organization_id, team.team_id, wave_id, now
            )
    if not scores:
        raise NothingMeasuredError
    return scores


def _load_team_score(
    session: Session,
    organization_id: str,
    team_id: UUID,
    wave_id: str | None,
    now: datetime,
) -> StoredDocument | PendingScore:
    measured = resolve_wave(session, organization_id, team_id, wave_id)
    stored = session.execute(
        select(Score.document, Score.digest)
        .where(
            Score.organization_id == organization_id,
            Score.wave_id == measured.wave_id,
            Score.team_id == team_id,
        )
        .order_by(Score.number.desc())
        .limit(1)
    ).one_or_none()
    if stored is not None:
        return StoredDocument(*stored)
    return describe_pending(session, measured, team_id, now)


def resolve_wave(
    session: Session, organization_id: str, team_id: UUID, wave_id: str | None
) -> Wave:
    """The wave that a request is about.

    Args:
        wave_id: its public id; by default the newest sealed wave whose charter lists
            the team, or else the next one to be sealed.

    Raises:
        NothingMeasuredError: there is none, or it is not announced, or cancelled.
    """
    if wave_id is None:
        return _find_newest_wave(session, organization_id, team_id)
    return _get_named_wave(session, organization_id, wave_id)


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


def _find_newest_wave(session: Session, organization_id: str, team_id: UUID) -> Wave:
    sealed = session.scalar(
        select(Wave)
        .join(
            Score,
            (Score.organization_id == Wave.organization_id)
            & (Score.wave_id == Wave.wave_id),
        )
        .where(Wave.organization_id == organization_id, Score.team_id == team_id)
        .order_by(Wave.seals_at.desc(), Wave.wave_id)
        .limit(1)
    )
    if sealed is not None:
        return sealed
    for wave in session.scalars(
        select(Wave)
        .where(Wave.organization_id == organization_id, Wave.state.in_(PENDING_STATES))
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


def _load_supervised(session: Session, reader: Reader) -> set[UUID]:
    return set(
        session.scalars(
            select(Supervision.team_id).where(
                Supervision.organization_id == reader.organization_id,
                Supervision.person_id == reader.subject,
            )
        )
    )
