"""Base64url text is read in its canonical form alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client._protocol import base64url


@settings(deadline=None)
@given(st.binary(max_size=64))
def test_written_record_is_read_back(data):
    assert base64url.decode(base64url.encode(data)) == data


@settings(deadline=None)
@given(st.text(max_size=12))
def test_no_bytes_have_two_texts(text):
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "Q+", "Q Q", "é", "QQ\n"])
def test_any_other_form_is_refused(text):
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
