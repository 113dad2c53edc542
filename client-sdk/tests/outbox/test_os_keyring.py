"""The operating system's keyring, which is an extra, in place of a key file."""

import sys
from types import ModuleType, SimpleNamespace

import pytest

from rapport_client import OutboxLocked, SystemKeyring


class KeyringError(Exception):
    """The error that the package ``keyring`` raises."""


@pytest.fixture
def keyring(monkeypatch):
    """A keyring in memory, in the place of the package."""
    module = ModuleType("keyring")
    module.kept = {}
    module.get_password = lambda service, name: module.kept.get((service, name))
    module.set_password = lambda service, name, key: module.kept.update(
        {(service, name): key}
    )
    module.errors = SimpleNamespace(KeyringError=KeyringError)
    monkeypatch.setitem(sys.modules, "keyring", module)
    return module


def test_the_key_is_in_the_keyring_and_in_no_file(keyring, new_phone, tmp_path):
    new_phone(key=SystemKeyring("pulse")).close()

    ((_, name),) = keyring.kept
    assert name == "pulse"
    assert not (tmp_path / "outbox.db.key").exists()
    assert new_phone(key=SystemKeyring("pulse")).status().queued == 0


def test_a_key_that_is_gone_from_the_keyring_is_not_made_anew(keyring, new_phone):
    new_phone(key=SystemKeyring("pulse")).close()
    keyring.kept.clear()

    with pytest.raises(OutboxLocked, match="missing"):
        new_phone(key=SystemKeyring("pulse"))

    assert keyring.kept == {}


def test_something_else_in_the_keyring_is_no_key(keyring, new_phone):
    keyring.kept["rapport-client", "pulse"] = "hunter2"

    with pytest.raises(OutboxLocked, match="holds no key"):
        new_phone(key=SystemKeyring("pulse"))


@pytest.mark.parametrize("broken", ["get_password", "set_password"])
def test_keyring_that_fails_is_reported(keyring, new_phone, monkeypatch, broken):
    def fail(*_):
        raise KeyringError

    monkeypatch.setattr(keyring, broken, fail)

    with pytest.raises(OutboxLocked, match="the keyring"):
        new_phone(key=SystemKeyring("pulse"))


def test_missing_extra_is_named_in_the_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)

    with pytest.raises(OutboxLocked, match=r"pip install 'rapport-client\[keyring\]'"):
        SystemKeyring("pulse")
