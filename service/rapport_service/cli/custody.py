"""``rapport held``."""

from collections.abc import Callable

import click
from sqlalchemy.orm import Session

from rapport_service.agency.service import get_organization
from rapport_service.cli.mistakes import told
from rapport_service.cli.output import ACTOR, json_option, show
from rapport_service.cli.tick import ORDER_TELLS, tidy_or_owe
from rapport_service.db import Door, transaction
from rapport_service.record.models import Wave
from rapport_service.record.service import UnknownWaveError, get_wave
from rapport_service.waves import custody
from rapport_service.waves.custody import NotSealedError, Numbers
from rapport_service.wiring import wiring


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
    with told(), transaction(Door.SEAL) as session:
        wave = _find(session, organization_id, wave_id)
        found = custody.look(session, wave, ACTOR, wiring().clock())
    _show(wave_id, found, as_json=as_json)


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
    _show(wave_id, _act(organization_id, wave_id, custody.revalidate), as_json=as_json)


@held.command()
@click.argument("organization_id", metavar="ORGANIZATION")
@click.argument("wave_id", metavar="WAVE")
@json_option
def discard(organization_id: str, wave_id: str, *, as_json: bool) -> None:
    """Destroy all that is held of a wave, for good.

    Its ballots stay used: whoever sends the same again hears that it is held.
    """
    found = _act(organization_id, wave_id, custody.discard)
    with told():
        tidy_or_owe(ORDER_TELLS)
    _show(wave_id, found, as_json=as_json)


def _act(
    organization_id: str, wave_id: str, action: Callable[..., None]
) -> Numbers | None:
    """Does it; the numbers after it, where the wave is sealed."""
    with told(), transaction(Door.SEAL) as session:
        wave = _find(session, organization_id, wave_id)
        action(session, wave, ACTOR, wiring().clock())
        try:
            return custody.numbers(session, wave)
        except NotSealedError:
            return None


def _find(session: Session, organization_id: str, wave_id: str) -> Wave:
    get_organization(session, organization_id)
    wave = get_wave(session, wave_id)
    if wave.organization_id != organization_id:
        raise UnknownWaveError(wave_id)
    return wave


def _show(wave_id: str, found: Numbers | None, *, as_json: bool) -> None:
    show(
        {"wave": wave_id, "held": found},
        (f"{reason}\t{band}" for reason, band in (found or {}).items()),
        as_json=as_json,
    )
