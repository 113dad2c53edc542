"""Invariant I13: what was issued is counted by its own rules, whatever came after."""

import json

import pytest

from rapport_service.instrument import bank
from rapport_service.pollbook import announcement
from rapport_service.registry.models import Release
from rapport_service.releases.publish import digest_counted_ballots
from tests.support.ballots import kid_of, stored_hash
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import retire_waves
from tests.support.rows import rows_of

ALIKE = 4
"""Ballots of each kind; from five invalid ones on, no seal goes on by itself."""


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


def test_each_waves_answers_are_counted_as_its_own_charter_says(
    agency, ballot_factory, newer
):
    waves, sent = [], []
    for issue in (lambda: None, newer):
        issue()
        waves.append(agency.announce())
        kid = kid_of(agency, waves[-1], "a")
        # The last form is the old instrument's alone, the answer 7 the new one's.
        contents = [content(form=44) for _ in range(ALIKE)]
        contents += [content(value=7) for _ in range(ALIKE)]
        sent.append([item(ballot_factory.ballot(kid), each) for each in contents])
        results = submit(agency.service.http, *sent[-1])
        assert {result["status"] for result in results} == {"accepted"}
        agency.seal()

    counted = {
        f"{row.organization_id}.{row.wave_id}": row.counted_ballots_digest
        for row in rows_of(Release, agency)
    }
    valid = [sent[0][:ALIKE], sent[1][ALIKE:]]
    assert counted == {
        wave: digest_counted_ballots(stored_hash(each["ballot"]) for each in items)
        for wave, items in zip(waves, valid, strict=True)
    }
    retire_waves(agency)
    assert [r["reason"] for r in submit(agency.service.http, *sent[0])] == [
        "expired"
    ] * (2 * ALIKE)
