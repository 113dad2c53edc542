"""A roster as CSV stands for the same roster as JSON."""

import csv
import re
from contextlib import suppress
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport_schemas.errors import (
    DocumentInvalidError,
    DocumentMalformedError,
    split_pointer,
)
from rapport_schemas.loading import load_document
from rapport_schemas.roster import RosterSchema
from rapport_service.agency.roster_csv import (
    ROSTER,
    locate_roster_errors,
    parse_roster_csv,
)
from rapport_service.agency.roster_rules import roster_from_document
from tests.agency.rosters import normalized_roster, roster, rosters, stored_roster
from tests.support.admin import AdminClient, code_of, fields_of

HEADER = "kind,external_id,name,team,supervises\r\n"
ROOT = "team,agency,Agency,,\r\n"


def table(wanted):
    """A roster written as a table."""
    text = StringIO(newline="")
    write = csv.writer(text).writerow
    write(ROSTER.header)
    for team in wanted.teams:
        write(["team", team.external_id, team.name, team.parent or "", "", ""])
    for person in wanted.people:
        supervises = ";".join(person.supervises)
        away = "yes" if person.away else "no"
        write(["person", person.external_id, "", person.team, supervises, away])
    return text.getvalue().encode()


def read(data):
    document = load_document(RosterSchema(), parse_roster_csv(data))
    return roster_from_document(document)


@given(wanted=rosters())
def test_a_table_holds_what_was_written_to_it(wanted):
    assert normalized_roster(read(table(wanted))) == normalized_roster(wanted)


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_roster_malformed_or_invalid(data):
    for prefix in (b"", HEADER.encode()):
        with suppress(DocumentMalformedError, DocumentInvalidError):
            read(prefix + data)


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


ids = st.sampled_from(["agency", "north", "south", "ann", "bob", ""])
table_rows = st.tuples(st.just("team"), ids, st.just("A"), ids, st.just("")) | (
    st.tuples(st.just("person"), ids, st.just(""), ids, ids | st.just("north;west"))
)


@given(rows=st.lists(table_rows, max_size=6))
def test_an_error_of_a_table_names_the_cell_that_is_wrong(rows):
    data = (HEADER + "".join(f"{','.join(row)}\r\n" for row in rows)).encode()
    document = parse_roster_csv(data)
    try:
        roster_from_document(load_document(RosterSchema(), document))
    except DocumentInvalidError as error:
        errors = error.errors
    else:
        errors = []

    for error, located in zip(errors, locate_roster_errors(data, errors), strict=True):
        assert (located.code, located.detail) == (error.code, error.detail)
        value = document
        for token in split_pointer(error.pointer):
            value = value[int(token) if isinstance(value, list) else token]
        if located.pointer:
            _, row, column = split_pointer(located.pointer)
            cell = rows[int(row) - 2][ROSTER.header.index(column)]
            assert (value or "") in {cell, *cell.split(";")}
        else:
            assert error.pointer == "/teams"


AWAY_HEADER = "kind,external_id,name,team,supervises,away\r\n"
AWAY_ROOT = ROOT.replace("\r\n", ",\r\n")


@pytest.mark.parametrize(
    ("cell", "away"),
    [("yes", True), ("TRUE", True), ("no", False), ("False", False), ("", False)],
)
def test_people_who_are_away_are_marked_in_a_column_of_their_own(cell, away):
    data = f"{AWAY_HEADER}{AWAY_ROOT}person,ann,,agency,,{cell}\r\n"

    (person,) = read(data.encode()).people

    assert person.away is away


def test_a_table_without_that_column_marks_no_person():
    (person,) = read(f"{HEADER}{ROOT}person,ann,,agency,\r\n".encode()).people

    assert person.away is False


def test_a_table_out_of_a_spreadsheet_is_read():
    data = "\ufeff" + "external_id,kind,team,supervises,name\nagency,team,,,Ñandú\n"

    (team,) = read(data.encode()).teams

    assert (team.external_id, team.name, team.parent) == ("agency", "Ñandú", None)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ("", "rows.1"),
        ("kind,external_id\r\nteam,agency\r\n", "rows.1"),
        (HEADER + ROOT + "boss,ann,,agency,\r\n", "rows.3.kind"),
        (HEADER + ROOT + "person,ann,Ann Smith,agency,\r\n", "rows.3.name"),
        (HEADER + ROOT + "team,north,North,agency,agency\r\n", "rows.3.supervises"),
        (HEADER + ROOT + "person,ann,,agency\r\n", "rows.3"),
        (HEADER + ROOT + "person,ann,,agency,,\r\n", "rows.3"),
        (HEADER + ROOT + "person,,,agency,\r\n", "rows.3.external_id"),
        (HEADER + ROOT + "person,ann,,nowhere,\r\n", "rows.3.team"),
        (HEADER + ROOT + "team,north,North,nowhere,\r\n", "rows.3.team"),
        (HEADER + ROOT + "person,ann,,agency,agency;west\r\n", "rows.3.supervises"),
        (HEADER + "person,ann,,agency,\r\n" + ROOT + ROOT, "rows.4.external_id"),
        (HEADER + ROOT + "\r\n" + "person,ann,,nowhere,\r\n", "rows.4.team"),
        (HEADER, ""),
        (AWAY_HEADER.replace("away", "team"), "rows.1"),
        (AWAY_HEADER + AWAY_ROOT + "person,ann,,agency,,ill\r\n", "rows.3.away"),
        (AWAY_HEADER + "team,agency,Agency,,,no\r\n", "rows.2.away"),
        (AWAY_HEADER + ROOT, "rows.2"),
    ],
)
def test_a_broken_rule_in_a_table_is_named(service, rows, field):
    admin = AdminClient(service.agency({}))

    reply = admin.http.put(
        "/v1/roster", data=rows, content_type="text/csv", headers=admin.headers
    )

    assert fields_of(reply) == [field]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xff\xfe", "Send the text in UTF-8."),
        (b'kind,"exter', "row 1: unexpected end of data"),
        ((HEADER + 'team,"a').encode(), "row 2: unexpected end of data"),
        ((HEADER + ROOT + 'team,"a,B,,\r\n' + ROOT).encode(), "row 3: unexpected"),
        ((HEADER + ROOT + 'team,"a"b,B,,\r\n').encode(), "row 3: ',' expected"),
    ],
)
def test_a_file_that_is_no_table_is_malformed_and_its_row_is_named(service, data, why):
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
