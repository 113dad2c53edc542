import json

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from rapport_service.core.db import db
from rapport_service.registry.models import Score
from tests.privacy.attacker import DIRECTOR, ScoreReader
from tests.support.lifecycle import cancel_wave
from tests.support.submissions import identical_contents, submit_contents

CONSTRUCTS = ("trust", "communication", "overall")


def answered(agency, ballot_factory, texts):
    """One more wave, a fortnight after the last, in which team a gives these texts."""
    wave = agency.announce()
    submit_contents(ballot_factory, agency, wave, {"a": texts})
    agency.seal()
    return ScoreReader(agency).document("a")


def words(document, member):
    figures = document["constructs"]
    return {name: figures[name][member] for name in CONSTRUCTS}


def directions(document):
    """The directions in which a wave's scores went."""
    changes = words(document, "change").values()
    return {change and change["direction"] for change in changes}


@pytest.fixture
def agency(service):
    return service.agency({"a": 20}, supervises=DIRECTOR)


@pytest.mark.parametrize("people", [8, 16])
def test_two_waves_know_no_change_and_the_third_does(agency, ballot_factory, people):
    first = answered(agency, ballot_factory, identical_contents(people, 3))
    same = answered(agency, ballot_factory, identical_contents(people, 3))
    after = answered(agency, ballot_factory, identical_contents(people, 3))

    for young in (first, same):
        assert set(words(young, "change").values()) == {None}
        assert set(words(young, "level").values()) == {None}
    assert directions(after) == {"no_clear_change"}
    assert {level["score"] for level in words(after, "level").values()} == {50}


def test_a_cancelled_wave_is_a_gap_in_the_series(agency, ballot_factory):
    for value in (2, 3, 3):
        answered(agency, ballot_factory, identical_contents(16, value))
    wave = agency.announce()
    agency.tick(days=2)
    submit_contents(ballot_factory, agency, wave, {"a": identical_contents(16, 1)})
    cancel_wave(agency, wave)
    agency.tick(days=13)
    answered(agency, ballot_factory, identical_contents(16, 3))

    last = answered(agency, ballot_factory, identical_contents(16, 3))

    assert directions(last) == {"no_clear_change"}
    assert all(45 <= level["score"] <= 50 for level in words(last, "level").values())


def test_a_wave_that_opened_later_is_not_one_before(agency, ballot_factory):
    """The one that opens first waits so long for phones that it is sealed last."""
    early = agency.announce(grace=21)
    late = agency.announce(opens_in=8)
    submit_contents(ballot_factory, agency, early, {"a": identical_contents(16, 1)})
    submit_contents(ballot_factory, agency, late, {"a": identical_contents(16, 5)})
    for days in (2, 7, 7, 7, 7):
        agency.tick(days=days)

    reader = ScoreReader(agency)

    for wave in (early, late):
        document = json.loads(reader.raw("a", wave_id=wave))
        assert set(words(document, "change").values()) == {None}


def test_wave_that_kept_no_figures_is_passed_over(agency, ballot_factory):
    answered(agency, ballot_factory, identical_contents(16, 3))
    with Session(db.engine) as session, session.begin():
        session.execute(
            update(Score).where(Score.organization_id == agency.id).values(figures=None)
        )

    document = answered(agency, ballot_factory, identical_contents(16, 3))

    assert set(words(document, "change").values()) == {None}
