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
API = "rapport_service.api"
APP = "rapport_service.app"
BEHIND_BOTH_DOORS = ("rapport_service.cli", "rapport_service.lifecycle")


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
def test_no_chain_of_imports_crosses_a_wall(start, forbidden):
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
    "module", [f"{POLL_BOOK}.service", "rapport_service.registry.models"]
)
def test_planted_import_is_detected_directly_and_by_a_detour(module, planted):
    modules = module_sources()

    modules[module] += f"\n{planted}\n"

    assert trespasses(modules, POLL_BOOK, BALLOT_BOX)


def test_views_of_the_ballot_box_import_nothing_that_knows_a_login():
    edges = build_import_graph(module_sources())

    assert (
        "rapport_service.api.auth"
        not in edges["rapport_service.api.resources.ballot_box"]
    )
    assert not edges["rapport_service.api.resources.ballot_box"] & modules_of(
        edges, POLL_BOOK
    )


def modules_joining_doors(modules):
    """Modules that import both doors, themselves or by way of modules of the API.

    The names of a door's errors do not count: the catalogue of problems has them all.
    """
    edges = build_import_graph(modules)
    api = modules_of(edges, API)
    within_api = {name: edges[name] & api for name in edges}
    doors = [
        modules_of(edges, door) - {door, f"{door}.errors"}
        for door in (POLL_BOOK, BALLOT_BOX)
    ]
    joining = set()
    for name in edges:
        imported = set().union(
            *(edges[step] for step in reachable_modules(within_api, [name]))
        )
        if all(imported & door for door in doors):
            joining.add(name)
    return joining


def test_only_the_app_joins_the_doors_of_the_api():
    """The command line and what time does use both doors, each in a step of its own."""
    joining = modules_joining_doors(module_sources())

    assert {name for name in joining if not name.startswith(BEHIND_BOTH_DOORS)} == {APP}


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        (f"{API}.resources.ballot_box", "from rapport_service.pollbook import tokens"),
        (f"{API}.resources.ballot_box", "from rapport_service.api import auth"),
        (f"{API}.resources.codes", "from rapport_service.ballotbox import models"),
        (f"{API}.auth", "import rapport_service.ballotbox.parsing"),
        (
            "rapport_service.health",
            "from rapport_service.api.resources import ballot_box, ballots",
        ),
    ],
)
def test_planted_import_that_joins_the_doors_is_detected(module, planted):
    modules = module_sources()

    modules[module] += f"\n{planted}\n"

    assert module in modules_joining_doors(modules)


def test_errors_of_a_door_bring_nothing_of_it_along():
    edges = build_import_graph(module_sources())

    errors = {f"{door}.errors" for door in (POLL_BOOK, BALLOT_BOX)} & edges.keys()

    for module in errors:
        assert edges[module] <= {
            *("rapport_service", module.removesuffix(".errors")),
            *("rapport_schemas", "rapport_schemas.errors"),  # the wire, which is plain
        }
