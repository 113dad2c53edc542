"""``rapport codes``."""

from collections.abc import Sequence

import click
from sqlalchemy.orm import Session

from rapport_service.agency.models import Person
from rapport_service.agency.service import (
    get_organization,
    get_person,
    list_people,
    list_teams,
    load_supervisions,
)
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import (
    ACTOR,
    json_option,
    print_note,
    print_result,
    progress,
)
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.enrolment import mint_code
from rapport_service.pollbook.models import Purpose

IDLE_CODE_NOTES = {
    Purpose.ANSWERING: "reads and is never asked, as the roster stands (--reading?)",
    Purpose.READING: "supervises no team and is no administrator, so reads nothing yet",
}
"""Why a code may not be what somebody meant."""


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
    house = dependencies()
    purpose = Purpose.READING if reading else Purpose.ANSWERING
    minted = []
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        named = (
            list_people(session, organization_id)
            if everybody
            else [get_person(session, organization_id, person) for person in people]
        )
        if not named:
            raise click.ClickException(
                "nobody is in the roster: `rapport roster put` first"
            )
        for person in progress(named, "Making codes"):
            code = mint_code(
                session, house.keyring, person, purpose, house.clock(), ACTOR
            )
            minted.append((person.external_id, code))
        idle = _people_without_use(session, organization_id, named, purpose)
    print_result(
        {"codes": [{"person": person, "code": code} for person, code in minted]},
        (f"{person}\t{code}" for person, code in minted),
        as_json=as_json,
    )
    if idle:
        print_note(f"{IDLE_CODE_NOTES[purpose]}: {', '.join(idle)}")


def _people_without_use(
    session: Session, organization_id: str, people: Sequence[Person], purpose: Purpose
) -> list[str]:
    """Those for whom a code of this purpose opens nothing, as the roster stands."""
    supervised = load_supervisions(session, organization_id)
    if purpose is Purpose.READING:
        return [
            person.external_id
            for person in people
            if not person.admin
            and not (person.listed and supervised.get(person.person_id))
        ]
    whole = {
        team.team_id
        for team in list_teams(session, organization_id)
        if team.parent_id is None
    }
    return [
        person.external_id
        for person in people
        if not person.listed or whole & supervised.get(person.person_id, set())
    ]
