"""``rapport wave``."""

from datetime import UTC, datetime

import click

from rapport_service.charter.dates import KEEP_SECONDS, YEARS, late_dates, retirement
from rapport_service.charter.document import Dates
from rapport_service.cli.mistakes import told
from rapport_service.db import Door, transaction
from rapport_service.record.service import get_wave
from rapport_service.waves.plan import plan_wave
from rapport_service.waves.service import cancel as cancel_wave
from rapport_service.wiring import wiring


class Instant(click.ParamType[datetime]):
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
        if at is None or at.tzinfo is None or at.year not in YEARS:
            self.fail(
                f"{value!r} needs a form such as 2027-01-11T09:00:00Z", param, ctx
            )
        return at.astimezone(UTC)


INSTANT = Instant()


@click.group()
def wave() -> None:
    """Single waves: plan one outright, cancel one."""


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
def plan(
    organization_id: str,
    announces_at: datetime,
    opens_at: datetime,
    closes_at: datetime,
    seals_at: datetime,
    late_at: tuple[datetime, datetime] | None,
    retires_at: datetime | None,
) -> None:
    """Plan one wave for the agency ID; prints the wave's id.

    The instants increase, and do not begin in the past.
    """
    dates = Dates(
        announces_at,
        opens_at,
        closes_at,
        seals_at,
        late_at or late_dates(seals_at),
        retires_at or retirement(closes_at),
        KEEP_SECONDS,
    )
    with told(), transaction(Door.SEAL) as session:
        planned = plan_wave(session, organization_id, dates, wiring().clock())
    click.echo(planned.public_id)


@wave.command()
@click.argument("wave_id", metavar="WAVE")
@click.option("--reason", required=True, help="Told to everybody who could answer.")
def cancel(wave_id: str, reason: str) -> None:
    """Cancel a wave before its seal: its answers are destroyed."""
    with told(), transaction(Door.SEAL) as session:
        cancel_wave(
            session,
            get_wave(session, wave_id),
            reason,
            "command line",
            wiring().clock(),
        )
