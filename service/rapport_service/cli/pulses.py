"""``rapport pulse``."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import click

from rapport_schemas.planning import PulsesReplySchema
from rapport_service.agency.service import get_organization
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import json_option, print_note, print_result
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.registry.models import Pulse
from rapport_service.waves.documents import pulse_document
from rapport_service.waves.planning import create_pulse, list_pulses, stop_pulse


@click.group()
def pulse() -> None:
    """Recurring pulses: the rule by which waves are planned."""


@pulse.command()
@click.argument("organization_id", metavar="ID")
@click.option(
    "--first-opens",
    required=True,
    type=click.DateTime(["%Y-%m-%dT%H:%M"]),
    help="Local date and time of the first opening, such as 2027-01-11T09:00.",
)
@click.option("--every-weeks", default=2, show_default=True)
@click.option("--open-days", default=7, show_default=True)
@click.option("--announce-days", default=7, show_default=True)
@click.option("--grace-days", default=7, show_default=True)
@json_option
def create(
    organization_id: str,
    first_opens: datetime,
    every_weeks: int,
    open_days: int,
    announce_days: int,
    grace_days: int,
    *,
    as_json: bool,
) -> None:
    """Create a pulse for the agency ID, in its time zone; prints the pulse's id."""
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        created = create_pulse(
            session,
            organization_id,
            first_opens,
            every_weeks=every_weeks,
            open_days=open_days,
            announce_days=announce_days,
            grace_days=grace_days,
        )
        zone = ZoneInfo(get_organization(session, organization_id).time_zone)
    pulse_id = str(created.pulse_id)
    print_result({"id": pulse_id}, [pulse_id], as_json=as_json)
    if first_opens.replace(tzinfo=zone) < dependencies().clock():
        print_note(
            "the first opening is in the past: only those still to come are asked"
        )


@pulse.command("list")
@click.argument("organization_id", metavar="ID")
@json_option
def list_(organization_id: str, *, as_json: bool) -> None:
    """List pulses: id, first opening, lengths, and whether stopped, tabs between."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        found = list_pulses(session, organization_id)
    print_result(
        PulsesReplySchema().dump({"pulses": [pulse_document(one) for one in found]}),
        map(_format_row, found),
        as_json=as_json,
        columns=("id", "first opens", "lengths", "stopped"),
    )


@pulse.command()
@click.argument("organization_id", metavar="ID")
@click.argument("pulse_id", type=click.UUID)
def stop(organization_id: str, pulse_id: UUID) -> None:
    """Plan no more waves of a pulse."""
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        found = stop_pulse(session, organization_id, pulse_id)
    if not found:
        raise click.ClickException("no such pulse")
    click.echo("pulse: stopped")


def _format_row(pulse: Pulse) -> str:
    lengths = (
        f"every {pulse.every_weeks} weeks, open {pulse.open_days} days, announced "
        f"{pulse.announce_days} days before, sealed {pulse.grace_days} days after"
    )
    state = [] if pulse.active else ["stopped"]
    return "\t".join([str(pulse.pulse_id), pulse.first_opens, lengths, *state])
