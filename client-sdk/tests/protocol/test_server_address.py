"""Malformed server addresses are refused before any file or connection is opened."""

import pytest

from rapport_client import Client, FieldDevice, Gateway
from rapport_client._http import parse_origin

INVALID_ADDRESSES = [
    *("", "ftp://x", "127.0.0.1:8123", "https://", "http://x:port", "http://x:0"),
    *("https://me@x", "https://x\\@y", "https://x?y", "https://x/#y", "http://[::1"),
]
ADDRESS_RULE = "it needs http:// or https://, and a host"


@pytest.mark.parametrize("address", INVALID_ADDRESSES)
@pytest.mark.parametrize("kind", [FieldDevice, Gateway])
def test_an_outbox_is_not_opened_for_what_is_no_address(tmp_path, kind, address):
    path = tmp_path / "outbox.db"

    with pytest.raises(ValueError, match=ADDRESS_RULE):
        kind(path, address)
    with pytest.raises(ValueError, match=ADDRESS_RULE):
        kind(path, "https://rapport.test", address)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("spelling", "origin"),
    [
        ("https://rapport.test", "https://rapport.test"),
        ("HTTPS://Rapport.TEST", "https://rapport.test"),
        ("https://rapport.test:443", "https://rapport.test"),
        ("https://rapport.test/", "https://rapport.test"),
        ("http://rapport.test:80//", "http://rapport.test"),
        ("http://rapport.test:443", "http://rapport.test:443"),
        ("https://rapport.test:8443/", "https://rapport.test:8443"),
        ("https://rapport.test/Pulse/", "https://rapport.test/Pulse"),
        ("http://[2001:DB8::1]:80", "http://[2001:db8::1]"),
    ],
)
def test_every_spelling_of_an_address_has_one_form(spelling, origin):
    assert parse_origin(spelling) == parse_origin(origin) == origin


@pytest.mark.parametrize("address", [*INVALID_ADDRESSES, None])
def test_client_is_not_made_for_what_is_no_address(address):
    with pytest.raises(ValueError, match=ADDRESS_RULE):
        Client(address, "client", "secret")


@pytest.mark.parametrize("pulse", ["acme.wave", None])
def test_answer_needs_a_pulse(phone, pulse):
    with pytest.raises(TypeError, match=r"device\.pulse\(wave\) gives it"):
        phone.answer(pulse, {})
