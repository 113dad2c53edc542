"""Stored documents: a change of code never changes a publication.

The documents here are such as other code might have written: other figures, other
sentences, other white space. They are added as a later release.
"""

import csv
import io
import json
from uuid import UUID

import pytest

from rapport_service.core.db import Door, transaction
from rapport_service.encoding import base64url
from rapport_service.registry.models import Finding, Release, Reliability, Score
from tests.reports.report_requests import (
    CSV,
    get_as,
    request_report,
    seal_answered_wave,
)
from tests.support.rows import rows_of
from tests.sustainment.planted_releases import FIRST, plant_marker
from tests.sustainment.sustainment_requests import (
    request_sustainment,
    sustainment_document,
)

WORDS = {"en": "In other words.", "es": "Con otras palabras."}


@pytest.fixture
def agency(service):
    return service.agency({"a": 12, "b": 12}, supervises={"director": ["agency"]})


@pytest.fixture
def wave(agency, ballot_factory):
    return seal_answered_wave(ballot_factory, agency, a=12, b=12)


def rewritten_document(document):
    """The document as other code would have written it."""
    content = json.loads(document)
    content["explanation"] = [sentence | WORDS for sentence in content["explanation"]]
    for figure in content.get("constructs", {}).values():
        if "score" in figure:
            figure |= {"score": 3, "bound": "at_most"}
    return json.dumps(content, indent=1).encode()


def publish_rewritten(agency, wave):
    """Adds a second release by other code; returns its documents, scores by team."""
    key = {"organization_id": agency.id, "wave_id": UUID(wave.partition(".")[2])}
    scores = {
        row.team_id: rewritten_document(row.document) for row in rows_of(Score, agency)
    }
    (report,) = [
        rewritten_document(row.document) for row in rows_of(Reliability, agency)
    ]
    with transaction(Door.SEAL) as session:
        session.add(
            Release(
                **key,
                number=2,
                counted_ballots_digest="A" * 43,
                invalid_band="under 10",
                level_variances="{}",
                figures="{}",
            )
        )
        session.flush()
        session.add_all(
            Score(
                **key,
                number=2,
                team_id=team,
                status=json.loads(document)["status"],
                **_stored(document),
                figures=None,
            )
            for team, document in scores.items()
        )
        session.add(Reliability(**key, number=2, **_stored(report)))
    return scores, report


def _stored(document):
    return {"document": document, "digest": base64url.digest(document)}


def served_document(reply):
    return reply.data, reply.headers["ETag"]


def as_stored(document):
    return document, f'"{base64url.digest(document)}"'


def test_scores_and_reliability_report_are_served_byte_for_byte(agency, wave):
    scores, report = publish_rewritten(agency, wave)

    reliability = get_as(
        agency, "/v1/organization/reliability", token=agency.admin_token()
    )

    assert served_document(reliability) == as_stored(report)
    for team in ("agency", "a", "b"):
        document = scores[UUID(str(agency.team_id(team)))]
        assert served_document(request_report(agency, "score", team)) == as_stored(
            document
        )


def test_trends_heat_maps_and_tables_copy_stored_figures(agency, wave):
    publish_rewritten(agency, wave)

    (point,) = request_report(agency, "trend", "a").get_json()["waves"]
    rows = request_report(agency, "heatmap").get_json()["rows"]
    table = csv.DictReader(
        io.StringIO(request_report(agency, "score", "a", headers=CSV).text)
    )

    for shown in (point, *rows):
        figures = shown["constructs"].values()
        assert {figure["score"] for figure in figures} == {3}
        assert {figure["bound"] for figure in figures} == {"at_most"}
    assert {(row["score"], row["bound"]) for row in table if row["construct"]} == {
        ("3", "at_most")
    }


@pytest.mark.usefixtures("wave")
def test_finding_is_served_byte_for_byte_and_not_assessed_again(agency):
    plant_marker(agency, "policy_change", FIRST)
    sustainment_document(agency, "a")
    (finding,) = [
        row
        for row in rows_of(Finding, agency)
        if str(row.team_id) == str(agency.team_id("a"))
    ]
    document = rewritten_document(finding.document)
    members = {
        name: getattr(finding, name)
        for name in ("organization_id", "team_id", "marker_id", "analysed", "basis")
    }
    with transaction(Door.SEAL) as session:
        session.add(Finding(**members, version=2, ended_by=None, **_stored(document)))

    again = sustainment_document(agency, "a")

    assert again == json.loads(document)
    assert served_document(request_sustainment(agency, "a")) == as_stored(document)
