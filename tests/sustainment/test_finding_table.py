"""The sustainment document as CSV: the same figures, a row for each construct."""

import csv
import io

import pytest

from tests.sustainment.planted_releases import (
    PlantedScore,
    day_between_waves,
    plant_crisis,
    plant_fortnightly_waves,
    plant_marker,
    plant_release,
)
from tests.sustainment.sustainment_requests import (
    request_sustainment,
    sustainment_document,
)


@pytest.fixture
def agency(service):
    return service.agency({"a": 10, "b": 10})


def table(agency, team="agency", marker=None):
    reply = request_sustainment(agency, team, marker, Accept="text/csv")
    assert reply.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(reply.text)))


def test_table_has_a_row_for_each_construct_with_the_documents_figures(agency):
    start, end = plant_crisis(agency, 6, 11)
    plant_fortnightly_waves(agency, (50, 6), (65, 5), (60, 6))
    document = sustainment_document(agency)

    rows = {row["about"]: row for row in table(agency)}

    assert [*rows] == ["trust", "communication", "overall"]
    effect, row = document["constructs"]["overall"], rows["overall"]
    assert (row["marker_id"], row["end_marker_id"]) == (start, end)
    assert (row["effective_on"], row["ended_on"]) == ("2027-03-24", "2027-06-02")
    assert (row["status"], row["version"], row["exploratory"]) == (
        *("released", "1", "false"),
    )
    assert row["verdict"] == effect["verdict"]
    for name, unit in (
        *(("accel", "points"), ("sustain", "points"), ("fade", "points")),
        ("retention", "percent"),
    ):
        figure = effect[name]
        assert row[name] == str(figure[unit])
        assert figure["interval"] is None, "other dates decided"
        assert row[f"{name}_low"] == row[f"{name}_high"] == ""
    assert row["p"] == str(effect["p"])


def test_questions_have_rows_where_they_are_shown(agency):
    plant_crisis(agency, 6, 11)
    for number in range(17):
        plant_release(
            agency, 14 * number, {"agency": PlantedScore(50 + number % 3, items=True)}
        )
    sustainment_document(agency)

    about = [row["about"] for row in table(agency)]

    assert about[3:] == ["C2R", "C1", "C3", "T2", "C4", "C5", "C6", "T6"]


def test_cells_are_empty_if_waves_are_too_few(agency):
    plant_crisis(agency, 2, None)
    plant_fortnightly_waves(agency, (50, 4))
    sustainment_document(agency)

    assert {row["accel"] for row in table(agency)} == {""}


def test_table_without_a_finding_has_one_row_with_its_status(agency):
    marker = plant_marker(agency, "crisis_start", day_between_waves(1), confirmed=False)
    plant_fortnightly_waves(agency, (50, 1))
    pending = table(agency, "a", marker)
    sustainment_document(agency, "a")
    provisional = table(agency, "a", marker)

    assert [row["status"] for row in pending] == ["pending"]
    assert [(row["status"], row["reason"]) for row in provisional] == [
        ("not_analysed", "provisional")
    ]
