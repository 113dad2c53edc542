"""Announcing and closing a wave: its electorate, its charter, its private keys."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from rapport_service.agency import audit
from rapport_service.agency.service import (
    get_organization,
    list_people,
    list_teams,
    load_supervisions,
    lock_organization,
)
from rapport_service.blindsign.keys import decrypt, encrypt, key_id, public_jwk
from rapport_service.charter.document import CharterContent, WaveDates, write_charter
from rapport_service.charter.voting_groups import (
    Electorate,
    RosterMember,
    TeamNode,
    TooFewPeopleError,
    build_electorate,
)
from rapport_service.core.derived_keys import Keyring
from rapport_service.encoding import base64url
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.pollbook.models import Draw, Elector, PrivateKey
from rapport_service.registry.models import BallotKey, Charter, Wave, WaveState
from rapport_service.registry.queries import lock_wave

NOT_ANNOUNCED_REASON = "not enough people to protect anyone, or announced too late"


@dataclass(frozen=True)
class ProspectiveElectorate:
    """The roster as it stands: who would vote where if the charter froze now."""

    nodes: tuple[TeamNode, ...]
    electorate: Electorate


def count_missing_keys(session: Session, wave: Wave) -> int:
    """How many more private keys the wave needs before it can be announced.

    Raises:
        TooFewPeopleError: the agency is smaller than the smallest pool.
    """
    needed = len(
        _load_prospective_electorate(session, wave.organization_id).electorate.pool
    )
    made = session.scalar(
        select(func.count())
        .select_from(PrivateKey)
        .where(
            PrivateKey.organization_id == wave.organization_id,
            PrivateKey.wave_id == wave.wave_id,
        )
    )
    return needed - (made or 0)


def check_enough_people(session: Session, organization_id: str) -> None:
    """Looks whether a wave could be announced to the roster as it stands.

    Raises:
        TooFewPeopleError: the agency is smaller than the smallest pool.
    """
    _load_prospective_electorate(session, organization_id)


def store_private_key(
    session: Session, keyring: Keyring, key: RSAPrivateKey, wave: Wave
) -> None:
    """Keeps a new private ballot key, encrypted, not yet any group's."""
    kid = key_id(wave.organization_id, key.public_key())
    session.add(
        PrivateKey(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            kid=kid,
            encrypted=encrypt(key, kid, keyring.ballots),
        )
    )


def announce(session: Session, keyring: Keyring, wave: Wave) -> bool:
    """Freezes the charter and the electorate in one short transaction.

    Returns:
        False where the roster has grown since the keys were made: make more first.

    Raises:
        TooFewPeopleError: the agency is smaller than the smallest pool.
    """
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state != WaveState.PLANNED:
        return True
    lock_organization(session, wave.organization_id)
    tree = _load_prospective_electorate(session, wave.organization_id)
    privates = list(
        session.scalars(
            select(PrivateKey).where(
                PrivateKey.organization_id == wave.organization_id,
                PrivateKey.wave_id == wave.wave_id,
            )
        )
    )
    if len(privates) < len(tree.electorate.pool):
        return False
    keys = _assign_keys(session, keyring, wave, tree, privates)
    document = write_charter(_build_charter_terms(session, wave, tree, keys))
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
            kid=keys[tree.electorate.key_node[team]],
        )
        for person, team in tree.electorate.group.items()
    )
    wave.state = WaveState.ANNOUNCED
    return True


def close_wave(session: Session, wave: Wave) -> None:
    """Ends the draw and destroys the private keys: nobody can mint another ballot."""
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state == WaveState.OPEN:
        wave.state = WaveState.CLOSED
        _destroy_keys(session, wave)


def purge_ended(session: Session, organization_id: str, now: datetime) -> None:
    """Forgets what ended waves need no more: blind signatures, and leftover keys.

    That a person drew a ballot stays known until the wave retires; which one never was.
    """
    ended = select(Wave.wave_id).where(
        Wave.organization_id == organization_id,
        Wave.state.in_((WaveState.SEALED, WaveState.CANCELLED)),
    )
    session.execute(
        update(Draw)
        .where(
            Draw.organization_id == organization_id,
            Draw.wave_id.in_(ended),
            Draw.signature.is_not(None),
        )
        .values(signature=None, blinded_hash=None)
    )
    session.execute(
        delete(PrivateKey).where(
            PrivateKey.organization_id == organization_id,
            PrivateKey.wave_id.in_(ended),
        )
    )
    retired = ended.where(Wave.retires_at <= now)
    for table in (Draw, Elector):
        session.execute(
            delete(table).where(
                table.organization_id == organization_id, table.wave_id.in_(retired)
            )
        )


def purge_keys(session: Session) -> None:
    """Destroys every private key that there is, of every organization.

    After a restore: who had drawn with them is not known any more, and must not draw
    again. Waves that are only planned get new ones.
    """
    session.execute(delete(PrivateKey))


def abandon(session: Session, wave: Wave, now: datetime) -> None:
    """Cancels a wave that could not be announced before it would have closed."""
    wave = lock_wave(session, wave.organization_id, wave.wave_id)
    if wave.state != WaveState.PLANNED:
        return
    wave.state, wave.cancel_reason = WaveState.CANCELLED, NOT_ANNOUNCED_REASON
    _destroy_keys(session, wave)
    audit.append_entry(
        session, wave.organization_id, now, "tick", "cancelled a wave", wave.public_id
    )


def _destroy_keys(session: Session, wave: Wave) -> None:
    session.execute(
        delete(PrivateKey).where(
            PrivateKey.organization_id == wave.organization_id,
            PrivateKey.wave_id == wave.wave_id,
        )
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
        raise TooFewPeopleError(0, organization.smallest_pool)
    supervised = load_supervisions(session, organization_id)
    members = [
        RosterMember(
            person.person_id,
            person.team_id,
            frozenset(supervised.get(person.person_id, ())),
        )
        for person in list_people(session, organization_id)
        if person.team_id is not None
    ]
    return ProspectiveElectorate(
        nodes, build_electorate(nodes, members, organization.smallest_pool)
    )


def _assign_keys(
    session: Session,
    keyring: Keyring,
    wave: Wave,
    tree: ProspectiveElectorate,
    privates: list[PrivateKey],
) -> dict[UUID, str]:
    """Gives each pool a key, publishes it, and destroys the keys that are left over."""
    keys: dict[UUID, str] = {}
    for holder in tree.electorate.pool:
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
    for spare in privates:
        session.delete(spare)
    session.flush()
    return keys


def _build_charter_terms(
    session: Session, wave: Wave, tree: ProspectiveElectorate, keys: dict[UUID, str]
) -> CharterContent:
    organization = get_organization(session, wave.organization_id)
    return CharterContent(
        organization_id=organization.organization_id,
        organization_name=organization.name,
        wave=wave.public_id,
        dates=WaveDates(
            wave.announces_at,
            wave.opens_at,
            wave.closes_at,
            wave.seals_at,
            (wave.late_at_1, wave.late_at_2),
            wave.retires_at,
            wave.keep_seconds,
        ),
        instrument=CURRENT_INSTRUMENT.digest,
        k=organization.smallest_score,
        m=organization.smallest_pool,
        nodes=tree.nodes,
        electorate=tree.electorate,
        keys=keys,
    )
