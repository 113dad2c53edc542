"""``rapport organization``."""

import click

from rapport_service.agency.service import (
    create_organization,
    get_organization,
    make_admin,
)
from rapport_service.charter.limits import DEFAULT_MIN_POOL, DEFAULT_MIN_RESPONDENTS
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import ACTOR, json_option, print_note, print_result
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.enrolment import mint_code
from rapport_service.pollbook.models import Purpose

FIRST_ADMIN = "admin"


@click.group()
def organization() -> None:
    """Agencies and their administrators."""


@organization.command()
@click.argument("organization_id", metavar="ID")
@click.option("--name", required=True, help="The agency's name, as people know it.")
@click.option(
    "--time-zone", default="UTC", show_default=True, help="Such as US/Eastern."
)
@click.option(
    "--smallest-score",
    default=DEFAULT_MIN_RESPONDENTS,
    show_default=True,
    help="Respondents that a score needs at least (k).",
)
@click.option(
    "--smallest-pool",
    default=DEFAULT_MIN_POOL,
    show_default=True,
    help="People who share a ballot key at least (m).",
)
@json_option
def create(
    organization_id: str,
    name: str,
    time_zone: str,
    smallest_score: int,
    smallest_pool: int,
    *,
    as_json: bool,
) -> None:
    """Create an agency; prints its first administrator's enrolment code.

    ID is chosen once: 3 to 20 lower-case letters and digits.
    """
    house = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        create_organization(
            session, organization_id, name, time_zone, smallest_score, smallest_pool
        )
        person = make_admin(session, organization_id, FIRST_ADMIN)
        code = mint_code(
            session,
            house.keyring,
            person,
            Purpose.READING,
            house.clock(),
            ACTOR,
        )
    _print_code(organization_id, FIRST_ADMIN, code, as_json=as_json)


@organization.command()
@click.argument("organization_id", metavar="ID")
@click.argument("person")
@json_option
def admin(organization_id: str, person: str, *, as_json: bool) -> None:
    """Make PERSON (an external id) an administrator; prints an enrolment code."""
    house = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        made = make_admin(session, organization_id, person)
        listed = made.listed
        code = mint_code(
            session,
            house.keyring,
            made,
            Purpose.READING,
            house.clock(),
            ACTOR,
        )
    _print_code(organization_id, person, code, as_json=as_json)
    if not listed:
        print_note(
            f"{person} is not in the roster: an administrator who is never asked"
        )


def _print_code(organization_id: str, person: str, code: str, *, as_json: bool) -> None:
    document = {"organization": organization_id, "person": person, "code": code}
    print_result(document, [code], as_json=as_json)
