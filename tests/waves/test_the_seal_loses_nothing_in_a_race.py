from functools import partial

import pytest

from rapport_service.ballotbox.models import Answer, Spent, Standing, Submission
from rapport_service.ballotbox.submit import submit as take
from rapport_service.cli.tick import run_organization
from rapport_service.db import Door, db, transaction
from rapport_service.record.models import Release, Score, WaveState
from rapport_service.waves import service
from rapport_service.waves.publish import commitment
from rapport_service.waves.seal import begin_seal
from tests.at_once import at_once
from tests.ballots import hashed
from tests.failing_commits import commits_that_fail
from tests.held_open import held_open
from tests.house_under_test import NOON
from tests.phone import content, item, submit
from tests.sealing import begin, finish, pass_the_close
from tests.stored import rows_of

SENDERS, EACH = 4, 12


CANCEL = partial(service.cancel, reason="storm", actor="a test", now=NOON)


@pytest.fixture
def agency(house):
    return house.agency({"a": 8, "b": 8})


def lost_or_doubled(sent, told, counted, late):
    """Ballots whose fate is not exactly the one that was told."""
    return {
        ballot
        for ballot in sent
        if (told.get(ballot), ballot in counted, ballot in late)
        not in {("accepted", True, False), ("late", False, True)}
    }


def fates(agency):
    """The ballots that were counted, and those that came late."""
    spent, stored = rows_of(Spent, agency), rows_of(Submission, agency)
    assert {row.standing for row in stored} <= {Standing.LATE}
    assert len(rows_of(Answer, agency)) == len(spent)
    return {row.ballot_hash for row in spent}, {row.ballot_hash for row in stored}


def ticking(agency):
    """One tick, as another process makes it."""
    with agency.house.app.app_context():
        run_organization(agency.house.wiring, agency.id)


def test_who_submits_while_the_wave_is_sealed_is_counted_or_late_and_nothing_else(
    house, agency, wave, press
):
    pass_the_close(agency)
    house.clock.turn(days=7)
    ballots = [press.ballots(agency, wave, team, EACH) for team in "abab"]

    def send(mine):
        results = [submit(house.http, item(ballot, content())) for ballot in mine]
        return [(hashed(b), r["status"]) for b, (r,) in zip(mine, results, strict=True)]

    *heard, _ = at_once(
        house, *(partial(send, mine) for mine in ballots), partial(ticking, agency)
    )

    told = {ballot: status for results in heard for ballot, status in results}
    sent = {hashed(ballot) for mine in ballots for ballot in mine}
    counted, late = fates(agency)
    assert lost_or_doubled(sent, told, counted, late) == set()
    (release,) = rows_of(Release, agency)
    assert release.counted == commitment(counted)


def test_a_lost_a_doubled_and_a_misreported_ballot_would_be_noticed():
    told = {"lost": "accepted", "doubled": "late", "lied": "late", "good": "accepted"}

    wrong = lost_or_doubled(
        ["lost", "doubled", "lied", "good", "unheard"],
        told,
        counted={"doubled", "lied", "good", "unheard"},
        late={"doubled"},
    )

    assert wrong == {"lost", "doubled", "lied", "unheard"}


def test_sealing_waits_for_a_submission_under_way_and_counts_it(
    house, agency, wave, press
):
    pass_the_close(agency)
    house.clock.turn(days=7)
    (ballot,) = press.ballots(agency, wave, "a", 1)
    doing = partial(take, raws=[item(ballot, content())])

    with held_open(house, Door.BALLOT_BOX, doing) as submission:
        waited, _, (result,) = submission.meanwhile(partial(ticking, agency))

    assert waited
    assert result.status == "accepted"
    assert fates(agency) == ({hashed(ballot)}, set())


def test_forged_ballots_without_end_cannot_hold_up_the_sealing(
    house, agency, wave, press
):
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer, which no lock of a row holds up")
    pass_the_close(agency)
    house.clock.turn(days=7)
    (ballot,) = press.ballots(agency, wave, "a", 1)
    forged = ballot[:-4] + "AAAA"
    doing = partial(take, raws=[item(forged, content())])

    def beginning():
        with house.app.app_context(), transaction(Door.SEAL) as session:
            begin_seal(session, agency.wave(wave), house.clock())

    with held_open(house, Door.BALLOT_BOX, doing) as submission:
        waited, _, (result,) = submission.meanwhile(beginning)

    assert (result.status, result.reason) == ("rejected", "ballot-invalid")
    assert not waited
    assert agency.wave(wave).state == WaveState.SEALING


def test_a_submission_waits_for_a_sealing_under_way_and_is_late(
    house, agency, wave, press
):
    pass_the_close(agency)
    house.clock.turn(days=7)
    (ballot,) = press.ballots(agency, wave, "a", 1)
    doing = partial(begin_seal, wave=agency.wave(wave), now=house.clock())

    with held_open(house, Door.SEAL, doing) as sealing:
        waited, (result,), _ = sealing.meanwhile(
            partial(submit, house.http, item(ballot, content()))
        )
    agency.tick()

    assert waited
    assert result["status"] == "late"
    assert fates(agency) == (set(), {hashed(ballot)})


@pytest.mark.parametrize("ticked", [[], [2], [2, 7]], ids=["open", "close", "seal"])
def test_a_wave_that_is_cancelled_while_its_next_step_is_due_stays_cancelled(
    house, agency, wave, ticked
):
    for days in ticked:
        agency.tick(days=days)
    house.clock.turn(days=7)
    doing = partial(CANCEL, wave=agency.wave(wave))

    with held_open(house, Door.SEAL, doing) as cancelling:
        waited, _, _ = cancelling.meanwhile(partial(ticking, agency))

    assert waited
    assert agency.wave(wave).state == WaveState.CANCELLED
    assert rows_of(Release, agency) == []


def test_sealing_many_times_at_once_makes_one_release(house, agency, wave, press):
    ballots = press.ballots(agency, wave, "a", 10)
    submit(house.http, *(item(ballot, content()) for ballot in ballots))
    pass_the_close(agency)
    house.clock.turn(days=7)

    at_once(house, *[partial(ticking, agency)] * 4)

    assert agency.wave(wave).state == WaveState.SEALED
    assert len(rows_of(Release, agency)) == 1
    assert len(rows_of(Score, agency)) == 3
    assert len(rows_of(Answer, agency)) == 10


def test_a_job_that_dies_after_sealing_has_begun_is_resumed(house, agency, wave, press):
    early, late = press.ballots(agency, wave, "a", 2)
    submit(house.http, item(early, content()))
    pass_the_close(agency)
    begin(agency, wave)
    submit(house.http, item(late, content()))

    agency.tick()

    assert agency.wave(wave).state == WaveState.SEALED
    assert fates(agency) == ({hashed(early)}, {hashed(late)})


def test_a_job_that_dies_while_it_splits_leaves_all_as_it_was(
    house, agency, wave, press
):
    (ballot,) = press.ballots(agency, wave, "a", 1)
    submit(house.http, item(ballot, content()))
    pass_the_close(agency)
    begin(agency, wave)
    before = rows_of(Submission, agency)

    with commits_that_fail(ConnectionResetError()), pytest.raises(ConnectionResetError):
        finish(agency, wave)

    (row,) = rows_of(Submission, agency)
    assert row.content == before[0].content
    assert rows_of(Release, agency) == rows_of(Score, agency) == []
    assert rows_of(Answer, agency) == rows_of(Spent, agency) == []
    agency.tick()
    assert fates(agency) == ({hashed(ballot)}, set())


@pytest.mark.parametrize(
    ("end", "reason"), [(service.retire, "expired"), (CANCEL, "wave-cancelled")]
)
def test_a_submission_that_meets_the_end_of_its_wave_leaves_nothing_behind(
    house, agency, wave, press, end, reason
):
    (ballot,) = press.ballots(agency, wave, "a", 1)
    doing = partial(end, wave=agency.wave(wave))

    with held_open(house, Door.SEAL, doing) as ending:
        waited, (result,), _ = ending.meanwhile(
            partial(submit, house.http, item(ballot, content()))
        )

    assert waited
    assert (result["status"], result["reason"]) == ("final", reason)
    assert rows_of(Submission, agency) == []
