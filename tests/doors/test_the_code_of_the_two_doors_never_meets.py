import pytest

from tests.doors.imports import graph, reached, room, sources

POLL_BOOK = "rapport_service.pollbook"
BALLOT_BOX = "rapport_service.ballotbox"
SEALING = "rapport_service.waves"
REPORTS = "rapport_service.reports"


def trespasses(modules, start, forbidden):
    """The forbidden modules that importing a package runs, however indirectly."""
    edges = graph(modules)
    return reached(edges, room(edges, start)) & room(edges, forbidden)


@pytest.mark.parametrize(
    ("start", "forbidden"),
    [
        (POLL_BOOK, BALLOT_BOX),
        (BALLOT_BOX, POLL_BOOK),
        (SEALING, POLL_BOOK),
        (REPORTS, POLL_BOOK),
        (REPORTS, BALLOT_BOX),
        (REPORTS, SEALING),
    ],
)
def test_no_chain_of_imports_leads_from_one_room_into_the_other(start, forbidden):
    assert trespasses(sources(), start, forbidden) == set()


def test_the_walk_sees_the_whole_of_both_rooms():
    edges = graph(sources())

    assert f"{POLL_BOOK}.draw" in room(edges, POLL_BOOK)
    assert f"{BALLOT_BOX}.submit" in room(edges, BALLOT_BOX)
    assert "rapport_service.record.models" in reached(edges, room(edges, POLL_BOOK))
    assert "rapport_service.record.models" in reached(edges, room(edges, BALLOT_BOX))


@pytest.mark.parametrize(
    "planted",
    [
        "from rapport_service.ballotbox.submit import submit",
        "from rapport_service.ballotbox import submit",
        "import rapport_service.ballotbox.models as rows",
        "def later():\n    from rapport_service.ballotbox import items",
        "import importlib\nimportlib.import_module('rapport_service.ballotbox.items')",
        "__import__('rapport_service.ballotbox')",
    ],
)
@pytest.mark.parametrize(
    "place", [f"{POLL_BOOK}.draw", "rapport_service.record.models"]
)
def test_a_planted_import_is_found_directly_and_by_a_detour(place, planted):
    modules = sources()

    modules[place] += f"\n{planted}\n"

    assert trespasses(modules, POLL_BOOK, BALLOT_BOX)


def test_the_ballot_boxs_views_import_nothing_that_knows_a_login():
    edges = graph(sources())

    assert "rapport_service.api.auth" not in edges["rapport_service.api.ballot_box"]
    assert not edges["rapport_service.api.ballot_box"] & room(edges, POLL_BOOK)
