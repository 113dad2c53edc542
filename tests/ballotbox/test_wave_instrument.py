"""Invariant I13: what was issued is read by its own rules until its wave retires."""

import json

import pytest

from rapport_service.instrument import bank
from rapport_service.pollbook import announcement
from tests.support.ballots import kid_of
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import retire_waves


@pytest.fixture
def newer(monkeypatch):
    """Another instrument, with seven answers to an item and one form fewer."""
    document = json.loads(bank.CURRENT_INSTRUMENT.document)
    document["scale"]["max"] = 7
    document["forms"].pop()
    instrument = bank._parse_instrument(json.dumps(document).encode())
    monkeypatch.setitem(bank._INSTRUMENTS, instrument.digest, instrument)

    def issue():
        monkeypatch.setattr(announcement, "CURRENT_INSTRUMENT", instrument)

    return issue


def test_each_waves_answers_are_read_as_its_own_charter_says(
    agency, ballot_factory, newer
):
    old = kid_of(agency, agency.announce(), "a")
    newer()
    new = kid_of(agency, agency.announce(), "a")
    contents = [content(form=44), content(value=7)]
    sent = [
        item(ballot_factory.ballot(kid), frozen)
        for kid in (old, new)
        for frozen in contents
    ]

    def results(batch):
        results = submit(agency.service.http, *batch)
        return [(result["status"], result["reason"]) for result in results]

    assert results(sent) == [
        ("accepted", None),
        ("held", "answers_invalid"),
        ("held", "form_unknown"),
        ("accepted", None),
    ]
    agency.seal()
    late = [
        item(ballot_factory.ballot(kid), frozen)
        for kid in (old, new)
        for frozen in contents
    ]
    assert [status for status, _ in results(late)] == ["late", "held", "held", "late"]
    retire_waves(agency)
    assert results(sent) == [("final", "expired")] * 4
