"""``rapport pulse`` and ``rapport wave``: when an agency asks its people."""

from datetime import UTC, datetime
from uuid import UUID

import click

from rapport_schemas.loading import load_document
from rapport_schemas.planning import (
    CancelRequestSchema,
    CreatedPulseSchema,
    CreatedWaveSchema,
    PulsesReplySchema,
    WavesReplySchema,
)
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.agency.service import get_organization
from rapport_service.agency.team_sizes import load_team_sizes, team_sizes_document
from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import (
    KEEP_SECONDS,
    SUPPORTED_YEARS,
    retirement_date,
)
from rapport_service.cli.local_times import describe_unusual_times, format_local
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.cli.size_sentences import print_size_notes
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.registry.queries import get_wave
from rapport_service.tables import list_columns
from rapport_service.waves import planning, transitions
from rapport_service.waves.documents import (
    pulse_document,
    unusual_times_document,
    wave_document,
)


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
                f"{value!r} is not a time with its zone, such as 2027-01-11T09:00:00Z.",
                param,
                ctx,
            )
        return at.astimezone(UTC)


INSTANT = InstantParam()


@click.group()
def pulse() -> None:
    """Manage pulses: schedules that plan one wave after another."""


@pulse.command("create")
@click.argument("organization_id", metavar="ID")
@click.option(
    "--first-opens",
    required=True,
    type=click.DateTime(["%Y-%m-%dT%H:%M"]),
    help="Date and time at which the first wave opens, in the time zone of the "
    "agency, such as 2027-01-11T09:00.",
)
@click.option(
    "--every-weeks",
    default=2,
    show_default=True,
    help="Weeks from the opening of a wave to the opening of the next.",
)
@click.option(
    "--open-days",
    default=7,
    show_default=True,
    help="Days in which people can answer.",
)
@click.option(
    "--announce-days",
    default=7,
    show_default=True,
    help="Days from the announcement to the opening.",
)
@click.option(
    "--grace-days",
    default=7,
    show_default=True,
    help="Days after the close in which answers from phones still count.",
)
@form_options
def create_pulse(
    organization_id: str,
    first_opens: datetime,
    every_weeks: int,
    open_days: int,
    announce_days: int,
    grace_days: int,
    form: str | None,
) -> None:
    """Create a pulse for the agency ID. Prints the id of the pulse.

    Notes say which teams are too small for a score of their own.
    """
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        created = planning.create_pulse(
            session,
            organization_id,
            first_opens,
            dependencies().clock(),
            COMMAND_LINE,
            every_weeks=every_weeks,
            open_days=open_days,
            announce_days=announce_days,
            grace_days=grace_days,
        )
        calendar = planning.get_calendar(session, created)
        sizes = load_team_sizes(session, organization_id)
    now, zone = dependencies().clock(), calendar.zone
    document = CreatedPulseSchema().dump(
        {
            **pulse_document(created, zone.key),
            **unusual_times_document(calendar.unusual_times(now)),
            **team_sizes_document(sizes),
        }
    )
    print_result(document, list_columns.CREATED, form)
    print_size_notes(sizes)
    for sentence in describe_unusual_times(calendar, now):
        print_note(sentence)
    opens_at = calendar.next_dates(now).opens_at
    print_note(f"the first wave opens on {format_local(opens_at, zone)}")
    if first_opens.replace(tzinfo=zone) < now:
        print_note(
            "the first opening is in the past, so the pulse begins with the next one"
        )


@pulse.command("list")
@click.argument("organization_id", metavar="ID")
@form_options
def list_pulses(organization_id: str, form: str | None) -> None:
    """List pulses. Columns: id, first opening, four lengths, active or not, zone."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        zone = get_organization(session, organization_id).time_zone
        documents = [
            pulse_document(row, zone)
            for row in planning.list_pulses(session, organization_id).rows
        ]
    print_result(
        PulsesReplySchema().dump({"pulses": documents}), list_columns.PULSES, form
    )


@pulse.command("stop")
@click.argument("organization_id", metavar="ID")
@click.argument("pulse_id", type=click.UUID)
def stop_pulse(organization_id: str, pulse_id: UUID) -> None:
    """Stop a pulse: it plans no more waves. Waves that are already planned stay."""
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        planning.stop_pulse(
            session, organization_id, pulse_id, dependencies().clock(), COMMAND_LINE
        )
    click.echo("pulse: stopped")


@click.group()
def wave() -> None:
    """Plan, list and cancel single waves."""


@wave.command("plan")
@click.argument("organization_id", metavar="ID")
@click.option(
    "--announces-at",
    type=INSTANT,
    required=True,
    help="Time of the announcement, such as 2027-01-04T09:00:00Z.",
)
@click.option(
    "--opens-at",
    type=INSTANT,
    required=True,
    help="Time from which people can answer.",
)
@click.option(
    "--closes-at",
    type=INSTANT,
    required=True,
    help="Time until which people can answer.",
)
@click.option(
    "--seals-at",
    type=INSTANT,
    required=True,
    help="Time of the seal. Answers that arrive before it are counted.",
)
@click.option(
    "--retires-at",
    type=INSTANT,
    help="Time at which the wave retires. Default: 400 days after the close.",
)
@click.option(
    "--keep-seconds",
    type=click.IntRange(1, 10**9),
    default=KEEP_SECONDS,
    help="How long phones keep sent answers, to send them again if a backup is "
    "restored. Default: 14 days.",
)
@form_options
def plan_wave(
    organization_id: str,
    announces_at: datetime,
    opens_at: datetime,
    closes_at: datetime,
    seals_at: datetime,
    retires_at: datetime | None,
    keep_seconds: int,
    form: str | None,
) -> None:
    """Plan one wave for the agency ID. Prints the id of the wave.

    Each time must be later than the one before it in this list. The announcement must
    not be in the past. Notes say which teams are too small for a score of their own.
    """
    dates = WaveDates(
        announces_at,
        opens_at,
        closes_at,
        seals_at,
        retires_at or retirement_date(closes_at),
        keep_seconds,
    )
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        planned = planning.plan_wave(
            session, organization_id, dates, dependencies().clock(), COMMAND_LINE
        )
        sizes = load_team_sizes(session, organization_id)
    document = CreatedWaveSchema().dump(
        {**wave_document(planned), **team_sizes_document(sizes)}
    )
    print_result(document, list_columns.CREATED, form)
    print_size_notes(sizes)


@wave.command("list")
@click.argument("organization_id", metavar="ID")
@form_options
def list_waves(organization_id: str, form: str | None) -> None:
    """List waves. Columns: id, state, opening, close, seal, reason if cancelled."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        documents = [
            wave_document(row)
            for row in planning.list_waves(session, organization_id).rows
        ]
    print_result(
        WavesReplySchema().dump({"waves": documents}), list_columns.WAVES, form
    )


@wave.command("cancel")
@click.argument("wave_id", metavar="WAVE")
@click.option(
    "--reason", required=True, help="The reason, as phones show it to people."
)
def cancel_wave(wave_id: str, reason: str) -> None:
    """Cancel a wave before its seal and destroy all of its answers."""
    with reporting_errors(), transaction(Door.SEAL) as session:
        transitions.cancel_wave(
            session,
            get_wave(session, wave_id),
            load_document(CancelRequestSchema(), {"reason": reason})["reason"],
            COMMAND_LINE,
            dependencies().clock(),
        )
    click.echo("wave: cancelled")


@wave.command("seal")
@click.argument("wave_id", metavar="WAVE")
@click.option(
    "--accept-invalid",
    is_flag=True,
    help="Seal it without the answers that do not open or are not valid.",
)
def seal_wave(wave_id: str, *, accept_invalid: bool) -> None:
    """Let a wave be sealed whose seal is blocked by answers that are not valid.

    Look for the cause first: if an app or the service is at fault, a later version may
    be able to count these answers. Afterwards they are lost. The audit names you.
    """
    if not accept_invalid:
        raise click.UsageError(
            "`rapport seal` seals waves when they are due. To do without the answers "
            "that are not valid, add --accept-invalid."
        )
    with reporting_errors(), transaction(Door.SEAL) as session:
        transitions.accept_invalid(
            session,
            get_wave(session, wave_id),
            COMMAND_LINE,
            dependencies().clock(),
        )
    click.echo("wave: its seal goes on without the answers that are not valid")
