"""The real SDK against the real service, on both engines: the life of an answer."""

from sqlalchemy import delete

from rapport_service.ballotbox.models import StoredStatus, Submission
from rapport_service.core.db import Door, transaction
from rapport_service.waves.after_restore import renew_epoch
from tests.support.audit import TEST_ACTOR
from tests.support.rows import rows_of
from tests.sync.conftest import answer


def statuses(agency):
    return [row.status for row in rows_of(Submission, agency)]


def restore(agency):
    """Restores the service from a backup without submissions."""
    with transaction(Door.SEAL) as session:
        session.execute(
            delete(Submission).where(Submission.organization_id == agency.id)
        )
        renew_epoch(session, TEST_ACTOR, agency.service.clock())


def test_an_answer_is_drawn_ahead_given_sent_and_taken_back(agency, device, wave):
    assert device.sync().drawn == 1
    assert device.open_pulses() == []
    agency.tick(days=2)
    answer(device)

    assert str(device.sync()) == "accepted=1 waiting=0 dead=0"
    assert statuses(agency) == [StoredStatus.ACCEPTED]

    device.withdraw(wave)
    report = device.sync()
    assert (report.withdrawn, report.waiting, report.dead) == (1, 0, 0)
    assert statuses(agency) == [StoredStatus.WITHDRAWN]


def test_an_unsent_answer_is_withdrawn_without_being_sent(agency, device, wave):
    device.sync()
    agency.tick(days=2)
    answer(device)
    device.withdraw(wave)

    device.sync()

    (row,) = rows_of(Submission, agency)
    assert (row.status, row.digest) == (StoredStatus.WITHDRAWN, None)
    assert [item.status for item in device.status().items] == ["withdrawn"] * 2


def test_a_withdrawal_after_the_seal_is_too_late(agency, gateway, wave):
    gateway.sync()
    agency.tick(days=2)
    for name in gateway.people():
        answer(gateway.person(name))
    gateway.sync()
    agency.tick(days=7)
    agency.tick(days=7)

    device = gateway.person("a-1")
    device.withdraw(wave)
    report = device.sync()

    assert report.withdrawn == 0
    assert "(withdraw_too_late)" in report.notices[0]


def test_a_phone_that_comes_back_after_the_seal_is_too_late(agency, gateway, wave):
    gateway.sync()
    agency.tick(days=2)
    for name in gateway.people():
        answer(gateway.person(name))
    late = gateway.person("a-1")
    for name in gateway.people()[1:]:
        gateway.person(name).sync()
    agency.tick(days=7)
    agency.tick(days=7)

    (notice,) = late.sync().notices
    assert notice.endswith("(too_late)")
    late.withdraw(wave)
    (notice,) = late.sync().notices
    assert notice.endswith("(withdraw_too_late)")
    assert late.status().queued == 0


def test_a_restored_service_gets_lost_answers_again(agency, gateway, wave):
    gateway.sync()
    agency.tick(days=2)
    for name in gateway.people():
        answer(gateway.person(name))
    gateway.sync()
    gateway.person("a-1").withdraw(wave)
    gateway.sync()
    restore(agency)

    assert gateway.sync().waiting == 10  # nine answers, and what took the tenth back
    report = gateway.sync()

    assert (report.accepted, report.withdrawn, report.waiting) == (9, 1, 0)
    assert sorted(statuses(agency)) == [
        *[StoredStatus.ACCEPTED] * 9,
        StoredStatus.WITHDRAWN,
    ]


def test_a_signature_whose_reply_was_lost_comes_after_the_close(
    agency, device, wave, wire
):
    honest = wire.send

    def lose_the_signature(request):
        response = honest(request)
        if request.url.endswith("/v1/ballots"):
            response = type(response)(503, {}, b"")
        return response

    device._account._file.gated_transport._transport = type("Lossy", (), {})()
    device._account._file.gated_transport._transport.send = lose_the_signature
    assert device.sync().drawn == 0
    device._account._file.gated_transport._transport = wire
    agency.tick(days=9)

    assert device.sync().drawn == 1
    assert device._draws.ballot(wave) is not None
    assert device.open_pulses() == []
