"""Malformed server addresses are refused before any file or connection is opened."""

import pytest

from rapport_client import Client, FieldDevice, Gateway

INVALID_ADDRESSES = ["", "ftp://x", "127.0.0.1:8123", "https://", "http://x:port", None]
ADDRESS_RULE = "it needs http:// or https://, and a host"


@pytest.mark.parametrize("address", INVALID_ADDRESSES)
@pytest.mark.parametrize("kind", [FieldDevice, Gateway])
def test_an_outbox_is_not_opened_for_what_is_no_address(tmp_path, kind, address):
    path = tmp_path / "outbox.db"

    with pytest.raises(ValueError, match=ADDRESS_RULE):
        kind(path, address)
    if address is not None:
        with pytest.raises(ValueError, match=ADDRESS_RULE):
            kind(path, "https://rapport.test", address)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", INVALID_ADDRESSES)
def test_client_is_not_made_for_what_is_no_address(address):
    with pytest.raises(ValueError, match=ADDRESS_RULE):
        Client(address, "client", "secret")


@pytest.mark.parametrize("pulse", ["acme.wave", None])
def test_answer_needs_a_pulse(phone, pulse):
    with pytest.raises(TypeError, match=r"device\.pulse\(wave\) gives it"):
        phone.answer(pulse, {})
