"""Content coding of requests and replies, and the codings that are refused."""

import gzip
import zlib

import pytest
from fake_service.documents import to_bytes
from fake_service.faults import on_path
from fake_service.service import CODE
from hypothesis import given
from hypothesis import strategies as st

from rapport_client import Response, UnexpectedReply
from rapport_client._compression import MAX_DECODED_BYTES, compress, decode_body


def encode_response(body, coding="gzip"):
    return Response(200, {"content-encoding": coding}, body)


@given(data=st.binary())
def test_any_library_reads_what_is_compressed(data):
    assert gzip.decompress(compress(data)) == data
    assert decode_body(encode_response(compress(data))) == data


def test_the_header_is_the_same_on_every_system():
    """The libraries would write the time, and which system this is."""
    assert compress(b"x")[:10] == bytes.fromhex("1f8b08000000000002ff")


@pytest.mark.parametrize("coding", ["", "identity", "Identity"])
def test_a_body_without_a_coding_is_taken_as_it_is(coding):
    assert decode_body(encode_response(b"as it is", coding)) == b"as it is"


def test_another_coding_was_not_asked_for():
    with pytest.raises(UnexpectedReply, match="coding"):
        decode_body(encode_response(b"", "br"))


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no gzip",
        gzip.compress(b"whole")[:-1],
        gzip.compress(b"whole")[:-9],
        gzip.compress(b"whole") + b"more",
        gzip.compress(b"whole")[:-4] + bytes(4),
        zlib.compress(b"another form"),
    ],
    ids=[
        "nothing",
        "no gzip",
        "no last byte",
        "no trailer",
        "a tail",
        "no length",
        "another form",
    ],
)
def test_a_broken_gzip_is_refused(broken):
    with pytest.raises(UnexpectedReply):
        decode_body(encode_response(broken))


def test_a_body_that_grows_beyond_all_measure_is_refused():
    with pytest.raises(UnexpectedReply, match="too long"):
        decode_body(encode_response(gzip.compress(bytes(MAX_DECODED_BYTES + 1))))

    assert (
        len(decode_body(encode_response(gzip.compress(bytes(MAX_DECODED_BYTES)))))
        == MAX_DECODED_BYTES
    )


def gzip_reply(_, reply):
    response = reply()
    return Response(
        response.status,
        {**response.headers, "content-encoding": "gzip"},
        gzip.compress(response.body),
    )


def test_every_reply_may_come_gzipped(new_phone, service):
    service.intercept = gzip_reply
    phone = new_phone()
    phone.enrol(CODE)

    assert phone.sync().drawn == 1
    (pulse,) = phone.open_pulses()
    phone.answer(pulse, {each.id: 4 for each in pulse.questions})
    assert phone.sync().accepted == 1


def test_a_problem_may_come_gzipped_too(answered_phone, service):
    body = to_bytes({"code": "malformed", "title": "No"})
    refused = Response(
        400,
        {"content-type": "application/problem+json", "content-encoding": "gzip"},
        gzip.compress(body),
    )
    service.intercept = on_path("/v1/submissions", lambda *_: refused)

    assert answered_phone.sync().dead == 1


def test_truncated_gzip_settles_nothing(answered_phone, service):
    def cut(request, reply):
        response = gzip_reply(request, reply)
        return Response(response.status, response.headers, response.body[:-3])

    service.intercept = on_path("/v1/submissions", cut)

    assert str(answered_phone.sync()).startswith(
        "accepted=0 waiting=1 dead=0; no connection: the reply's gzip"
    )
