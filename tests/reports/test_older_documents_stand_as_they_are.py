"""A change of code never changes what was published: reports know only stored bytes.

The documents here are what other code might have written: other figures, other words,
other white space. They are added as a later release.
"""

import csv
import io
import json
from uuid import UUID

import pytest

from rapport_service import b64
from rapport_service.db import Door, transaction
from rapport_service.record.models import Finding, Release, Reliability, Score
from tests.findings.asking import ask as ask_sustainment
from tests.findings.asking import told as told_sustainment
from tests.findings.planted import FIRST, declare
from tests.reports.asking import CSV, ask, get, sealed
from tests.stored import rows_of

WORDS = {"en": "In other words.", "es": "Con otras palabras."}


@pytest.fixture
def agency(house):
    return house.agency({"a": 12, "b": 12}, supervises={"director": ["agency"]})


@pytest.fixture
def wave(agency, press):
    return sealed(press, agency, a=12, b=12)


def otherwise(document):
    """The document as other code would have written it."""
    told = json.loads(document)
    told["explanation"] = [one | WORDS for one in told["explanation"]]
    for figure in told.get("constructs", {}).values():
        if "score" in figure:
            figure |= {"score": 3, "bound": "at_most"}
    return json.dumps(told, indent=1).encode()


def publish_otherwise(agency, wave):
    """Adds a second release by other code; its score documents by team."""
    key = {"organization_id": agency.id, "wave_id": UUID(wave.partition(".")[2])}
    scores = {row.team_id: otherwise(row.document) for row in rows_of(Score, agency)}
    (report,) = [otherwise(row.document) for row in rows_of(Reliability, agency)]
    with transaction(Door.SEAL) as session:
        session.add(Release(**key, number=2, counted="A" * 43, figures="{}"))
        session.flush()
        session.add_all(
            Score(**key, number=2, team_id=team, **_stored(document), figures=None)
            for team, document in scores.items()
        )
        session.add(Reliability(**key, number=2, **_stored(report)))
    return scores, report


def _stored(document):
    return {"document": document, "digest": b64.digest(document)}


def served(reply):
    return reply.data, reply.headers["ETag"]


def as_stored(document):
    return document, f'"{b64.digest(document)}"'


def test_scores_and_the_reliability_report_are_served_byte_for_byte(agency, wave):
    scores, report = publish_otherwise(agency, wave)

    reliability = get(
        agency, "/v1/organization/reliability", token=agency.admin_token()
    )

    assert served(reliability) == as_stored(report)
    for team in ("agency", "a", "b"):
        document = scores[UUID(str(agency.team_id(team)))]
        assert served(ask(agency, "scores", team)) == as_stored(document)


def test_trends_heat_maps_and_tables_copy_what_is_stored(agency, wave):
    publish_otherwise(agency, wave)

    (point,) = ask(agency, "trend", "a").get_json()["waves"]
    rows = ask(agency, "heatmap").get_json()["rows"]
    table = csv.DictReader(io.StringIO(ask(agency, "scores", "a", headers=CSV).text))

    for shown in (point, *rows):
        assert {one["score"] for one in shown["constructs"].values()} == {3}
        assert {one["bound"] for one in shown["constructs"].values()} == {"at_most"}
    assert {(row["score"], row["bound"]) for row in table if row["construct"]} == {
        ("3", "at_most")
    }


@pytest.mark.usefixtures("wave")
def test_what_became_of_a_team_is_served_byte_for_byte_and_not_found_out_anew(agency):
    declare(agency, "policy-change", FIRST)
    told_sustainment(agency, "a")
    (found,) = [
        row
        for row in rows_of(Finding, agency)
        if str(row.team_id) == str(agency.team_id("a"))
    ]
    document = otherwise(found.document)
    members = {
        name: getattr(found, name)
        for name in ("organization_id", "team_id", "marker_id", "analysed", "basis")
    }
    with transaction(Door.SEAL) as session:
        session.add(Finding(**members, version=2, ended_by=None, **_stored(document)))

    again = told_sustainment(agency, "a")

    assert again == json.loads(document)
    assert served(ask_sustainment(agency, "a")) == as_stored(document)
