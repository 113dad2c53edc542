from functools import partial

import pytest

from rapport_schemas.enums import WaveState
from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.ballotbox.service import submit as take
from rapport_service.core.db import Door, transaction
from rapport_service.registry.models import Release, Score
from rapport_service.releases.seal import begin_seal
from rapport_service.releases.sealed_release import digest_counted_ballots
from rapport_service.waves import transitions
from tests.support.audit import TEST_ACTOR
from tests.support.ballots import stored_hash
from tests.support.concurrency import (
    open_transaction,
    run_concurrently,
)
from tests.support.http_phone import content, item, submit
from tests.support.lifecycle import advance_past_close, begin_sealing
from tests.support.rows import rows_of
from tests.support.service import NOON
from tests.support.submissions import identical_contents, submit_contents

SENDERS, EACH = 4, 12


CANCEL = partial(transitions.cancel_wave, reason="storm", actor=TEST_ACTOR, now=NOON)


@pytest.fixture
def agency(service):
    return service.agency({"a": 8, "b": 8})


def lost_or_doubled(sent, statuses, spent):
    """Ballots whose rows are not exactly those of the status in the reply."""
    return {
        ballot
        for ballot in sent
        if (statuses.get(ballot), ballot in spent)
        not in {("accepted", True), ("final", False)}
    }


def spent_ballots(agency):
    """The ballots that were counted; nothing else is stored."""
    assert rows_of(Submission, agency) == []
    return {row.ballot_hash for row in rows_of(SpentBallot, agency)}


def tick_act(agency):
    """One tick, as another process makes it."""
    with agency.service.app.app_context():
        agency.tick()


def test_answer_sent_during_the_seal_is_counted_or_too_late(
    service, agency, wave, ballot_factory
):
    advance_past_close(agency)
    service.clock.advance(days=7)
    ballots = [ballot_factory.ballots(agency, wave, team, EACH) for team in "abab"]

    def send(batch):
        results = [submit(service.http, item(ballot, content())) for ballot in batch]
        return [
            (stored_hash(b), r["status"])
            for b, (r,) in zip(batch, results, strict=True)
        ]

    *outcomes, _ = run_concurrently(
        service, *(partial(send, batch) for batch in ballots), partial(tick_act, agency)
    )

    statuses = {ballot: status for results in outcomes for ballot, status in results}
    sent = {stored_hash(ballot) for batch in ballots for ballot in batch}
    counted = spent_ballots(agency)
    assert lost_or_doubled(sent, statuses, counted) == set()
    (release,) = rows_of(Release, agency)
    assert release.counted_ballots_digest == digest_counted_ballots(counted)


def test_a_lost_and_a_misreported_ballot_would_be_noticed():
    statuses = {"lost": "accepted", "lied": "final", "good": "accepted"}

    wrong = lost_or_doubled(
        ["lost", "lied", "good", "unheard"], statuses, {"lied", "good", "unheard"}
    )

    assert wrong == {"lost", "lied", "unheard"}


def test_sealing_waits_for_a_submission_under_way_and_counts_it(
    service, agency, wave, ballot_factory
):
    advance_past_close(agency)
    service.clock.advance(days=7)
    (ballot,) = ballot_factory.ballots(agency, wave, "a", 1)
    doing = partial(take, raw_items=[item(ballot, content())])

    with open_transaction(service, Door.BALLOT_BOX, doing) as submission:
        waited, _, (result,) = submission.run_meanwhile(partial(tick_act, agency))

    assert waited
    assert result.status == "accepted"
    assert spent_ballots(agency) == {stored_hash(ballot)}


@pytest.mark.postgresql  # SQLite has one writer, which no lock of a row holds up
def test_forged_ballots_without_end_cannot_hold_up_the_sealing(
    service, agency, wave, ballot_factory
):
    advance_past_close(agency)
    service.clock.advance(days=7)
    (ballot,) = ballot_factory.ballots(agency, wave, "a", 1)
    forged = ballot[:-4] + "AAAA"
    doing = partial(take, raw_items=[item(forged, content())])

    def beginning():
        with service.app.app_context(), transaction(Door.SEAL) as session:
            begin_seal(session, agency.wave(wave), service.clock())

    with open_transaction(service, Door.BALLOT_BOX, doing) as submission:
        waited, _, (result,) = submission.run_meanwhile(beginning)

    assert (result.status, result.reason) == ("rejected", "ballot_invalid")
    assert not waited
    assert agency.wave(wave).state == WaveState.SEALING


def test_a_submission_waits_for_a_sealing_under_way_and_is_too_late(
    service, agency, wave, ballot_factory
):
    advance_past_close(agency)
    service.clock.advance(days=7)
    (ballot,) = ballot_factory.ballots(agency, wave, "a", 1)
    doing = partial(begin_seal, wave=agency.wave(wave), now=service.clock())

    with open_transaction(service, Door.SEAL, doing) as sealing:
        waited, (result,), _ = sealing.run_meanwhile(
            partial(submit, service.http, item(ballot, content()))
        )
    agency.tick()

    assert waited
    assert (result["status"], result["reason"]) == ("final", "too_late")
    assert spent_ballots(agency) == set()


@pytest.mark.parametrize("ticked", [[], [2], [2, 7]], ids=["open", "close", "seal"])
def test_a_wave_that_is_cancelled_while_its_next_step_is_due_stays_cancelled(
    service, agency, wave, ticked
):
    for days in ticked:
        agency.tick(days=days)
    service.clock.advance(days=7)
    doing = partial(CANCEL, wave=agency.wave(wave))

    with open_transaction(service, Door.SEAL, doing) as cancelling:
        waited, _, _ = cancelling.run_meanwhile(partial(tick_act, agency))

    assert waited
    assert agency.wave(wave).state == WaveState.CANCELLED
    assert rows_of(Release, agency) == []


def test_sealing_many_times_at_once_makes_one_release(
    service, agency, wave, ballot_factory
):
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(10)})
    advance_past_close(agency)
    service.clock.advance(days=7)

    run_concurrently(service, *[partial(tick_act, agency)] * 4)

    assert agency.wave(wave).state == WaveState.SEALED
    assert len(rows_of(Release, agency)) == 1
    assert len(rows_of(Score, agency)) == 3
    assert len(rows_of(Answer, agency)) == 10


def test_a_job_that_dies_after_sealing_has_begun_is_resumed(
    service, agency, wave, ballot_factory
):
    early, late = ballot_factory.ballots(agency, wave, "a", 2)
    submit(service.http, item(early, content()))
    advance_past_close(agency)
    begin_sealing(agency, wave)
    submit(service.http, item(late, content()))

    agency.tick()

    assert agency.wave(wave).state == WaveState.SEALED
    assert spent_ballots(agency) == {stored_hash(early)}


@pytest.mark.parametrize(
    ("end", "reason"),
    [(transitions.retire_wave, "expired"), (CANCEL, "wave_cancelled")],
)
def test_a_submission_that_meets_the_end_of_its_wave_leaves_nothing_behind(
    service, agency, wave, ballot_factory, end, reason
):
    (ballot,) = ballot_factory.ballots(agency, wave, "a", 1)
    doing = partial(end, wave=agency.wave(wave))

    with open_transaction(service, Door.SEAL, doing) as ending:
        waited, (result,), _ = ending.run_meanwhile(
            partial(submit, service.http, item(ballot, content()))
        )

    assert waited
    assert (result["status"], result["reason"]) == ("final", reason)
    assert rows_of(Submission, agency) == []
