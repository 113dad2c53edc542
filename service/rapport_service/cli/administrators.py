"""``rapport organization admin`` and ``auditor``: who has a right, and who gets one."""

from collections.abc import Collection

import click
from sqlalchemy.orm import Session

from rapport_service.agency.administrators import Right, list_holders
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.agency.roster_rules import RosterRowDiffs
from rapport_service.agency.service import get_organization
from rapport_service.cli.local_times import describe_code_end
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.administrators import add_holder, remove_holder
from rapport_service.tables import list_columns

ADD, REMOVE, LIST = "add", "remove", "list"


def make_command(right: Right, what: str) -> click.Command:
    """The command that adds, removes and lists people with a right."""

    @click.command(right.value, help=_help(right, what))
    @click.argument("organization_id", metavar="ID")
    @click.argument("person", required=False)
    @click.option(
        "--add", "deed", flag_value=ADD, default=ADD, help="Give the right. [default]"
    )
    @click.option("--remove", "deed", flag_value=REMOVE, help="Take the right away.")
    @click.option("--list", "deed", flag_value=LIST, help="List who has the right.")
    @form_options
    def command(
        organization_id: str, person: str | None, deed: str, form: str | None
    ) -> None:
        if (person is None) != (deed == LIST):
            raise click.UsageError(
                "Name a PERSON." if person is None else "--list takes no PERSON."
            )
        if person is None:
            _list(organization_id, right, form)
        elif deed == ADD:
            _add(organization_id, person, right, form)
        else:
            _remove(organization_id, person, right)

    return command


def describe_holders(
    session: Session,
    organization_id: str,
    people: Collection[str],
    about: str = "{noun}s among these people: {people}",
) -> list[str]:
    """Sentences about those of some people who are administrators or auditors."""
    sentences = []
    for right in Right:
        holders = list_holders(session, organization_id, right)
        if held := [person for person in holders if person in people]:
            sentences.append(about.format(noun=right.noun, people=", ".join(held)))
    return sentences


def describe_roster_rights(
    session: Session, organization_id: str, diff: RosterRowDiffs
) -> list[str]:
    """Sentences about the rights of people whom a roster would change or remove."""
    stay = {row.after.external_id for row in diff.people if row.after is not None}
    leave = {row.before.external_id for row in diff.people if row.before is not None}
    return [
        *describe_holders(session, organization_id, stay),
        *describe_holders(
            *(session, organization_id, leave - stay),
            "no longer {noun}s, because they are not in this file: {people}",
        ),
    ]


def _help(right: Right, what: str) -> str:
    noun = f"an {right.noun}"
    return f"""Make PERSON (an external id) {noun} of the agency ID.

    {what} --add prints a code with which the person enrols a device for reading.
    --remove takes the right away at once. PERSON need not be in the roster; a person
    who leaves the roster is no longer {noun}.
    """


def _add(organization_id: str, person: str, right: Right, form: str | None) -> None:
    deps = dependencies()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        organization = get_organization(session, organization_id)
        holder, code = add_holder(
            *(session, deps.keyring, organization_id, person, right),
            *(deps.clock(), COMMAND_LINE),
        )
    document = {
        "organization": organization_id,
        "person": holder.external_id,
        "code": code,
    }
    print_result(document, list_columns.CODE, form)
    print_note(describe_code_end(organization, deps.clock()))
    if not holder.listed:
        print_note(
            f"{holder.external_id} is not in the roster: this {right.noun} is never "
            "asked"
        )


def _remove(organization_id: str, person: str, right: Right) -> None:
    now = dependencies().clock()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        remove_holder(session, organization_id, person, right, now, COMMAND_LINE)
    click.echo(f"{right.noun}: removed")


def _list(organization_id: str, right: Right, form: str | None) -> None:
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        holders = list_holders(session, organization_id, right)
    document = {"people": [{"external_id": person} for person in holders]}
    print_result(document, list_columns.PEOPLE, form)


admin = make_command(
    Right.ADMIN,
    "Administrators set up the agency by API and read everything.",
)
auditor = make_command(
    Right.AUDITOR,
    "Auditors read the audit, and nothing else for being one.",
)
