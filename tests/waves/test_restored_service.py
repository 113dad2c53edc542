"""A database goes back in time, and ``rapport db renew-epoch`` makes that harmless.

What a backup lacks is taken out of the tables here, as if it had come after it.
"""

import secrets
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import delete

from rapport_schemas.enums import WaveState
from rapport_service.agency.models import AuditEntry
from rapport_service.ballotbox.models import Answer, Submission
from rapport_service.cli.database import database
from rapport_service.core.db import Door, db
from rapport_service.encoding.timestamps import format_utc
from rapport_service.pollbook.models import Draw, PrivateKey
from rapport_service.registry.models import BallotKey, Release
from rapport_service.waves.after_restore import renew_epoch
from tests.cli.command_runner import run_command, run_command_json
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import failing_commits, open_transaction
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import advance_past_close, begin_sealing
from tests.support.rows import rows_of
from tests.support.submissions import identical_contents, submit_contents


def delete_rows(agency, *tables):
    """The rows of these tables are gone: the backup was made before they came."""
    with db.engine.execution_options(writes=True).begin() as connection:
        for table in tables:
            connection.execute(
                delete(table).where(
                    table.__table__.columns["organization_id"] == agency.id
                )
            )


def renew():
    return run_command_json(database, "renew-epoch")


def ask(agency, wave, person, blinded):
    phone = agency.phone(person)
    return phone.ask(wave, key_of(agency, wave), blinded)


def key_of(agency, wave):
    (key,) = (
        row for row in rows_of(BallotKey, agency) if wave.endswith(str(row.wave_id))
    )
    return key.kid


def blinded_value():
    """A value that could be a blinded one."""
    return b"\0" + secrets.token_bytes(255)


# The epoch


def test_phones_see_another_epoch_and_so_a_new_document(service, agency):
    phone = agency.phone("a-1")
    before = service.http.get("/v1/sync", headers=phone.authorization)

    renewal = renew()

    after = service.http.get("/v1/sync", headers=phone.authorization)
    assert before.get_json()["epoch"] == renewal["before"]
    assert after.get_json()["epoch"] == renewal["after"] != renewal["before"]
    assert before.headers["ETag"] != after.headers["ETag"]
    held = {**phone.authorization, "If-None-Match": before.headers["ETag"]}
    assert service.http.get("/v1/sync", headers=held).status_code == 200


def test_the_old_and_the_new_epoch_are_printed_and_each_agency_has_it_on_record(
    agency,
):
    lines = run_command(database, "renew-epoch").splitlines()

    (before, old), (after, new) = (line.split("\t") for line in lines[:2])
    assert (before, after) == ("before", "after")
    assert old != new
    (entry,) = (e for e in rows_of(AuditEntry, agency) if e.subject_id == new)
    assert (entry.actor_kind, entry.action) == ("command_line", "epoch_renewed")


def test_a_phone_that_has_renewed_its_tokens_since_the_backup_goes_on(agency):
    phone = agency.phone("a-1")
    agency.tick()
    for _ in range(3):
        assert phone.refresh().status_code == 200
    with db.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE devices SET generation = 0 WHERE organization_id = '{agency.id}'"
        )

    renewal = renew()

    assert phone.refresh().status_code == 200
    assert phone.sync()["epoch"] == renewal["after"]


# No second ballot


def test_a_draw_after_the_backup_gives_no_second_ballot(agency, wave):
    ballot = agency.phone("a-1").draw(wave)
    delete_rows(agency, Draw)

    renew()

    assert ask(agency, wave, "a-1", blinded_value())["status"] == "not_drawable"
    (result,) = submit(agency.service.http, item(ballot, content()))
    assert result["status"] == "accepted"  # the ballot that was drawn is good


def test_draw_without_a_new_epoch_would_give_two_ballots(agency, wave):
    first = agency.phone("a-1").draw(wave)
    delete_rows(agency, Draw)

    second = agency.phone("a-1").draw(wave)

    results = submit(
        agency.service.http, item(first, content()), item(second, content())
    )
    assert [result["status"] for result in results] == ["accepted", "accepted"]


def test_a_signature_that_the_backup_has_is_given_again(agency, wave):
    blinded = blinded_value()
    signed = ask(agency, wave, "a-1", blinded)

    renew()

    assert signed["status"] == "signed"
    assert ask(agency, wave, "a-1", blinded) == signed


def test_a_planned_wave_gets_unused_keys(agency):
    agency.service.clock.advance(days=-3)
    wave = agency.plan()
    agency.service.clock.advance(days=-3)
    agency.tick()
    before = {row.kid for row in rows_of(PrivateKey, agency)}
    agency.service.clock.advance(days=3)

    renew()
    agency.tick()

    assert before
    assert agency.wave(wave).state == WaveState.ANNOUNCED
    assert {row.kid for row in rows_of(PrivateKey, agency)}.isdisjoint(before)
    assert agency.phone("a-1").draw(wave)


# Nothing lost


def test_answers_accepted_after_the_backup_are_offered_again_before_the_seal(
    agency, wave, ballot_factory
):
    ballots = ballot_factory.ballots(agency, wave, "a", 6)
    items = [
        item(b, text) for b, text in zip(ballots, identical_contents(6), strict=True)
    ]
    submit(agency.service.http, *items)
    advance_past_close(agency)
    agency.service.clock.advance(days=6)  # the seal would come tomorrow
    delete_rows(agency, Submission)

    (postponed,) = (
        wave_dates
        for wave_dates in renew()["postponed"]
        if wave_dates["wave_id"] == wave
    )

    seals_at = agency.service.clock() + timedelta(days=14)
    assert postponed["seals_at"] == format_utc(seals_at)
    agency.tick(days=13)
    assert agency.wave(wave).state == WaveState.CLOSED
    again = submit(agency.service.http, *items)
    assert {result["status"] for result in again} == {"accepted"}
    agency.tick(days=1)
    assert agency.wave(wave).state == WaveState.SEALED
    assert len(rows_of(Answer, agency)) == 6
    assert len(rows_of(Release, agency)) == 1


def test_a_seal_that_is_due_waits_for_a_renewal_under_way_and_does_not_come(
    service, agency, wave
):
    advance_past_close(agency)
    service.clock.advance(days=7)

    def tick():
        with service.app.app_context():
            agency.tick()

    doing = partial(renew_epoch, actor=TEST_ACTOR, now=service.clock())
    with open_transaction(service, Door.SEAL, doing) as renewing:
        waited, _, _ = renewing.run_meanwhile(tick)

    assert waited
    assert agency.wave(wave).state == WaveState.CLOSED


def test_the_dates_after_the_seal_move_along_and_stay_in_order(agency, wave):
    advance_past_close(agency)
    before = agency.wave(wave)

    renew()

    after = agency.wave(wave)
    moved = after.seals_at - before.seals_at
    assert moved == timedelta(days=8)  # it would have come in 6
    assert (after.announces_at, after.opens_at, after.closes_at) == (
        before.announces_at,
        before.opens_at,
        before.closes_at,
    )
    assert after.retires_at - before.retires_at == moved


def test_a_seal_that_is_far_enough_away_stays_where_it_is(agency, wave):
    promised = agency.wave(wave).seals_at  # in 15 days

    renewal = renew()

    assert wave not in {postponed["wave_id"] for postponed in renewal["postponed"]}
    assert agency.wave(wave).seals_at == promised


def test_a_score_says_when_it_will_be_there_after_all(agency, wave):
    advance_past_close(agency)

    renew()

    reader = agency.admin_token()
    assert agency.score(reader, "a")["seals_at"] == format_utc(
        agency.wave(wave).seals_at
    )


@pytest.mark.parametrize("state", ["sealing", "sealed", "planned"])
def test_a_wave_that_cannot_have_lost_an_answer_is_not_postponed(
    agency, ballot_factory, state
):
    wave = agency.plan() if state == "planned" else agency.announce()
    if state == "planned":
        agency.service.clock.advance(days=-1)
    else:
        submit_contents(ballot_factory, agency, wave, {"a": identical_contents(6)})
        advance_past_close(agency)
        begin_sealing(agency, wave)
    if state == "sealed":
        agency.tick()
    before = agency.wave(wave).seals_at

    renew()

    assert agency.wave(wave).seals_at == before


def test_an_epoch_is_renewed_whole_or_not_at_all(agency, wave):
    advance_past_close(agency)
    before = agency.wave(wave).seals_at
    epoch = agency.phone("a-1").sync()["epoch"]

    with failing_commits(RuntimeError()):
        run_command(database, "renew-epoch", status=1)

    assert agency.phone("a-1").sync()["epoch"] == epoch
    assert agency.wave(wave).seals_at == before
