"""Content coding at the doors, and the bombs that come with it."""

import gzip
import json
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_schemas.submissions import MAX_REQUEST_BYTES
from rapport_service.api.compression import (
    FREE_BYTES,
    MAX_RATIO,
    InflatedTooLargeError,
    NotGzipError,
    inflate,
)
from rapport_service.instrument.bank import CURRENT_INSTRUMENT

INSTRUMENT = f"/v1/instruments/{CURRENT_INSTRUMENT.digest}"
GZIP = {"Accept-Encoding": "gzip"}
TEN_MIB = 10 * 1024 * 1024


def in_pieces(data, size):
    return (data[at : at + size] for at in range(0, len(data), size))


def post(service, data, coding="gzip"):
    return service.http.post(
        "/v1/submissions",
        data=data,
        headers={"Content-Type": "application/json", "Content-Encoding": coding},
    )


def envelope(item=None):
    return json.dumps({"protocol": 1, "batch": "b", "items": [item]}).encode()


def code(reply):
    return reply.status_code, reply.get_json()["code"]


def test_document_is_gzipped_on_request_and_its_tag_says_so(service):
    plain = service.http.get(INSTRUMENT)
    small = service.http.get(INSTRUMENT, headers=GZIP)

    assert plain.headers["ETag"] == f'"{CURRENT_INSTRUMENT.digest}"'
    assert small.headers["ETag"] == f'"{CURRENT_INSTRUMENT.digest}-gz"'
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data == CURRENT_INSTRUMENT.document
    assert {plain.headers["Vary"], small.headers["Vary"]} == {"Accept-Encoding"}


@pytest.mark.parametrize("suffix", ["", "-gz", "-gzip"])
@pytest.mark.parametrize("headers", [{}, GZIP])
def test_document_held_in_any_coding_is_not_modified(service, suffix, headers):
    tag = f'"{CURRENT_INSTRUMENT.digest}{suffix}"'

    reply = service.http.get(INSTRUMENT, headers={**headers, "If-None-Match": tag})

    assert (reply.status_code, reply.headers["ETag"], reply.data) == (304, tag, b"")


def test_the_same_document_gzips_to_the_same_bytes(service):
    replies = {service.http.get(INSTRUMENT, headers=GZIP).data for _ in range(2)}

    assert len(replies) == 1


def test_a_caller_who_refuses_gzip_gets_none(service):
    reply = service.http.get(INSTRUMENT, headers={"Accept-Encoding": "gzip;q=0"})

    assert reply.data == CURRENT_INSTRUMENT.document


def test_a_reply_with_tokens_is_never_gzipped_nor_kept(service):
    phone = service.agency({"a": 1}).phone("a-1")

    reply = service.http.post(
        "/v1/token",
        data={
            "grant_type": "refresh_token",
            "refresh_token": phone.tokens["refresh_token"],
        },
        headers=GZIP,
    )

    assert len(reply.data) > 512  # so that only the secret in it is the reason
    assert "Content-Encoding" not in reply.headers
    assert reply.headers["Cache-Control"] == "no-store, no-transform"


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip"])
def test_a_gzipped_request_is_read(service, coding):
    reply = post(service, gzip.compress(envelope()), coding)

    assert reply.get_json()["results"][0]["reason"] == "undecodable"


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_other_coding_is_refused_and_the_accepted_one_named(service, coding):
    reply = post(service, envelope(), coding)

    assert code(reply) == (415, "media-type-unsupported")
    assert reply.headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not gzip",
        gzip.compress(envelope(), mtime=0)[:-1],
        gzip.compress(envelope(), mtime=0) + b"x",
    ],
)
def test_body_that_is_no_whole_gzip_is_malformed(service, data):
    assert code(post(service, data)) == (400, "malformed")


@pytest.mark.parametrize("behind", [b"x", bytes(8), b"\n", b"not gzip at all"])
def test_bytes_behind_the_gzip_are_named(service, behind):
    reply = post(service, gzip.compress(envelope(), mtime=0) + behind)
    cut = post(service, gzip.compress(envelope(), mtime=0)[:-1])

    assert "bytes behind the end of the gzip" in reply.get_json()["detail"]
    assert "breaks off" in cut.get_json()["detail"]


def test_the_limit_holds_for_what_comes_out(service):
    filler = "".join(map(str, range(170_000)))  # squeezes to less than a half
    fits, over = envelope(filler), envelope(filler + filler)
    assert len(fits) < MAX_REQUEST_BYTES < len(over)
    assert len(gzip.compress(over)) < MAX_REQUEST_BYTES

    assert post(service, gzip.compress(fits)).status_code == 200
    reply = post(service, gzip.compress(over))

    assert code(reply) == (413, "too-large")
    assert reply.get_json()["limits"]["bytes"] == MAX_REQUEST_BYTES


def test_a_bomb_is_refused_long_before_it_goes_off(service):
    bomb = gzip.compress(bytes(10 * TEN_MIB))

    tracemalloc.start()
    try:
        with pytest.raises(InflatedTooLargeError):
            inflate(in_pieces(bomb, 16 * 1024), TEN_MIB)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4 * 1024 * 1024
    assert code(post(service, bomb)) == (413, "too-large")


def test_the_ratio_is_capped_even_where_the_size_would_do():
    bomb = gzip.compress(bytes(TEN_MIB // 2))
    assert len(bomb) * MAX_RATIO < TEN_MIB // 2

    with pytest.raises(InflatedTooLargeError):
        inflate([bomb], TEN_MIB)


def test_a_short_body_may_repeat_itself():
    text = bytes(FREE_BYTES)

    assert inflate([gzip.compress(text)], TEN_MIB) == text


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=4), st.integers(1, 400))
def test_any_gzip_cut_anyhow_comes_out_as_it_went_in(members, size):
    stream = b"".join(map(gzip.compress, members))

    assert inflate(in_pieces(stream, size), TEN_MIB) == b"".join(members)


@given(st.binary(max_size=300))
def test_any_bytes_are_gzip_or_are_refused(data):
    try:
        expected = gzip.decompress(data) if data else None
    except (OSError, EOFError, zlib.error):
        expected = None
    if expected is None:
        with pytest.raises(NotGzipError):
            inflate([data], TEN_MIB)
    else:
        assert inflate([data], TEN_MIB) == expected
