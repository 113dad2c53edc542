"""``rapport device``."""

import click

from rapport_service.agency.service import get_organization
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import ACTOR
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.pollbook.devices import revoke_devices


@click.group()
def device() -> None:
    """Devices that people have enrolled.

    There is no list of them: whoever has none cannot have answered, and that is
    nobody's to know.
    """


@device.command()
@click.argument("organization_id", metavar="ID")
@click.argument("people", nargs=-1, required=True)
def revoke(organization_id: str, people: tuple[str, ...]) -> None:
    """End the devices and unused codes of PEOPLE (external ids), if they have any.

    They read and draw no more. What they drew stays good, so that an answer which waits
    on a phone still counts. A new code lets somebody in again.
    """
    now = dependencies().clock()
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        for person in people:
            revoke_devices(session, organization_id, person, now, ACTOR)
    click.echo("devices: revoked, if there were any")
