from functools import partial

from rapport_service import db as database
from rapport_service.agency.models import AuditEntry
from rapport_service.cli.custody import held
from rapport_service.db import Door
from rapport_service.record.service import lock_wave
from tests.cli.commands import run
from tests.held_open import held_open
from tests.stored import rows_of


def test_a_command_that_waits_in_vain_says_so_and_has_done_nothing(house, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(database, "WRITER_SECONDS", 0.1)
    agency = house.agency({"a": 8})
    wave = agency.announce()
    doing = partial(
        lock_wave, organization_id=agency.id, wave_id=agency.wave(wave).wave_id
    )

    with held_open(house, Door.SEAL, doing):
        said = run(held, "discard", agency.id, wave, status=1)

    assert said == "Error: somebody else is writing to the database: try again\n"
    assert [e for e in rows_of(AuditEntry, agency) if e.subject == wave] == []
