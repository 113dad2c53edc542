"""Announcement of a wave: its electorate, charter and public keys are frozen."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from rapport_schemas.enums import WaveState
from rapport_service.agency.audit import TICK
from rapport_service.agency.service import (
    get_organization,
    list_people,
    list_teams,
    load_supervisions,
    lock_organization,
)
from rapport_service.blindsign.keys import decrypt, public_jwk
from rapport_service.charter.document import CharterContent, WaveDates, write_charter
from rapport_service.charter.schedule import MISSED_REASON, NO_SEALING_KEY_REASON
from rapport_service.charter.voting_groups import (
    Electorate,
    RosterMember,
    TeamNode,
    TooFewPeopleError,
    build_electorate,
)
from rapport_service.core.data_keys import Keyring
from rapport_service.encoding import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.pollbook import private_keys
from rapport_service.pollbook.models import Elector, PrivateKey
from rapport_service.registry.models import BallotKey, Charter, Wave
from rapport_service.registry.queries import lock_wave
from rapport_service.registry.readers import freeze_readers
from rapport_service.registry.wave_audit import audit_cancellation

TOO_FEW_PEOPLE_REASON = "not enough people to protect anyone"


@dataclass(frozen=True)
class ProspectiveElectorate:
    """The electorate that today's roster gives: who would vote where, if frozen now."""

    nodes: tuple[TeamNode, ...]
    members: tuple[RosterMember, ...]
    electorate: Electorate


def count_missing_keys(session: Session, wave: Wave) -> int:
    """The number of private keys that the wave lacks before it can be announced.

    Raises:
        TooFewPeopleError: the organization is smaller than the smallest pool.
    """
    needed = len(
        _load_prospective_electorate(session, wave.organization_id).electorate.pool
    )
    return needed - private_keys.count_keys(session, wave)


def check_enough_people(session: Session, organization_id: str) -> None:
    """Checks that a wave could be announced to today's roster.

    Raises:
        TooFewPeopleError: the organization is smaller than the smallest pool.
    """
    _load_prospective_electorate(session, organization_id)


def announce(session: Session, keyring: Keyring, wave: Wave) -> bool:
    """Freezes charter, electorate and readers in one short transaction.

    Returns:
        False where the wave has no sealing key yet, or the roster has grown since the
        ballot keys were made: make more first.

    Raises:
        TooFewPeopleError: the organization is smaller than the smallest pool.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state != WaveState.PLANNED:
        return True
    if wave.sealing_key is None:
        return False
    lock_organization(session, wave.organization_id)
    prospective = _load_prospective_electorate(session, wave.organization_id)
    privates = private_keys.list_keys(session, wave)
    if len(privates) < len(prospective.electorate.pool):
        return False
    keys = _assign_keys(session, keyring, wave, prospective, privates)
    document = write_charter(
        _build_charter_content(session, wave, prospective, keys, wave.sealing_key)
    )
    session.add(
        Charter(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            digest=base64url.digest(document),
            document=document,
        )
    )
    session.add_all(
        Elector(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            person_id=person,
            team_id=team,
            kid=keys[prospective.electorate.key_node[team]],
        )
        for person, team in prospective.electorate.voting_team.items()
    )
    freeze_readers(session, wave, prospective.members)
    wave.state = WaveState.ANNOUNCED
    return True


def abandon(session: Session, wave: Wave, now: datetime) -> None:
    """Cancels a wave that was not announced before it would have closed, and says why.

    With enough people and a sealing key it would have been announced: then it was
    missed.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state != WaveState.PLANNED:
        return
    try:
        check_enough_people(session, wave.organization_id)
        reason = NO_SEALING_KEY_REASON if wave.sealing_key is None else MISSED_REASON
    except TooFewPeopleError:
        reason = TOO_FEW_PEOPLE_REASON
    wave.state, wave.cancel_reason = WaveState.CANCELLED, reason
    private_keys.destroy_keys(session, wave)
    audit_cancellation(session, wave, TICK, now)


def load_members(session: Session, organization_id: str) -> tuple[RosterMember, ...]:
    """Everybody in the roster, with their team and the teams that they supervise."""
    supervised = load_supervisions(session, organization_id)
    return tuple(
        RosterMember(
            person.person_id,
            person.team_id,
            frozenset(supervised.get(person.person_id, ())),
            person.away,
        )
        for person in list_people(session, organization_id)
        if person.team_id is not None
    )


def _load_prospective_electorate(
    session: Session, organization_id: str
) -> ProspectiveElectorate:
    organization = get_organization(session, organization_id)
    nodes = tuple(
        TeamNode(team.team_id, team.parent_id, team.external_id, team.name)
        for team in list_teams(session, organization_id)
    )
    if not nodes:
        raise TooFewPeopleError(0, organization.min_pool)
    members = load_members(session, organization_id)
    return ProspectiveElectorate(
        nodes, members, build_electorate(nodes, members, organization.min_pool)
    )


def _assign_keys(
    session: Session,
    keyring: Keyring,
    wave: Wave,
    prospective: ProspectiveElectorate,
    privates: list[PrivateKey],
) -> dict[UUID, str]:
    """Gives each pool a key, publishes it, and destroys the keys that are left over."""
    keys: dict[UUID, str] = {}
    for holder in prospective.electorate.pool:
        private = privates.pop()
        public = decrypt(private.encrypted, private.kid, keyring.ballots).public_key()
        keys[holder] = private.kid
        session.add(
            BallotKey(
                organization_id=wave.organization_id,
                kid=private.kid,
                wave_id=wave.wave_id,
                team_id=holder,
                jwk=public_jwk(private.kid, public),
            )
        )
    for unused in privates:
        session.delete(unused)
    session.flush()
    return keys


def _build_charter_content(
    session: Session,
    wave: Wave,
    prospective: ProspectiveElectorate,
    keys: dict[UUID, str],
    sealing_key: str,
) -> CharterContent:
    organization = get_organization(session, wave.organization_id)
    return CharterContent(
        organization_id=organization.organization_id,
        organization_name=organization.name,
        time_zone=organization.time_zone,
        wave_id=wave.public_id,
        dates=WaveDates(
            wave.announces_at,
            wave.opens_at,
            wave.closes_at,
            wave.seals_at,
            wave.retires_at,
            wave.keep_seconds,
        ),
        instrument_digest=CURRENT_INSTRUMENT.digest,
        sealing_key=sealing_key,
        min_respondents=organization.min_respondents,
        min_pool=organization.min_pool,
        nodes=prospective.nodes,
        electorate=prospective.electorate,
        keys=keys,
    )
