import pytest

from tests.privacy.import_graph import (
    build_import_graph,
    module_sources,
    modules_of,
    reachable_modules,
)

POLL_BOOK = "rapport_service.pollbook"
BALLOT_BOX = "rapport_service.ballotbox"
SEALING = (
    "rapport_service.waves",
    "rapport_service.releases",
    "rapport_service.sustainment",
)
REPORTS = "rapport_service.reports"


def trespasses(modules, start, forbidden):
    """The forbidden modules that importing a package runs, however indirectly."""
    edges = build_import_graph(modules)
    return reachable_modules(edges, modules_of(edges, start)) & modules_of(
        edges, forbidden
    )


@pytest.mark.parametrize(
    ("start", "forbidden"),
    [
        (POLL_BOOK, BALLOT_BOX),
        (BALLOT_BOX, POLL_BOOK),
        *((room, POLL_BOOK) for room in SEALING),
        (REPORTS, POLL_BOOK),
        (REPORTS, BALLOT_BOX),
        *((REPORTS, room) for room in SEALING),
    ],
)
def test_no_chain_of_imports_leads_from_one_room_into_the_other(start, forbidden):
    assert trespasses(module_sources(), start, forbidden) == set()


def test_the_walk_sees_the_whole_of_both_rooms():
    edges = build_import_graph(module_sources())

    assert f"{POLL_BOOK}.service" in modules_of(edges, POLL_BOOK)
    assert f"{BALLOT_BOX}.service" in modules_of(edges, BALLOT_BOX)
    assert "rapport_service.registry.models" in reachable_modules(
        edges, modules_of(edges, POLL_BOOK)
    )
    assert "rapport_service.registry.models" in reachable_modules(
        edges, modules_of(edges, BALLOT_BOX)
    )


@pytest.mark.parametrize(
    "planted",
    [
        "from rapport_service.ballotbox.service import submit",
        "from rapport_service.ballotbox import service",
        "import rapport_service.ballotbox.models as rows",
        "def later():\n    from rapport_service.ballotbox import parsing",
        "import importlib\n"
        "importlib.import_module('rapport_service.ballotbox.parsing')",
        "__import__('rapport_service.ballotbox')",
    ],
)
@pytest.mark.parametrize(
    "place", [f"{POLL_BOOK}.service", "rapport_service.registry.models"]
)
def test_a_planted_import_is_found_directly_and_by_a_detour(place, planted):
    modules = module_sources()

    modules[place] += f"\n{planted}\n"

    assert trespasses(modules, POLL_BOOK, BALLOT_BOX)


def test_the_ballot_boxs_views_import_nothing_that_knows_a_login():
    edges = build_import_graph(module_sources())

    assert (
        "rapport_service.api.auth"
        not in edges["rapport_service.api.resources.ballot_box"]
    )
    assert not edges["rapport_service.api.resources.ballot_box"] & modules_of(
        edges, POLL_BOOK
    )
