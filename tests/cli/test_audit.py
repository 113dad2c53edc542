"""``rapport audit``."""

from rapport_service.cli.audit import audit
from rapport_service.cli.organizations import organization
from tests.cli.command_runner import run_command
from tests.support.service import TEST_ACTOR


def test_kind_of_an_actor_comes_before_the_id(service):
    """People choose ids, and one could be the word for the command line."""
    agency = service.agency({"a": 8})
    agency.client()
    run_command(organization, "set", agency.id, "--min-pool", "7")

    lines = run_command(audit, agency.id).splitlines()

    actors = {action: actor for _, actor, action, *_ in (x.split("\t") for x in lines)}
    assert actors["client_created"] == f"person {TEST_ACTOR.id}"
    assert actors["settings_changed"] == "command_line"
