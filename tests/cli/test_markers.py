"""``rapport marker``."""

import pytest

from rapport_service.cli.markers import marker
from rapport_service.registry.models import Marker
from tests.cli.command_runner import run_command, run_command_json
from tests.support.admin import audit_entries
from tests.support.rows import rows_of

STORM = ("--kind", "crisis_start", "--on", "2027-02-20", "--label", "The storm")


@pytest.fixture
def agency(service):
    return service.agency({"a": 2})


def test_a_marker_is_declared_listed_and_taken_back(service, agency):
    of_all = run_command(marker, "declare", agency.id, *STORM).strip()
    of_one = run_command_json(
        *(marker, "declare", agency.id, *STORM, "--team", "a", "--provisional")
    )["id"]
    service.clock.advance(minutes=1)

    run_command(marker, "retract", agency.id, of_one)

    assert sorted(run_command(marker, "list", agency.id).splitlines()) == sorted(
        [
            f"{of_all}\t2027-02-20\tcrisis_start\t\tThe storm\t",
            f"{of_one}\t2027-02-20\tcrisis_start\ta\tThe storm\tprovisional retracted",
        ]
    )
    assert audit_entries(agency)[-1] == ("command_line", "marker_retracted", of_one)


def test_marker_as_json_is_the_document_of_the_api(agency):
    made = run_command_json(marker, "declare", agency.id, *STORM)["id"]

    assert run_command_json(marker, "list", agency.id)["markers"] == [
        {
            "id": made,
            "kind": "crisis_start",
            "team_id": None,
            "effective_on": "2027-02-20",
            "confirmed": True,
            "label": "The storm",
            "declared_at": "2027-03-01T12:00:00Z",
            "declared_by": {"kind": "command_line", "id": None},
            "retracted_at": None,
        }
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--team", "z"), "there is no team z"),
        (("--on", "25.11.2026"), "effective_on: must have a form such as 2027-03-01"),
        (("--on", "2027-02-30"), "effective_on: must be a date of the calendar"),
        (
            ("--label", "two\nlines"),
            "label: must not have the invisible LINE FEED at position 4",
        ),
        (("--label", "x" * 81), "label: must have from 1 to 80 characters"),
    ],
)
def test_a_marker_that_breaks_a_rule_is_not_declared(agency, wrong, message):
    assert message in run_command(
        marker, "declare", agency.id, *STORM, *wrong, status=1
    )
    assert rows_of(Marker, agency) == []


def test_refusals_name_the_reason(agency):
    unknown = "00000000-0000-4000-8000-000000000000"

    assert "there is no marker" in run_command(
        marker, "retract", agency.id, unknown, status=1
    )
    assert "there is no agency nobody" in run_command(
        marker, "list", "nobody", status=1
    )
    assert "there is no agency nobody" in run_command(
        marker, "declare", "nobody", *STORM, status=1
    )
    run_command(marker, "retract", agency.id, "x", status=2)
