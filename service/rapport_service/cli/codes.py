"""``rapport codes``."""

import click

from rapport_service.agency.service import (
    get_organization,
    get_person,
    listed_people,
)
from rapport_service.cli.mistakes import told
from rapport_service.cli.output import ACTOR, json_option, progress, show
from rapport_service.db import Door, transaction
from rapport_service.pollbook.enrolment import mint_code
from rapport_service.pollbook.models import Purpose
from rapport_service.wiring import wiring


@click.group()
def codes() -> None:
    """One-time codes by which people enrol their devices."""


@codes.command()
@click.argument("organization_id", metavar="ID")
@click.argument("people", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="One for each of the roster.")
@click.option(
    "--reading",
    is_flag=True,
    help="For reading scores as supervisor or administrator, instead of answering.",
)
@json_option
def mint(
    organization_id: str,
    people: tuple[str, ...],
    *,
    everybody: bool,
    reading: bool,
    as_json: bool,
) -> None:
    """Make codes for PEOPLE (external ids); prints a line each: person, tab, code.

    Every code is audited: whoever makes one could answer as that person.
    """
    if bool(people) == everybody:
        raise click.UsageError("name people, or give --all")
    house = wiring()
    purpose = Purpose.READING if reading else Purpose.ANSWERING
    minted = []
    with told(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        named = (
            listed_people(session, organization_id)
            if everybody
            else [get_person(session, organization_id, person) for person in people]
        )
        for person in progress(named, "Making codes"):
            code = mint_code(
                session, house.keyring, person, purpose, house.clock(), ACTOR
            )
            minted.append((person.external_id, code))
    show(
        {"codes": [{"person": person, "code": code} for person, code in minted]},
        (f"{person}\t{code}" for person, code in minted),
        as_json=as_json,
    )
