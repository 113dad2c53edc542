"""``rapport codes`` and ``rapport device``: how people enrol, and how it ends."""

from collections.abc import Sequence

import click
from sqlalchemy.orm import Session

from rapport_schemas.enums import Purpose
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.agency.models import Person
from rapport_service.agency.service import (
    get_organization,
    get_person,
    list_people,
    list_teams,
    load_supervisions,
)
from rapport_service.cli.administrators import describe_holders
from rapport_service.cli.local_times import describe_code_end
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    progress,
    reporting_errors,
)
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.devices import revoke_devices
from rapport_service.pollbook.enrolment import mint_code
from rapport_service.tables import list_columns

IDLE_CODE_NOTES = {
    Purpose.ANSWERING: (
        "these people read scores and are never asked. To let them read, make their "
        "codes with --reading"
    ),
    Purpose.READING: (
        "these people cannot read any score yet, because they supervise no team and "
        "are no administrators"
    ),
}
"""Notes on people for whom a code of this purpose has no use today."""

AWAY_NOTE = (
    "these people are away and are not asked. Their codes work, and their phones get a "
    "pulse once the roster no longer says away"
)


@click.group()
def codes() -> None:
    """Make one-time codes. People enrol their devices with them."""


@codes.command()
@click.argument("organization_id", metavar="ID")
@click.argument("people", nargs=-1)
@click.option(
    "--all", "all_people", is_flag=True, help="Make one for each person of the roster."
)
@click.option(
    "--reading",
    is_flag=True,
    help="Make codes for reading scores, for supervisors and administrators. Without "
    "it, codes are for answering.",
)
@form_options
def mint(
    organization_id: str,
    people: tuple[str, ...],
    *,
    all_people: bool,
    reading: bool,
    form: str | None,
) -> None:
    """Make codes for PEOPLE (external ids). Columns: person, code.

    The audit log records each code, because a person who has it could answer in place
    of its owner.
    """
    if bool(people) == all_people:
        raise click.UsageError("Name people, or use --all.")
    deps = dependencies()
    purpose = Purpose.READING if reading else Purpose.ANSWERING
    minted = []
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        organization = get_organization(session, organization_id)
        recipients = (
            list_people(session, organization_id)
            if all_people
            else [get_person(session, organization_id, person) for person in people]
        )
        if not recipients:
            raise click.ClickException(
                "the roster is empty. Run `rapport roster put` first."
            )
        for person in progress(recipients, "Making codes"):
            code = mint_code(
                session, deps.keyring, person, purpose, deps.clock(), COMMAND_LINE
            )
            minted.append((person.external_id, code))
        idle = _people_without_use(session, organization_id, recipients, purpose)
        names = [person.external_id for person in recipients]
        rights = describe_holders(session, organization_id, names)
    print_result(
        {"codes": [{"person": person, "code": code} for person, code in minted]},
        list_columns.CODES,
        form,
    )
    print_note(describe_code_end(organization, deps.clock()))
    if idle:
        print_note(f"{IDLE_CODE_NOTES[purpose]}: {', '.join(idle)}")
    away = [person.external_id for person in recipients if person.away]
    if away and purpose is Purpose.ANSWERING:
        print_note(f"{AWAY_NOTE}: {', '.join(away)}")
    for sentence in rights if reading else ():
        print_note(sentence)


def _people_without_use(
    session: Session, organization_id: str, people: Sequence[Person], purpose: Purpose
) -> list[str]:
    """The external ids of people who can do nothing with a code of this purpose."""
    supervised = load_supervisions(session, organization_id)
    if purpose is Purpose.READING:
        return [
            person.external_id
            for person in people
            if not (person.admin or person.auditor)
            and not (person.listed and supervised.get(person.person_id))
        ]
    roots = {
        team.team_id
        for team in list_teams(session, organization_id)
        if team.parent_id is None
    }
    return [
        person.external_id
        for person in people
        if not person.listed or roots & supervised.get(person.person_id, set())
    ]


@click.group()
def device() -> None:
    """End the devices of people.

    There is no list of devices. It would show who has not answered.
    """


@device.command()
@click.argument("organization_id", metavar="ID")
@click.argument("people", nargs=-1, required=True)
def revoke(organization_id: str, people: tuple[str, ...]) -> None:
    """End the devices and unused codes of PEOPLE (external ids).

    Those devices read no more scores and draw no more ballots. An answer that waits on
    such a device still counts. To let a person in again, make a new code.
    """
    now = dependencies().clock()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        for person in people:
            revoke_devices(session, organization_id, person, now, COMMAND_LINE)
    click.echo("devices: revoked, if there were any")
