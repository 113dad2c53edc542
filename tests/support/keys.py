"""Data keys of the service under test, the same in every run."""

import hashlib
from uuid import UUID

from rapport_service.core.data_keys import KeyPurpose, Keyring, create_data_keys
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies

KEYS = {
    purpose: hashlib.sha256(f"test key for {purpose}".encode()).digest()
    for purpose in KeyPurpose
}
KEYRING = Keyring.of(KEYS, UUID(int=1))
OTHER_KEYRING = Keyring.of(
    {purpose: key[::-1] for purpose, key in KEYS.items()}, UUID(int=2)
)


def store_keys() -> None:
    """Gives a database these keys; ``rapport db upgrade`` gives random ones."""
    with transaction(Door.POLL_BOOK) as session:
        create_data_keys(session, dependencies().data_keys.secrets, KEYS)
