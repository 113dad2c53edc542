"""Private ballot keys: made before the announcement, destroyed at the close."""

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session

from rapport_service.blindsign.keys import decrypt, encrypt, key_id
from rapport_service.core.data_keys import Keyring, require_current_ballots_key
from rapport_service.pollbook.models import PrivateKey
from rapport_service.registry.models import Wave


def count_keys(session: Session, wave: Wave) -> int:
    """The number of private keys that were made for a wave."""
    return session.scalars(
        select(func.count()).select_from(PrivateKey).where(_is_of(wave))
    ).one()


def list_keys(session: Session, wave: Wave) -> list[PrivateKey]:
    """Every private key of a wave."""
    return list(session.scalars(select(PrivateKey).where(_is_of(wave))))


def store_key(
    session: Session, keyring: Keyring, key: RSAPrivateKey, wave: Wave
) -> None:
    """Keeps a new private ballot key, encrypted, not yet any group's.

    Raises:
        DataKeysRenewedError: the key that encrypts was renewed just now.
    """
    require_current_ballots_key(session, keyring)
    kid = key_id(wave.organization_id, key.public_key())
    session.add(
        PrivateKey(
            organization_id=wave.organization_id,
            wave_id=wave.wave_id,
            kid=kid,
            encrypted=encrypt(key, kid, keyring.ballots),
        )
    )


def reencrypt_keys(session: Session, before: Keyring, after: Keyring) -> None:
    """Encrypts every private key anew, after the key that encrypts was renewed.

    The caller holds the locks of the waves; leftover keys of ended ones may go.
    """
    keys = select(PrivateKey).order_by(*PrivateKey.__table__.primary_key)
    for private in session.scalars(keys.with_for_update()).all():
        key = decrypt(private.encrypted, private.kid, before.ballots)
        private.encrypted = encrypt(key, private.kid, after.ballots)
    session.flush()


def destroy_keys(session: Session, wave: Wave) -> None:
    """Deletes every private key of a wave."""
    session.execute(delete(PrivateKey).where(_is_of(wave)))


def destroy_leftover_keys(
    session: Session, organization_id: str, waves: Select[UUID]
) -> None:
    """Deletes the private keys that waves of an organization have left."""
    session.execute(
        delete(PrivateKey).where(
            PrivateKey.organization_id == organization_id, PrivateKey.wave_id.in_(waves)
        )
    )


def destroy_all_keys(session: Session) -> None:
    """Deletes every private key of every organization.

    After a restore: who had drawn with them is not known any more, and must not draw
    again. Waves that are only planned get new ones.
    """
    session.execute(delete(PrivateKey))


def _is_of(wave: Wave) -> ColumnElement[bool]:
    return (PrivateKey.organization_id == wave.organization_id) & (
        PrivateKey.wave_id == wave.wave_id
    )
