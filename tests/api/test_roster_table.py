"""A roster as CSV stands for the same roster as JSON."""

import csv
import re
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_schemas.problems import Problem
from rapport_schemas.roster import RosterRequestSchema
from rapport_service.api.json_io import load_document
from rapport_service.api.problems import ProblemError
from rapport_service.api.resources.roster import read_roster
from rapport_service.api.tables.roster import COLUMNS, read_csv
from tests.agency.rosters import normalized_roster, roster, rosters, stored_roster
from tests.support.admin import AdminClient, code_of, fields_of

HEADER = "kind,external_id,name,team,supervises\r\n"
ROOT = "team,agency,Agency,,\r\n"


def table(wanted):
    """A roster written as a table."""
    text = StringIO(newline="")
    write = csv.writer(text).writerow
    write(COLUMNS)
    for team in wanted.teams:
        write(["team", team.external_id, team.name, team.parent or "", ""])
    for one in wanted.people:
        write(["person", one.external_id, "", one.team, ";".join(one.supervises)])
    return text.getvalue().encode()


def read(data):
    return read_roster(load_document(RosterRequestSchema(), read_csv(data)))


def problem_of(data):
    try:
        read(data)
    except ProblemError as error:
        return error.problem
    return None


@given(wanted=rosters())
def test_a_table_holds_what_was_written_to_it(wanted):
    assert normalized_roster(read(table(wanted))) == normalized_roster(wanted)


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_roster_or_a_problem(data):
    for prefix in (b"", HEADER.encode()):
        assert problem_of(prefix + data) in {
            None,
            Problem.MALFORMED,
            Problem.INVALID,
        }


def test_a_table_is_put(service):
    agency = service.agency({})
    admin = AdminClient(agency)
    wanted = roster({"agency": None, "north": "agency"}, {"ann": ("agency", "north")})

    reply = admin.http.put(
        "/v1/roster",
        data=table(wanted),
        content_type="text/csv; charset=utf-8",
        headers=admin.headers,
    )

    assert reply.status_code == 200
    assert stored_roster(agency) == normalized_roster(wanted)


def test_a_table_out_of_a_spreadsheet_is_read():
    data = "\ufeff" + "external_id,kind,team,supervises,name\nagency,team,,,Ñandú\n"

    (team,) = read(data.encode()).teams

    assert (team.external_id, team.name, team.parent) == ("agency", "Ñandú", None)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ("", "row 1"),
        ("kind,external_id\r\nteam,agency\r\n", "row 1"),
        (HEADER + ROOT + "boss,ann,,agency,\r\n", "row 3.kind"),
        (HEADER + ROOT + "person,ann,Ann Smith,agency,\r\n", "row 3.name"),
        (HEADER + ROOT + "team,north,North,agency,agency\r\n", "row 3.supervises"),
        (HEADER + ROOT + "person,ann,,agency\r\n", "row 3"),
        (HEADER + ROOT + "person,ann,,agency,,\r\n", "row 3"),
        (HEADER + ROOT + "person,,,agency,\r\n", "people.0.external_id"),
        (HEADER + ROOT + "person,ann,,nowhere,\r\n", "people.0.team"),
    ],
)
def test_a_mistake_in_a_table_is_named(service, rows, field):
    admin = AdminClient(service.agency({}))

    reply = admin.http.put(
        "/v1/roster", data=rows, content_type="text/csv", headers=admin.headers
    )

    assert fields_of(reply) == [field]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff\xfe", "It must be in UTF-8."),
        (b'kind,"exter', "row 1: unexpected end of data"),
        ((HEADER + 'team,"a').encode(), "row 2: unexpected end of data"),
        ((HEADER + ROOT + 'team,"a,B,,\r\n' + ROOT).encode(), "row 3: unexpected"),
        ((HEADER + ROOT + 'team,"a"b,B,,\r\n').encode(), "row 3: ',' expected"),
    ],
)
def test_what_is_no_table_is_malformed_and_the_row_is_named(service, data, why):
    admin = AdminClient(service.agency({}))

    reply = admin.http.put(
        "/v1/roster", data=data, content_type="text/csv", headers=admin.headers
    )

    assert code_of(reply) == "malformed"
    assert reply.get_json()["detail"].startswith(why)


def test_the_example_in_the_documentation_is_a_roster():
    text = Path(__file__).parents[2].joinpath("docs/roster.md").read_text("utf-8")
    (example,) = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)

    shown = read(example.encode())

    assert {team.external_id for team in shown.teams} == {"acme", "intake", "north"}
    assert shown.people[-1].supervises == ("intake", "north")
