import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from rapport_service.core.db import db
from rapport_service.registry.models import Release, Score
from tests.reports.report_requests import request_report, seal_answered_wave
from tests.support.lifecycle import cancel_wave
from tests.support.rows import rows_of

SHOWN = ("tier", "respondents", "participation", "constructs")


@pytest.fixture
def agency(service):
    return service.agency({"a": 12, "b": 12}, supervises={"director": ["agency"]})


def points(agency, team="a"):
    return request_report(agency, "trend", team).get_json()["waves"]


def test_waves_come_newest_first_with_the_figures_of_their_scores(
    agency, ballot_factory
):
    waves = [
        seal_answered_wave(ballot_factory, agency, value, a=10, b=10)
        for value in (2, 4, 3)
    ]

    document = request_report(agency, "trend", "a").get_json()

    assert document["team"] == {
        "id": str(agency.team_id("a")),
        "external_id": "a",
        "name": "Team a",
    }
    assert [point["wave_id"] for point in document["waves"]] == waves[::-1]
    for point in document["waves"]:
        score = request_report(
            agency, "score", "a", wave_id=point["wave_id"]
        ).get_json()
        assert {name: point[name] for name in SHOWN} == {
            name: score[name] for name in SHOWN
        }
        assert (point["status"], point["release"]) == ("released", 1)
    trust = [point["constructs"]["trust"]["score"] for point in document["waves"]]
    assert trust[2] < trust[0] < trust[1]


def test_a_point_has_the_dates_at_which_people_could_answer(agency, ballot_factory):
    wave = seal_answered_wave(ballot_factory, agency, a=10)

    (point,) = points(agency)

    charter = agency.service.http.get(f"/v1/waves/{wave}/charter").get_json()["wave"]
    assert point["opens_at"] == charter["opens_at"]
    assert point["closes_at"] == charter["closes_at"]


def test_a_wave_that_was_rolled_up_names_the_group_and_lends_no_figures(
    agency, ballot_factory
):
    seal_answered_wave(ballot_factory, agency, a=10, b=10)
    seal_answered_wave(ballot_factory, agency, a=3, b=10)

    last, _ = points(agency)

    assert last["status"] == "rolled_up"
    assert last["source_team"] == {
        "id": str(agency.team_id("agency")),
        "external_id": "agency",
        "name": "The agency",
    }
    assert {last[name] for name in SHOWN} == {None}


def test_a_wave_that_was_withheld_is_named_and_says_nothing_else(
    agency, ballot_factory
):
    seal_answered_wave(ballot_factory, agency, a=2, b=2)

    (point,) = points(agency)

    assert point["status"] == "withheld"
    assert {point[name] for name in ("source_team", *SHOWN)} == {None}


def test_a_wave_that_is_open_or_was_cancelled_is_no_point(agency, ballot_factory):
    first = seal_answered_wave(ballot_factory, agency, a=10)
    cancel_wave(agency, agency.announce())
    agency.announce()
    agency.tick(days=2)

    assert [point["wave_id"] for point in points(agency)] == [first]


def test_before_the_first_seal_there_are_no_points(agency):
    agency.announce()

    assert points(agency) == []


def test_a_team_that_joined_later_begins_with_its_own_first_wave(
    agency, ballot_factory
):
    seal_answered_wave(ballot_factory, agency, a=10)
    agency.put({"a": 12, "b": 12, "c": 12}, {}, {"director": ["agency"]})

    second = seal_answered_wave(ballot_factory, agency, a=10, c=10)

    assert [point["wave_id"] for point in points(agency, "c")] == [second]


def test_newest_of_several_releases_of_a_wave_is_its_point(agency, ballot_factory):
    wave = seal_answered_wave(ballot_factory, agency, a=10)
    release_again(agency)

    (point,) = points(agency)

    assert (point["wave_id"], point["release"]) == (wave, 2)


def release_again(agency):
    """Plants a second release, the same but for its number."""
    (first,) = rows_of(Release, agency)
    of = {"organization_id": agency.id, "wave_id": first.wave_id, "number": 2}
    with Session(db.engine) as session, session.begin():
        session.add(
            Release(
                **of,
                counted_ballots_digest=first.counted_ballots_digest,
                invalid_band=first.invalid_band,
                level_variances=first.level_variances,
                figures=first.figures,
            )
        )
        session.flush()
        session.add_all(
            Score(
                **of,
                team_id=score.team_id,
                status=score.status,
                digest=score.digest,
                document=score.document.replace(b'"release":1', b'"release":2'),
                figures=score.figures,
            )
            for score in rows_of(Score, agency)
        )


def codes(agency, report):
    sentences = request_report(agency, report, "a").get_json()["explanation"]
    assert all(sentence["en"] and sentence["es"] for sentence in sentences)
    return [sentence["code"] for sentence in sentences]


def test_explanation_has_sentences_about_the_waves(agency, ballot_factory):
    before = codes(agency, "trend")
    seal_answered_wave(ballot_factory, agency, a=10, b=10)
    own = codes(agency, "trend")
    seal_answered_wave(ballot_factory, agency, a=3, b=10)

    assert before == ["no_waves"]
    assert own == ["own_scores", "no_heading"]
    assert codes(agency, "trend") == ["own_scores", "gaps", "no_heading"]


RISING = (1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 5, 5)
"""Answer of everybody in each of twelve waves."""


def test_heading_of_every_page_is_that_of_the_newest_wave_and_of_the_team_itself(
    service, ballot_factory
):
    """Thirteen waves, the first without answers of a; then one more like it."""
    sizes = dict.fromkeys("abcd", 12)
    agency = service.agency(sizes, supervises={"director": ["agency"]})
    seal_answered_wave(ballot_factory, agency, **{**sizes, "a": 0})
    for value in RISING:
        seal_answered_wave(ballot_factory, agency, value, **sizes)

    whole = request_report(agency, "trend", "a").get_json()
    first = request_report(agency, "trend", "a", limit="4").get_json()
    last = request_report(agency, "trend", "a", after=first["next"]).get_json()

    newest = whole["waves"][0]["constructs"]
    assert whole["heading"] == {
        name: figure["trend"] for name, figure in newest.items()
    }
    assert first["waves"] + last["waves"] == whole["waves"]
    assert (whole["next"], last["next"]) == (None, None)
    for page in (first, last):
        assert page["heading"] == whole["heading"]
        assert page["heading"]["overall"]["direction"] == "rising"
        assert page["explanation"] == whole["explanation"]
    assert codes(agency, "trend") == ["own_scores", "gaps", "rising"]
    gaps = [each for each in last["explanation"] if each["code"] == "gaps"]
    assert [each["en"][:17] for each in gaps] == ["In 1 of 13 waves "]

    seal_answered_wave(ballot_factory, agency, 5, **{**sizes, "a": 0})

    own, larger = (
        request_report(agency, "trend", team).get_json()["heading"]
        for team in ("a", "agency")
    )
    assert own == {"trust": None, "communication": None, "overall": None}
    assert {trend["direction"] for trend in larger.values()} == {"rising"}


def test_another_organizations_waves_are_no_points(service, agency, ballot_factory):
    other = service.agency({"a": 12}, supervises={"director": ["agency"]})
    seal_answered_wave(ballot_factory, other, a=10)
    service.clock.reset()

    assert points(agency) == []


class Statements:
    """The SQL statements of a block."""

    def __enter__(self):
        self.seen = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_):
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection, _cursor, statement, *_):
        self.seen.append(statement)


@pytest.mark.parametrize("waves", [1, 3])
def test_trend_takes_two_statements_however_many_waves_there_are(
    agency, ballot_factory, waves
):
    for _ in range(waves):
        seal_answered_wave(ballot_factory, agency, a=10, b=10)
    token = agency.reader_token("director")
    agency.team_id("a")

    with Statements() as executed:
        reply = request_report(agency, "trend", "a", token=token)

    reads_scores = [statement for statement in executed.seen if "scores" in statement]
    assert len(reply.get_json()["waves"]) == waves
    assert len(reads_scores) == 2  # the waves, and how many there are
    for statement in executed.seen:
        assert "answers" not in statement
        assert "submissions" not in statement
