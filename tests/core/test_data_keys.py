"""Data keys: random, wrapped under the secret, wrapped anew or renewed as a whole."""

import secrets
from uuid import uuid4

import pytest
from sqlalchemy import select

from rapport_service.core.data_keys import (
    MAX_AGE,
    RENEWABLE,
    DataKey,
    DataKeys,
    DataKeysMissingError,
    KeyPurpose,
    Keyring,
    SecretMismatchError,
    Secrets,
    create_data_keys,
    list_data_keys,
    renew_data_keys,
    rewrap_data_keys,
    unwrap_keyring,
)
from rapport_service.core.db import Door, db, read_transaction, transaction
from rapport_service.migrate import upgrade
from tests.migrations.databases import open_service

OLD, NEW, OTHER = (bytes([number]) * 32 for number in (1, 2, 3))


@pytest.fixture
def database(tmp_path):
    """A database with the schema and no keys."""
    with open_service(f"sqlite:///{tmp_path}/own.db", lambda: None) as service:
        upgrade(db.engine)
        yield service


@pytest.fixture
def made(database):
    """A database with keys under the old secret."""
    with transaction(Door.POLL_BOOK) as session:
        assert create_data_keys(session, Secrets(OLD))
    return database


def keyring_under(*given):
    with read_transaction(Door.POLL_BOOK) as session:
        return unwrap_keyring(list_data_keys(session), Secrets(*given))


def raw(keyring):
    return {
        "access": keyring.access.private_bytes_raw(),
        **{
            purpose.value: getattr(keyring, purpose)
            for purpose in KeyPurpose
            if purpose != KeyPurpose.ACCESS
        },
    }


def rotate(*given):
    with transaction(Door.POLL_BOOK) as session:
        return rewrap_data_keys(session, Secrets(*given))


def test_keys_are_random_and_each_is_its_own(made):
    keys = raw(keyring_under(OLD))

    assert len(set(keys.values())) == len(KeyPurpose)
    assert OLD not in keys.values()
    del made


@pytest.mark.usefixtures("made")
def test_keys_are_made_once():
    before = raw(keyring_under(OLD))

    with transaction(Door.POLL_BOOK) as session:
        assert not create_data_keys(session, Secrets(NEW))

    assert raw(keyring_under(OLD)) == before


@pytest.mark.usefixtures("database")
def test_database_without_keys_is_not_one_under_another_secret():
    with pytest.raises(DataKeysMissingError):
        keyring_under(OLD)


@pytest.mark.usefixtures("made")
def test_keys_open_under_the_secret_or_the_one_before_and_no_other():
    before = raw(keyring_under(OLD))

    assert raw(keyring_under(NEW, OLD)) == before
    for given in ((NEW,), (NEW, OTHER)):
        with pytest.raises(SecretMismatchError):
            keyring_under(*given)


@pytest.mark.usefixtures("made")
def test_rotation_wraps_the_same_keys_under_the_new_secret():
    before = raw(keyring_under(OLD))

    assert rotate(NEW, OLD)

    assert raw(keyring_under(NEW)) == before
    with pytest.raises(SecretMismatchError):
        keyring_under(OLD)
    assert not rotate(NEW, OLD)  # again, it has nothing to do
    assert not rotate(NEW)


@pytest.mark.usefixtures("made")
def test_rotation_without_the_secret_before_changes_nothing():
    before = raw(keyring_under(OLD))

    with pytest.raises(SecretMismatchError):
        rotate(NEW)

    assert raw(keyring_under(OLD)) == before


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize("change", [rewrap_data_keys, renew_data_keys])
def test_rotation_that_is_killed_leaves_the_old_secret(change):
    """Either every key is under the new secret or none is: it is one transaction."""
    before = raw(keyring_under(OLD))

    class KilledError(Exception):
        """The end of a process before its commit."""

    def change_and_die():
        with transaction(Door.POLL_BOOK) as session:
            change(session, Secrets(NEW, OLD))
            raise KilledError

    with pytest.raises(KilledError):
        change_and_die()

    assert raw(keyring_under(OLD)) == before
    with pytest.raises(SecretMismatchError):
        keyring_under(NEW)


@pytest.mark.usefixtures("made")
def test_renewal_replaces_every_key_but_that_of_client_secrets():
    old = raw(keyring_under(OLD))
    with transaction(Door.POLL_BOOK) as session:
        before, after = renew_data_keys(session, Secrets(NEW, OLD))

    assert raw(before) == old
    assert raw(after) == raw(keyring_under(NEW))
    changed = {name for name, key in raw(after).items() if key != old[name]}
    assert changed == {purpose.value for purpose in RENEWABLE}


@pytest.mark.usefixtures("made")
def test_wrapped_key_fits_its_purpose_and_id_alone():
    with transaction(Door.POLL_BOOK) as session:
        rows = {row.purpose: row for row in session.scalars(select(DataKey))}
        refresh, codes = rows["refresh"], rows["codes"]
        refresh.wrapped, codes.wrapped = codes.wrapped, refresh.wrapped
    with pytest.raises(SecretMismatchError):
        keyring_under(OLD)

    with transaction(Door.POLL_BOOK) as session:
        rows = {row.purpose: row for row in session.scalars(select(DataKey))}
        refresh, codes = rows["refresh"], rows["codes"]
        refresh.wrapped, codes.wrapped = codes.wrapped, refresh.wrapped
        codes.key_id = uuid4()
    with pytest.raises(SecretMismatchError):
        keyring_under(OLD)


def test_two_wrappings_of_a_key_differ():
    key, key_id = secrets.token_bytes(32), uuid4()

    first, second = (Secrets(OLD).wrap("codes", key_id, key) for _ in range(2))

    assert first != second
    assert key not in first


def test_old_worker_goes_on_after_a_rotation_and_sees_a_renewal(made):
    worker = DataKeys(Secrets(OLD), made.clock)
    started_later = DataKeys(Secrets(NEW, OLD), made.clock)
    before = worker.load()

    rotate(NEW, OLD)
    made.clock.now += 2 * MAX_AGE

    assert worker.load() is before  # the same keys, whatever wraps them
    assert raw(started_later.load()) == raw(before)

    with transaction(Door.POLL_BOOK) as session:
        renew_data_keys(session, Secrets(NEW))
    assert started_later.load().refresh == before.refresh  # for two seconds at most
    made.clock.now += 2 * MAX_AGE
    assert started_later.load().refresh != before.refresh
    with pytest.raises(SecretMismatchError):
        worker.load()


def test_keys_are_not_shown():
    keys = {purpose: secrets.token_bytes(32) for purpose in KeyPurpose}
    shown = repr(Keyring.of(keys, uuid4())) + repr(Secrets(OLD, NEW))

    assert all(repr(key)[2:-1] not in shown for key in (*keys.values(), OLD, NEW))
