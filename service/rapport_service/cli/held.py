"""``rapport held``: content that is kept uncounted because it breaks a rule."""

from collections.abc import Callable

import click

from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.agency.service import get_organization
from rapport_service.cli.output import (
    form_options,
    print_result,
    reporting_errors,
)
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES, vacuum_or_defer
from rapport_service.registry.queries import get_own_wave
from rapport_service.tables import list_columns
from rapport_service.waves import held_content
from rapport_service.waves.held_content import HeldCounts, NotSealedError


@click.group()
def held() -> None:
    """Count, check again or destroy held answers.

    Held answers came with a good ballot, but break a rule, so they are kept and not
    counted. Nobody can read them. They are destroyed when their wave retires. The audit
    log records each of these commands.
    """


@held.command("show")
@click.argument("organization_id", metavar="ID")
@click.argument("wave_id", metavar="WAVE")
@form_options
def show_(organization_id: str, wave_id: str, form: str | None) -> None:
    """Show how many answers of a sealed wave are held.

    Columns: reason, number as a band. Before the seal there are no
    numbers, and the exit status is 1.
    """
    with reporting_errors(), transaction(Door.SEAL) as session:
        get_organization(session, organization_id)
        wave = get_own_wave(session, organization_id, wave_id)
        counts = held_content.audited_count_held(
            session, wave, COMMAND_LINE, dependencies().clock()
        )
    _print_held(wave_id, counts, form)


@held.command()
@click.argument("organization_id", metavar="ID")
@click.argument("wave_id", metavar="WAVE")
@form_options
def revalidate(organization_id: str, wave_id: str, form: str | None) -> None:
    """Check all held answers of a wave again, after the rules were corrected.

    Before the seal, answers that are good now are counted in the release. After it,
    they are stored as late. A second, different answer under the same ballot is never
    counted. Prints the numbers that are still held if the wave is sealed.
    """
    _print_held(
        wave_id,
        _run_action(organization_id, wave_id, held_content.revalidate),
        form,
    )


@held.command()
@click.argument("organization_id", metavar="ID")
@click.argument("wave_id", metavar="WAVE")
@form_options
def discard(organization_id: str, wave_id: str, form: str | None) -> None:
    """Destroy all held answers of a wave, for good.

    Their ballots stay used. A phone that sends such an answer again is told that it is
    held.
    """
    counts = _run_action(organization_id, wave_id, held_content.discard)
    with reporting_errors():
        vacuum_or_defer(dependencies().clock, ORDER_SENSITIVE_TABLES)
    _print_held(wave_id, counts, form)


def _run_action(
    organization_id: str, wave_id: str, action: Callable[..., None]
) -> HeldCounts | None:
    """Runs an action on a wave; the counts after it, if the wave is sealed."""
    with reporting_errors(), transaction(Door.SEAL) as session:
        get_organization(session, organization_id)
        wave = get_own_wave(session, organization_id, wave_id)
        action(session, wave, COMMAND_LINE, dependencies().clock())
        try:
            return held_content.count_held(session, wave)
        except NotSealedError:
            return None


def _print_held(wave_id: str, counts: HeldCounts | None, form: str | None) -> None:
    print_result({"wave_id": wave_id, "held": counts}, list_columns.HELD, form)
