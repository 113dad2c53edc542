import pytest

from rapport_schemas.enums import WaveState
from rapport_service.agency.models import AuditEntry
from rapport_service.ballotbox.models import Answer, SpentBallot, Submission
from rapport_service.registry.models import BallotKey, Charter, Release, Score
from rapport_service.waves.transitions import WaveEndedError
from tests.support.audit import TEST_ACTOR
from tests.support.http_phone import content, item, submit, withdrawal
from tests.support.lifecycle import (
    advance_past_close,
    begin_sealing,
    cancel_wave,
    retire_waves,
)
from tests.support.rows import rows_of

BALLOT_BOX = (Submission, SpentBallot)


@pytest.fixture
def agency(service):
    return service.agency({"a": 10, "b": 10}, supervises={"director": ["agency"]})


def submit_answers(agency, wave, ballot_factory, teams="ab", people=10):
    """Submits answers of some people of each team; returns the statuses."""
    ballots = [
        b for team in teams for b in ballot_factory.ballots(agency, wave, team, people)
    ]
    items = [item(ballot, content(form)) for form, ballot in enumerate(ballots)]
    return {result["status"] for result in submit(agency.service.http, *items)}


def published(agency):
    """Everything that has been released, byte for byte."""
    return [
        (row.wave_id, row.number, row.team_id, row.digest, row.document, row.figures)
        for row in rows_of(Score, agency)
    ], [
        (row.number, row.counted_ballots_digest, row.figures)
        for row in rows_of(Release, agency)
    ]


# Late phones


def test_nothing_that_comes_after_the_seal_is_stored_or_changes_a_release(
    agency, wave, ballot_factory
):
    submit_answers(agency, wave, ballot_factory, people=6)
    gone, late, silent, counted = ballot_factory.ballots(agency, wave, "b", 4)
    frozen = content()
    submit(agency.service.http, withdrawal(gone), item(counted, frozen))
    agency.seal()
    reader = agency.reader_token("director")
    before = published(agency), agency.score(reader, "a"), agency.score(reader, "b")

    results = submit(
        agency.service.http,
        item(late, frozen),
        item(counted, frozen),
        item(counted, content()),
        *(withdrawal(ballot) for ballot in (gone, late, silent, counted)),
    )
    agency.tick(days=15)

    assert [(result["status"], result["reason"]) for result in results] == [
        ("final", "too_late"),
        ("duplicate", None),
        ("final", "envelope_conflict"),
        ("withdrawn", None),
        *[("final", "withdraw_too_late")] * 3,
    ]
    reader = agency.reader_token("director")
    assert before == (
        published(agency),
        agency.score(reader, "a"),
        agency.score(reader, "b"),
    )
    assert rows_of(Submission, agency) == []
    assert len(rows_of(SpentBallot, agency)) == 14


# Cancelled


@pytest.mark.parametrize("days", [0, 2, 9], ids=["announced", "open", "closed"])
def test_cancelling_destroys_all_answers(agency, wave, ballot_factory, days):
    submit_answers(agency, wave, ballot_factory, teams="a")
    submit(
        agency.service.http,
        *(
            item(ballot, content())
            for ballot in ballot_factory.ballots(agency, wave, "a", 1) * 2
        ),
    )
    agency.tick(days=days / 2)
    agency.tick(days=days / 2)

    cancel_wave(agency, wave)

    assert [rows_of(table, agency) for table in BALLOT_BOX] == [[], []]
    assert submit_answers(agency, wave, ballot_factory, teams="b") == {"final"}
    assert agency.wave(wave).state == WaveState.CANCELLED


def test_phones_learn_that_a_wave_was_cancelled_and_why(agency, wave):
    before = agency.phone("a-1").sync()["waves"]

    cancel_wave(agency, wave, "a storm closed the courts")

    (synced,) = agency.phone("a-1").sync()["waves"]
    assert [(each["state"], each["reason"]) for each in before] == [("announced", None)]
    assert synced["state"] == "cancelled"
    assert synced["reason"] == "a storm closed the courts"


def test_a_cancelled_wave_gives_no_more_ballots_and_never_a_score(agency, wave):
    phone = agency.phone("a-1")
    kid = phone.kid(wave)

    cancel_wave(agency, wave)
    agency.tick(days=30)

    assert agency.phone("a-1").ask(wave, kid, bytes(256))["status"] == "not_drawable"
    assert rows_of(Release, agency) == []


def test_cancelling_is_audited(agency, wave):
    cancel_wave(agency, wave)

    entries = [e for e in rows_of(AuditEntry, agency) if e.subject_id == wave]
    (entry,) = (e for e in entries if e.action == "wave_cancelled")
    assert (entry.actor_id, entry.action) == (TEST_ACTOR.id, "wave_cancelled")


def test_a_wave_whose_sealing_has_begun_can_no_longer_be_cancelled(
    agency, wave, ballot_factory
):
    submit_answers(agency, wave, ballot_factory)
    advance_past_close(agency)
    begin_sealing(agency, wave)

    with pytest.raises(WaveEndedError):
        cancel_wave(agency, wave)
    agency.tick()
    with pytest.raises(WaveEndedError):
        cancel_wave(agency, wave)

    assert agency.wave(wave).state == WaveState.SEALED
    assert len(rows_of(Answer, agency)) == 20


# Retired


def test_a_retired_wave_keeps_its_scores_and_its_answers_and_forgets_its_ballots(
    agency, wave, ballot_factory
):
    submit_answers(agency, wave, ballot_factory)
    agency.seal()
    submit_answers(agency, wave, ballot_factory, people=1)
    before = published(agency)

    retire_waves(agency)

    assert [rows_of(table, agency) for table in BALLOT_BOX] == [[], []]
    keys = rows_of(BallotKey, agency)
    assert keys
    assert {key.jwk for key in keys} == {None}
    assert published(agency) == before
    assert len(rows_of(Answer, agency)) == 20
    assert len(rows_of(Charter, agency)) == 1
    assert agency.score(agency.reader_token("director"), "a")["status"] == "released"


def test_a_wave_does_not_retire_a_day_too_early(agency, wave, ballot_factory):
    agency.seal()
    retires = agency.wave(wave).retires_at - agency.service.clock()

    agency.tick(seconds=retires.total_seconds() - 1)
    before = submit_answers(agency, wave, ballot_factory, people=1)
    agency.tick(seconds=1)

    assert before == {"final"}
    kid = rows_of(BallotKey, agency)[0].kid
    (result,) = submit(agency.service.http, item(ballot_factory.ballot(kid), content()))
    assert (result["status"], result["reason"]) == ("final", "expired")
    assert agency.service.http.get(f"/v1/keys/{kid}").status_code == 404
