from itertools import product

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from rapport_schemas.enums import WaveState
from rapport_service.ballotbox.models import SpentBallot
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.registry.models import Release, Score, Wave
from rapport_service.releases.scoring.figures import Figures
from rapport_service.releases.sealed_release import digest_counted_ballots
from tests.support.ballots import stored_hash
from tests.support.http_phone import content, item, submit
from tests.support.rows import rows_of

CHANGES = [
    update(Release).values(counted_ballots_digest="x"),
    update(Release).values(figures="{}"),
    delete(Release),
    update(Score).values(document=b"{}"),
    update(Score).values(digest="x"),
    delete(Score),
]
REFUSED = r"not authorized|permission denied|access to .* is prohibited"


@pytest.fixture
def agency(service):
    return service.agency({"a": 10}, supervises={"director": ["agency"]})


@pytest.fixture
def ballots(agency, ballot_factory):
    wave = agency.announce()
    ballots = ballot_factory.ballots(agency, wave, "a", 8)
    submit(agency.service.http, *(item(ballot, content()) for ballot in ballots))
    agency.seal()
    return ballots


@pytest.mark.usefixtures("ballots")
def test_no_door_may_change_or_delete_what_is_released(agency):
    before = agency.score(agency.reader_token("director"), "a")

    for door, change in product(Door, CHANGES):
        with (
            pytest.raises(DatabaseError, match=REFUSED),
            transaction(door) as session,
        ):
            session.execute(change)

    assert agency.score(agency.reader_token("director"), "a") == before


@pytest.mark.parametrize("table", [Release, Score])
@pytest.mark.parametrize("door", [Door.POLL_BOOK, Door.BALLOT_BOX, Door.REPORTS])
def test_only_the_sealing_door_may_publish(service, door, table):
    del service
    with pytest.raises(DatabaseError, match=REFUSED), transaction(door) as session:
        session.execute(
            text(f"INSERT INTO {table.__tablename__} (organization_id) VALUES ('acme')")
        )


@pytest.mark.parametrize("table", [Release, Score])
def test_no_report_can_read_the_figures_kept_for_later_waves(service, table):
    del service
    with read_transaction(Door.REPORTS) as session:
        session.scalar(select(func.count(table.organization_id)))  # this it can

    with (
        pytest.raises(DatabaseError, match=REFUSED),
        read_transaction(Door.REPORTS) as session,
    ):
        session.scalars(select(table.figures)).all()


@pytest.mark.usefixtures("ballots")
def test_a_state_turned_back_by_hand_publishes_nothing_twice(agency):
    before = agency.score(agency.reader_token("director"), "a")
    with transaction(Door.SEAL) as session:
        session.execute(
            update(Wave)
            .where(Wave.organization_id == agency.id)
            .values(state=WaveState.SEALING)
        )

    assert run_sealing_job(agency.service.dependencies, organization_id=agency.id)

    assert agency.score(agency.reader_token("director"), "a") == before
    assert len(rows_of(SpentBallot, agency)) == 8


def test_a_release_commits_to_exactly_the_ballots_that_were_counted(agency, ballots):
    (release,) = rows_of(Release, agency)

    counted = [stored_hash(ballot) for ballot in ballots]

    assert release.counted_ballots_digest == digest_counted_ballots(counted)
    assert release.counted_ballots_digest == digest_counted_ballots(reversed(counted))
    assert release.counted_ballots_digest != digest_counted_ballots(counted[:-1])
    assert release.counted_ballots_digest != digest_counted_ballots(
        [*counted[:-1], bytes(32)]
    )


KEPT = (
    '{"tier": "fine", "n": {"any": 12, "trust": 12, "communication": 11},'
    ' "eligible": 15, "constructs": {"trust": {"n": 12, "answers": 24, "theta": 3.5,'
    ' "se": 0.2, "moderated_se": 0.25, "favourable": 52.5}}, "items": {"A0": {"n": 12,'
    ' "answers": 12, "theta": 4.0, "se": null, "moderated_se": 0.3,'
    ' "favourable": 75.0}}, "crisis_share": {"share": 0.25, "n": 12}}'
)
"""As a release keeps a team's figures; what was kept once must be read for years."""


@pytest.mark.parametrize(
    "kept",
    [
        KEPT,
        KEPT[: KEPT.index('"items"')] + '"items": null, "crisis_share": null}',
    ],
)
def test_figures_of_earlier_releases_are_read_unchanged(kept):
    assert Figures.load(kept).dump() == kept
