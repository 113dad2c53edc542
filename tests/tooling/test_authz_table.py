"""The table of who may do what is whole, clear, and compared with what runs."""

from dataclasses import replace

import pytest

from tools.authz import table as authz_table
from tools.authz.comparison import compare, list_unasked_views
from tools.authz.scenario import start_scenario
from tools.authz.table import TableError, load_table


@pytest.fixture(scope="module")
def scenario():
    with start_scenario() as scenario:
        yield scenario


@pytest.fixture(scope="module")
def table(scenario):
    return load_table([*scenario.callers], scenario.foreign)


@pytest.fixture
def change(monkeypatch, tmp_path, scenario):
    """Loads the table with a part of its text replaced."""

    def load(old, new):
        text = authz_table.PATH.read_text()
        assert old in text
        changed = tmp_path / "table.toml"
        changed.write_text(text.replace(old, new, 1))
        monkeypatch.setattr(authz_table, "PATH", changed)
        return load_table([*scenario.callers], scenario.foreign)

    return load


def test_every_view_has_a_row(scenario, table):
    assert list_unasked_views(scenario, table) == []
    assert len(list(table.combinations())) > 5000


def test_view_without_a_row_is_named(scenario, table):
    without = replace(table, rows=[r for r in table.rows if r.path != "/v1/audit"])

    assert list_unasked_views(scenario, without) == ["GET audit.list_audit"]


def test_caller_that_a_row_forgets_is_named(change):
    with pytest.raises(TableError, match="limited program"):
        change("limited program             ny\n", "")


def test_caller_that_a_row_has_twice_is_named(change):
    line = "moved member                y\n"
    with pytest.raises(TableError, match="moved member is there twice"):
        change(line, line + line)


def test_name_of_no_caller_is_refused(change):
    with pytest.raises(TableError, match="manager"):
        change("director                    z\n", "manager  z\n")


def test_answer_that_is_not_declared_is_a_difference(scenario, change):
    """One row of the table is asked; `make authz` asks all."""
    table = change("admin                       z\n", "admin  none\n")

    differences = [
        str(difference)
        for difference in compare(scenario, table.combinations_of("?gone=true"))
    ]

    assert differences == [
        "GET /v1/teams?gone=true by admin: declared none, answered z"
    ]
