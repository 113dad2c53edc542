from functools import partial

from rapport_schemas.enums import AuditAction
from rapport_service.agency.models import AuditEntry
from rapport_service.cli.waves import cancel_wave
from rapport_service.core import db as database
from rapport_service.core.db import Door
from rapport_service.registry.queries import lock_wave
from tests.cli.command_runner import run_command
from tests.support.concurrency import open_transaction
from tests.support.rows import rows_of


def test_a_command_that_waits_in_vain_says_so_and_has_done_nothing(
    service, monkeypatch
):
    monkeypatch.setattr(database, "LOCK_TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr(database, "WRITE_LOCK_TIMEOUT_SECONDS", 0.1)
    agency = service.agency({"a": 8})
    wave = agency.announce()
    doing = partial(
        lock_wave, organization_id=agency.id, wave_id=agency.wave(wave).wave_id
    )

    with open_transaction(service, Door.SEAL, doing):
        refusal = run_command(cancel_wave, wave, "--reason", "a storm", status=1)

    assert refusal.startswith("Error: The database is busy")
    actions = {e.action for e in rows_of(AuditEntry, agency) if e.subject_id == wave}
    assert AuditAction.WAVE_CANCELLED not in actions
