"""``rapport wave``."""

from datetime import UTC, datetime

import click

from rapport_schemas.loading import load_document
from rapport_schemas.planning import CancelRequestSchema, WavesReplySchema
from rapport_service.agency.service import get_organization
from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import (
    KEEP_SECONDS,
    SUPPORTED_YEARS,
    late_release_dates,
    retirement_date,
)
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import ACTOR, json_option, print_result
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.registry.queries import get_wave
from rapport_service.waves.documents import wave_document
from rapport_service.waves.planning import list_waves, plan_wave
from rapport_service.waves.transitions import cancel_wave


class InstantParam(click.ParamType[datetime]):
    """An ISO 8601 instant with its zone, such as 2027-01-11T09:00:00Z."""

    name = "instant"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> datetime:
        """The instant in UTC."""
        try:
            at = datetime.fromisoformat(str(value))
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or at.year not in SUPPORTED_YEARS:
            self.fail(
                f"{value!r} needs a form such as 2027-01-11T09:00:00Z", param, ctx
            )
        return at.astimezone(UTC)


INSTANT = InstantParam()


@click.group()
def wave() -> None:
    """Single waves: plan one outright, list them, cancel one."""


@wave.command()
@click.argument("organization_id", metavar="ID")
@click.option("--announces-at", type=INSTANT, required=True)
@click.option("--opens-at", type=INSTANT, required=True)
@click.option("--closes-at", type=INSTANT, required=True)
@click.option("--seals-at", type=INSTANT, required=True)
@click.option(
    "--late-at",
    type=INSTANT,
    nargs=2,
    help="Two instants; by default 14 and 28 days after the seal.",
)
@click.option("--retires-at", type=INSTANT, help="By default 400 days after the close.")
@click.option(
    "--keep-seconds",
    type=click.IntRange(1, 10**9),
    default=KEEP_SECONDS,
    help="How long phones keep what they sent, in case a backup is restored; by "
    "default 14 days.",
)
@json_option
def plan(
    organization_id: str,
    announces_at: datetime,
    opens_at: datetime,
    closes_at: datetime,
    seals_at: datetime,
    late_at: tuple[datetime, datetime] | None,
    retires_at: datetime | None,
    keep_seconds: int,
    *,
    as_json: bool,
) -> None:
    """Plan one wave for the agency ID; prints the wave's id.

    The instants increase, and do not begin in the past.
    """
    dates = WaveDates(
        announces_at,
        opens_at,
        closes_at,
        seals_at,
        late_at or late_release_dates(seals_at),
        retires_at or retirement_date(closes_at),
        keep_seconds,
    )
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        planned = plan_wave(session, organization_id, dates, dependencies().clock())
    print_result({"id": planned.public_id}, [planned.public_id], as_json=as_json)


@wave.command("list")
@click.argument("organization_id", metavar="ID")
@json_option
def list_(organization_id: str, *, as_json: bool) -> None:
    """List waves: id, state, opening, close, seal, why cancelled, tabs between."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        found = [wave_document(one) for one in list_waves(session, organization_id)]
    columns = ("id", "state", "opens_at", "closes_at", "seals_at", "reason")
    print_result(
        WavesReplySchema().dump({"waves": found}),
        ("\t".join(str(one[name] or "") for name in columns) for one in found),
        as_json=as_json,
        columns=columns,
    )


@wave.command()
@click.argument("wave_id", metavar="WAVE")
@click.option("--reason", required=True, help="Told to everybody who could answer.")
def cancel(wave_id: str, reason: str) -> None:
    """Cancel a wave before its seal: its answers are destroyed."""
    with reporting_errors(), transaction(Door.SEAL) as session:
        cancel_wave(
            session,
            get_wave(session, wave_id),
            load_document(CancelRequestSchema(), {"reason": reason})["reason"],
            ACTOR,
            dependencies().clock(),
        )
    click.echo("wave: cancelled")
