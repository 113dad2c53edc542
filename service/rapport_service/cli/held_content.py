"""``rapport held``."""

from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from rapport_service.agency.service import get_organization
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import ACTOR, json_option, print_result
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.lifecycle.vacuum import ORDER_SENSITIVE_TABLES, vacuum_or_defer
from rapport_service.registry.models import Wave
from rapport_service.registry.queries import UnknownWaveError, get_wave
from rapport_service.waves import held_content
from rapport_service.waves.held_content import HeldCounts, NotSealedError


@click.group()
def held() -> None:
    """Content in custody: its numbers after the seal, a second look, its end.

    Held is what came under a good ballot and broke a rule. Nobody can read it. It is
    discarded when its wave retires, or earlier by `discard`. Every command is audited.
    """


@held.command("show")
@click.argument("organization_id", metavar="ORGANIZATION")
@click.argument("wave_id", metavar="WAVE")
@json_option
def show_(organization_id: str, wave_id: str, *, as_json: bool) -> None:
    """Say how much is held of a sealed wave: by reason, in bands, tab between.

    Before the seal there are no numbers: exit status 1.
    """
    with reporting_errors(), transaction(Door.SEAL) as session:
        wave = _get_own_wave(session, organization_id, wave_id)
        found = held_content.audited_count_held(
            session, wave, ACTOR, dependencies().clock()
        )
    _print_held(wave_id, found, as_json=as_json)


@held.command()
@click.argument("organization_id", metavar="ORGANIZATION")
@click.argument("wave_id", metavar="WAVE")
@json_option
def revalidate(organization_id: str, wave_id: str, *, as_json: bool) -> None:
    """Read all that is held of a wave once more, after a fix of the rules.

    What can be read now counts: in the release before the seal, as late after it.
    Other content of a ballot that had spoken is never admitted. Prints what is still
    held, where the wave is sealed.
    """
    _print_held(
        wave_id,
        _run_action(organization_id, wave_id, held_content.revalidate),
        as_json=as_json,
    )


@held.command()
@click.argument("organization_id", metavar="ORGANIZATION")
@click.argument("wave_id", metavar="WAVE")
@json_option
def discard(organization_id: str, wave_id: str, *, as_json: bool) -> None:
    """Destroy all that is held of a wave, for good.

    Its ballots stay used: whoever sends the same again hears that it is held.
    """
    found = _run_action(organization_id, wave_id, held_content.discard)
    with reporting_errors():
        vacuum_or_defer(dependencies().clock, ORDER_SENSITIVE_TABLES)
    _print_held(wave_id, found, as_json=as_json)


def _run_action(
    organization_id: str, wave_id: str, action: Callable[..., None]
) -> HeldCounts | None:
    """Does it; the numbers after it, where the wave is sealed."""
    with reporting_errors(), transaction(Door.SEAL) as session:
        wave = _get_own_wave(session, organization_id, wave_id)
        action(session, wave, ACTOR, dependencies().clock())
        try:
            return held_content.count_held(session, wave)
        except NotSealedError:
            return None


def _get_own_wave(session: Session, organization_id: str, wave_id: str) -> Wave:
    get_organization(session, organization_id)
    wave = get_wave(session, wave_id)
    if wave.organization_id != organization_id:
        raise UnknownWaveError(wave_id)
    return wave


def _print_held(wave_id: str, found: HeldCounts | None, *, as_json: bool) -> None:
    print_result(
        {"wave": wave_id, "held": found},
        (f"{reason}\t{band}" for reason, band in (found or {}).items()),
        as_json=as_json,
    )
