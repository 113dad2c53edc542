"""``rapport audit``: changes in an agency, and their authors."""

from datetime import datetime

import click

from rapport_schemas.audit import AuditReplySchema
from rapport_schemas.enums import AuditAction
from rapport_schemas.names import normalize_name
from rapport_service.agency.audit import EntryFilter, entry_document, list_entries
from rapport_service.agency.service import get_organization
from rapport_service.cli.output import (
    Section,
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.cli.waves import INSTANT
from rapport_service.core.db import Door, read_transaction
from rapport_service.core.paging import PageRequest
from rapport_service.tables.audit_columns import AUDIT, AUDIT_SUMMARY


@click.command()
@click.argument("organization_id", metavar="ID")
@click.option(
    "--action",
    type=click.Choice([action.value for action in AuditAction]),
    help="Show only this kind of change.",
)
@click.option("--actor", help="Show only what this person or program did.")
@click.option("--subject", help="Show only changes of this person, program or wave.")
@click.option(
    "--since", type=INSTANT, help="First time to show, such as 2027-01-04T09:00:00Z."
)
@click.option("--until", type=INSTANT, help="Time at which to end.")
@click.option(
    "--limit", type=click.IntRange(min=1), help="The most entries to show. [all]"
)
@form_options
def audit(
    organization_id: str,
    action: str | None,
    actor: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    form: str | None,
) -> None:
    """Show who changed what in the agency ID, the newest first.

    Columns: time, actor, action, subject, number of changes. --csv has a row for each
    change, and --json has all of it.

    Draws, syncs and the enrolment of phones are never recorded. They would show who
    takes part.
    """
    actor_id, subject_id = (
        None if id_ is None else normalize_name(id_) for id_ in (actor, subject)
    )
    wanted = EntryFilter(
        *(None if action is None else AuditAction(action), actor_id, subject_id),
        *(since, until),
    )
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        page = list_entries(session, organization_id, PageRequest(limit), wanted)
    entries = [entry_document(entry) for entry in page.rows]
    document = AuditReplySchema().dump({"entries": entries, "next": None})
    section = Section(AUDIT_SUMMARY, [document])
    print_result(document, AUDIT, form, sections=[section])
    if page.last_key is not None:
        print_note("there are older entries. To see them, use a larger --limit")
