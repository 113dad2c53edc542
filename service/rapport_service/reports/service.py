"""Which teams a reader may see, and what a release says of one."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.agency.service import below, client_teams, listed_teams
from rapport_service.charter import document
from rapport_service.charter.document import instant
from rapport_service.record.models import Charter, Score, Wave, WaveState
from rapport_service.record.service import UnknownWaveError, wave_key


class Role(StrEnum):
    """In what capacity somebody reads."""

    MEMBER = "member"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"
    CLIENT = "reports"


@dataclass(frozen=True)
class Reader:
    """Who reads; a person or a service client."""

    organization_id: str
    subject: UUID
    roles: frozenset[Role]


class TeamNotReadableError(Exception):
    """No such team, or not one that the reader may see; it does not say which."""


class NothingMeasuredError(Exception):
    """No announced wave has listed this team yet, or not the wave asked for."""


@dataclass(frozen=True)
class Released:
    """A stored document, byte for byte, and its digest."""

    document: bytes
    digest: str


@dataclass(frozen=True)
class Pending:
    """A wave that is not sealed yet."""

    team_id: UUID
    team_name: str
    wave: str
    seals_at: str


def readable_teams(session: Session, reader: Reader) -> list[Team]:
    """The teams that a reader may see, by external id.

    An administrator sees all; a supervisor the subtree; a member their own team; a
    service client the subtrees that it is limited to, or all.
    """
    teams = listed_teams(session, reader.organization_id)
    visible: set[UUID] = set()
    if Role.ADMIN in reader.roles:
        visible |= {team.team_id for team in teams}
    if Role.CLIENT in reader.roles:
        limit = client_teams(session, reader.organization_id, reader.subject)
        visible |= below(teams, limit) if limit else {team.team_id for team in teams}
    if Role.SUPERVISOR in reader.roles:
        visible |= below(teams, _supervised(session, reader))
    if Role.MEMBER in reader.roles:
        person = session.get(Person, (reader.organization_id, reader.subject))
        if person is not None and person.team_id is not None:
            visible.add(person.team_id)
    return [team for team in teams if team.team_id in visible]


def readable_team(session: Session, reader: Reader, team_id: UUID) -> Team:
    """A team that a reader may see.

    Raises:
        TeamNotReadableError: not a team of this reader.
    """
    for team in readable_teams(session, reader):
        if team.team_id == team_id:
            return team
    raise TeamNotReadableError


def score(
    session: Session, reader: Reader, team_id: UUID, wave: str | None
) -> Released | Pending:
    """What a release says of a team, the same for every role.

    Args:
        wave: a wave's public id; by default the newest sealed wave whose charter lists
            the team, or else the next one to be sealed.

    Raises:
        TeamNotReadableError: not a team of this reader.
        NothingMeasuredError: no wave to answer from.
    """
    readable_team(session, reader, team_id)
    found = asked_wave(session, reader.organization_id, team_id, wave)
    stored = session.execute(
        select(Score.document, Score.digest)
        .where(
            Score.organization_id == reader.organization_id,
            Score.wave_id == found.wave_id,
            Score.team_id == team_id,
        )
        .order_by(Score.number.desc())
        .limit(1)
    ).one_or_none()
    if stored is not None:
        return Released(*stored)
    return pending(session, found, team_id)


def asked_wave(
    session: Session, organization_id: str, team_id: UUID, wave: str | None
) -> Wave:
    """The wave that somebody asks about.

    Args:
        wave: its public id; by default the newest sealed wave whose charter lists the
            team, or else the next one to be sealed.

    Raises:
        NothingMeasuredError: there is none, or it is not announced, or cancelled.
    """
    if wave is None:
        return _newest(session, organization_id, team_id)
    return _named(session, organization_id, wave)


def pending(session: Session, wave: Wave, team_id: UUID) -> Pending:
    """What there is to say of a team in a wave that holds no document of it.

    Raises:
        NothingMeasuredError: the wave did not ask this team, or is sealed without it.
    """
    name = _listed_name(session, wave, team_id)
    if name is None or wave.state == WaveState.SEALED:
        raise NothingMeasuredError
    return Pending(team_id, name, wave.public_id, instant(wave.seals_at))


PENDING = (
    WaveState.ANNOUNCED,
    WaveState.OPEN,
    WaveState.CLOSED,
    WaveState.SEALING,
)


def _newest(session: Session, organization_id: str, team_id: UUID) -> Wave:
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
        .where(Wave.organization_id == organization_id, Wave.state.in_(PENDING))
        .order_by(Wave.seals_at, Wave.wave_id)
    ):
        if _listed_name(session, wave, team_id) is not None:
            return wave
    raise NothingMeasuredError


def _named(session: Session, organization_id: str, public_id: str) -> Wave:
    try:
        key = wave_key(public_id)
    except UnknownWaveError as error:
        raise NothingMeasuredError from error
    wave = session.get(Wave, key) if key[0] == organization_id else None
    if wave is None or wave.state not in {*PENDING, WaveState.SEALED}:
        raise NothingMeasuredError
    return wave


def _listed_name(session: Session, wave: Wave, team_id: UUID) -> str | None:
    """The team's name in the wave's charter; None where it is not listed."""
    charter = session.get(Charter, (wave.organization_id, wave.wave_id))
    if charter is None:
        return None
    nodes = document.read(charter.document).nodes
    return next((node.name for node in nodes if node.team_id == team_id), None)


def _supervised(session: Session, reader: Reader) -> set[UUID]:
    return set(
        session.scalars(
            select(Supervision.team_id).where(
                Supervision.organization_id == reader.organization_id,
                Supervision.person_id == reader.subject,
            )
        )
    )
