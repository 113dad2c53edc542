"""Rows of one door cannot be joined to rows of the other, but by group.

A key's id (`kid`), a wave and a team name groups of people. They are on both sides,
because an electorate is a list of groups' people and a submission belongs to a group.
Nothing that is a single person's, a single device's or a single ballot's may.
"""

import dataclasses

import pytest
from sqlalchemy import Column, ForeignKey, MetaData, Table
from sqlalchemy.types import LargeBinary, String, Uuid

from rapport_service.core.db import Base
from rapport_service.core.grants import GRANTS, READ, WRITE, Door, Grant
from tests.support.http_phone import content, item, submit
from tests.support.rows import values_by_column

REGISTRY = {"waves", "charters", "ballot_keys"}
"""Public knowledge: dates, charters and public keys, the same for everybody."""

GROUPS = {"organization_id", "wave_id", "team_id", "kid"}
"""Columns that name many people at once."""


def own_tables(grants, metadata):
    """The tables of each door alone, and those that the seal fills from ballots."""
    poll_book = set(grants[Door.POLL_BOOK]) - REGISTRY
    ballot_box = set(grants[Door.BALLOT_BOX]) - REGISTRY
    named_by_rooms = {
        mapper.local_table.name: mapper.class_.__module__.split(".")[1]
        for mapper in Base.registry.mappers
    }
    ballot_box |= {
        name
        for name in metadata.tables
        if named_by_rooms.get(name) == "ballotbox"  # answers: what the seal leaves
    }
    return poll_book, ballot_box


def shared_tables(grants):
    return set(grants[Door.POLL_BOOK]) & set(grants[Door.BALLOT_BOX])


def linked_tables(metadata, start, goal):
    """Tables of ``goal`` that foreign keys lead to, in any direction.

    The registry ends a walk: it holds nothing about people, so no two are joined there.
    So do the organization and its teams.
    """
    ends = REGISTRY | {"organizations", "teams"}
    neighbours = {name: set() for name in metadata.tables}
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            neighbours[table.name].add(key.column.table.name)
            neighbours[key.column.table.name].add(table.name)
    waiting, seen = list(start - ends), set(start)
    while waiting:
        for name in neighbours[waiting.pop()] - seen - ends:
            seen.add(name)
            waiting.append(name)
    return seen & goal


def joinable_columns(metadata, left, right):
    """Columns of both sides that bear one name, groups apart."""

    def names(tables):
        return {c.name for name in tables for c in metadata.tables[name].columns}

    return (names(left) & names(right)) - GROUPS


def crossing_columns(known, cast):
    """Columns of the ballot box that hold a value of the poll book; groups apart."""
    values = set().union(*known.values())
    return {column for column, theirs in cast.items() if theirs & values} - GROUPS


def test_doors_share_the_registry_of_waves_and_nothing_else():
    assert shared_tables(GRANTS) == REGISTRY


def test_ballot_box_changes_nothing_in_the_registry():
    assert {GRANTS[Door.BALLOT_BOX][table].verbs for table in REGISTRY} == {READ}


def test_no_foreign_key_leads_from_one_door_to_the_other():
    poll_book, ballot_box = own_tables(GRANTS, Base.metadata)

    assert "answers" in ballot_box
    assert "draws" in poll_book
    assert linked_tables(Base.metadata, poll_book, ballot_box) == set()
    assert linked_tables(Base.metadata, ballot_box, poll_book) == set()


def test_columns_on_both_sides_are_those_of_groups():
    poll_book, ballot_box = own_tables(GRANTS, Base.metadata)

    assert joinable_columns(Base.metadata, poll_book, ballot_box) == set()


def test_no_column_of_the_ballot_box_could_hold_a_time_a_person_or_a_device():
    _, ballot_box = own_tables(GRANTS, Base.metadata)
    columns = {
        (name, column.name): column.type
        for name in ballot_box
        for column in Base.metadata.tables[name].columns
    }

    uuids = {key for key, type_ in columns.items() if isinstance(type_, Uuid)}
    others = {type(type_).__name__ for type_ in columns.values()}

    assert uuids == {
        ("answers", "wave_id"),
        ("answers", "answer_id"),
        ("answers", "team_id"),
        ("spent_ballots", "wave_id"),
    }
    assert others <= {"String", "LargeBinary", "Enum", "Integer", "Uuid"}


def test_no_person_and_no_ballot_is_in_the_other_doors_rows_after_a_whole_wave(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    ballots = [agency.phone(f"a-{n}").draw(wave) for n in range(1, 9)]
    submit(service.http, *(item(ballot, content()) for ballot in ballots[:6]))
    agency.seal()
    submit(service.http, *(item(ballot, content()) for ballot in ballots[6:]))
    poll_book, ballot_box = own_tables(GRANTS, Base.metadata)

    known = values_by_column(poll_book, agency.id)
    cast = values_by_column(ballot_box, agency.id)

    assert cast["ballot_hash"]
    assert known["person_id"]
    assert crossing_columns(known, cast) == set()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("submissions", Column("person_id", Uuid())),
        ("answers", Column("device_hash", LargeBinary())),
        ("spent_ballots", Column("signature", LargeBinary())),
        ("spent_ballots", Column("external_id", String())),
    ],
)
def test_planted_column_is_detected(table, column):
    metadata = _copy()
    metadata.tables[table].append_column(column)

    joinable = joinable_columns(metadata, *own_tables(GRANTS, metadata))

    assert joinable == {column.name}


@pytest.mark.parametrize(
    ("table", "goal"),
    [
        ("submissions", "devices.device_id"),
        ("draws", "spent_ballots.ballot_hash"),
        ("answers", "bridge.any_id"),
    ],
)
def test_planted_foreign_key_is_detected_directly_and_by_a_detour(table, goal):
    metadata = _copy()
    Table(
        "bridge",
        metadata,
        Column("any_id", Uuid(), primary_key=True),
        Column("planted_id", Uuid(), ForeignKey("people.person_id")),
    )
    metadata.tables[table].append_column(Column("planted", Uuid(), ForeignKey(goal)))
    poll_book, ballot_box = own_tables(GRANTS, metadata)

    assert linked_tables(metadata, poll_book, ballot_box) == {table} - poll_book | (
        {goal.partition(".")[0]} & ballot_box
    )


def test_planted_value_is_detected_under_any_name():
    known = {"signature": {b"a signature"}, "kid": {"a group's key"}}

    assert crossing_columns(known, {"ballot_hash": {b"a signature"}}) == {"ballot_hash"}
    assert crossing_columns(known, {"kid": {"a group's key"}}) == set()


def test_planted_grant_is_detected():
    grants = {door: dict(tables) for door, tables in GRANTS.items()}

    grants[Door.BALLOT_BOX]["draws"] = Grant(READ)
    grants[Door.BALLOT_BOX]["waves"] = dataclasses.replace(
        grants[Door.BALLOT_BOX]["waves"], verbs=WRITE
    )

    assert shared_tables(grants) - REGISTRY == {"draws"}
    assert {grants[Door.BALLOT_BOX][table].verbs for table in REGISTRY} != {READ}


def _copy():
    metadata = MetaData()
    for table in Base.metadata.tables.values():
        table.to_metadata(metadata)
    return metadata
