"""Charter document: the same bytes each time, and the ones that devices check."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport_client._protocol import base64url
from rapport_client._pulses import charter as device
from rapport_client.errors import CharterRefused
from rapport_schemas.charter import CharterSchema
from rapport_service.charter.document import (
    CharterContent,
    WaveDates,
    read_charter,
    write_charter,
)
from rapport_service.charter.plain_language import (
    PLACEHOLDERS,
    render_plain_language,
)
from rapport_service.charter.voting_groups import TooFewPeopleError, build_electorate
from rapport_service.encoding.timestamps import format_utc
from rapport_service.envelope.sealing_key import make_sealing_key, public_jwk
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tests.charter.agencies import agencies, staff, team, tree

SEALING_KEY = public_jwk(make_sealing_key().public_key())
START = datetime(2027, 3, 1, 12, tzinfo=UTC)
WAVE = "acme.6a0c5b8e-8a0e-4b0e-9d5c-0d3a3f6a2b11"


def charter_content(nodes, members, *, name="An agency"):
    """Content of a charter; each key is named after the node that holds it."""
    result = build_electorate(nodes, members, 5)
    at = [START + timedelta(days=day) for day in (0, 7, 14, 21, 414)]
    return CharterContent(
        organization_id="acme",
        organization_name=name,
        time_zone="America/New_York",
        wave_id=WAVE,
        dates=WaveDates(*at, keep_seconds=1_209_600),
        instrument_digest=CURRENT_INSTRUMENT.digest,
        sealing_key=SEALING_KEY,
        min_respondents=5,
        min_pool=5,
        nodes=nodes,
        electorate=result,
        keys={node: f"acme.{base64url.digest(node.bytes)}" for node in result.pool},
    )


SMALL = charter_content(tree(0, 0, 1), staff(2, 6, 3, 4))


@st.composite
def charter_contents(draw):
    nodes, members = draw(agencies())
    members += staff(*[5] * len(nodes))[: max(0, 5 - len(members))]
    try:
        return charter_content(nodes, members, name=draw(st.text(max_size=20)))
    except TooFewPeopleError:
        return SMALL


@settings(max_examples=50)
@given(charter_contents(), st.randoms(use_true_random=False))
def test_same_content_gives_the_same_bytes_in_any_order(content, random):
    nodes = random.sample(content.nodes, len(content.nodes))
    keys = random.sample(list(content.keys.items()), len(content.keys))
    again = CharterContent(
        **vars(content) | {"nodes": tuple(nodes), "keys": dict(keys)}
    )

    assert write_charter(again) == write_charter(content)


@settings(max_examples=50)
@given(charter_contents())
def test_a_charter_reads_back_as_it_was_written(content):
    charter = read_charter(write_charter(content))

    assert set(charter.nodes) == set(content.nodes)
    assert charter.eligible == content.electorate.eligible
    assert (charter.min_respondents, charter.instrument_digest) == (
        content.min_respondents,
        content.instrument_digest,
    )


@settings(max_examples=50)
@given(charter_contents())
def test_a_device_reads_every_key_and_pool_of_a_charter(content):
    document = write_charter(content)

    charter = device.parse_charter(document, base64url.digest(document), WAVE)

    assert charter.pools == {
        kid: content.electorate.pool[node] for node, kid in content.keys.items()
    }
    for home, holder in content.electorate.key_node.items():
        assert charter.key_for(str(home)) == content.keys[holder]
    for node in content.nodes:
        if node.team_id not in content.electorate.key_node | content.keys:
            with pytest.raises(CharterRefused):
                charter.key_for(str(node.team_id))


def test_charter_from_before_it_named_the_time_zone_is_read_as_it_is():
    older = json.loads(write_charter(SMALL))
    del older["organization"]["time_zone"]
    document = json.dumps(older, ensure_ascii=False, separators=(",", ":")).encode()

    assert read_charter(document) == read_charter(write_charter(SMALL))
    assert device.parse_charter(document, base64url.digest(document), WAVE)
    assert CharterSchema().validate(older) == {}


@settings(max_examples=30)
@given(st.data())
def test_a_charter_with_one_bit_turned_is_another_charter(data):
    document = bytearray(write_charter(SMALL))
    named = base64url.digest(bytes(document))
    document[data.draw(st.integers(0, len(document) - 1))] ^= 1

    with pytest.raises(CharterRefused):
        device.parse_charter(bytes(document), named, WAVE)


def test_the_digest_is_the_hash_of_the_bytes_as_served():
    assert base64url.digest(b"{}") == "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o"


def test_the_document_has_the_members_of_the_wire_contract():
    document = json.loads(write_charter(SMALL))

    assert list(document) == [
        "format",
        "organization",
        "wave",
        "instrument_digest",
        "sealing_key",
        "min_respondents",
        "min_pool",
        "bands",
        "tree",
        "plain_language",
    ]
    assert document["organization"] == {
        "id": "acme",
        "name": "An agency",
        "time_zone": "America/New_York",
    }
    assert document["wave"] == {
        "id": WAVE,
        "announces_at": "2027-03-01T12:00:00Z",
        "opens_at": "2027-03-08T12:00:00Z",
        "closes_at": "2027-03-15T12:00:00Z",
        "seals_at": "2027-03-22T12:00:00Z",
        "retires_at": "2028-04-18T12:00:00Z",
        "keep_seconds": 1_209_600,
    }
    assert document["bands"] == {
        "respondents": ["5-9", "10-19", "20-49", "50+"],
        "participation": ["<50", "50-69", "70-84", "85+"],
        "small_team_participation": ["<50", "50-69", "70+"],
    }
    assert document["tree"][0] == {
        "team_id": str(team(0)),
        "parent_id": None,
        "external_id": "team-0",
        "name": "Team team-0",
        "eligible": 15,
        "ballot_key_id": SMALL.keys[team(0)],
        "pool": SMALL.electorate.pool[team(0)],
    }


def test_instants_are_written_in_utc_from_any_zone():
    held = START.astimezone(ZoneInfo("Asia/Kathmandu"))

    assert format_utc(held) == "2027-03-01T12:00:00Z"


@pytest.mark.parametrize("k", [5, 13])
def test_the_words_say_the_same_in_both_languages(k):
    spoken = render_plain_language(k)

    assert set(spoken) == {"en", "es"}
    assert len(spoken["en"]) == len(spoken["es"])
    for english, spanish in zip(*spoken.values(), strict=True):
        for what in (r"\d+", r"{\w+}"):
            assert Counter(re.findall(what, english)) == Counter(
                re.findall(what, spanish)
            )


def test_the_words_have_no_other_gaps_than_devices_fill():
    spoken = " ".join(map(" ".join, render_plain_language(7).values()))

    assert set(re.findall(r"{(.*?)}", spoken)) == PLACEHOLDERS
    assert set(re.findall(r"\d+", spoken)) == {"7", "6", "12"}


def test_the_document_carries_the_words_as_people_write_them():
    document = write_charter(SMALL)

    assert json.loads(document)["plain_language"] == render_plain_language(5)
    assert "puntuación".encode() in document


def test_two_hundred_groups_travel_in_sixteen_kilobytes():
    document = write_charter(charter_content(tree(*[0] * 200), staff(0, *[8] * 200)))
    # These teams have numbers for ids, which a real agency's random ones are not.
    for number in range(201):
        document = document.replace(str(team(number)).encode(), str(uuid4()).encode())

    assert sum(node["pool"] is not None for node in json.loads(document)["tree"]) == 200
    assert len(gzip.compress(document)) <= 16 * 1024
