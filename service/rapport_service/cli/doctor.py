"""``rapport doctor``: is everything as it must be for the service to work?"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from rapport_service import migrate
from rapport_service.charter.electorate import TooFewPeopleError
from rapport_service.cli.output import json_option, show
from rapport_service.db import Door, db, reading
from rapport_service.keyring import Keyring
from rapport_service.pollbook import electorate
from rapport_service.record.models import Pulse, Wave, WaveState
from rapport_service.record.service import is_our_secret
from rapport_service.wiring import Wiring, wiring

PATIENCE = timedelta(minutes=10)
"""How late a wave may be before somebody should look at ``rapport tick``."""


@dataclass(frozen=True)
class Finding:
    """What was looked at, whether it is well, and what to do where it is not."""

    check: str
    ok: bool
    detail: str


@click.command()
@json_option
def doctor(*, as_json: bool) -> None:
    """Look at the database, its schema, the secret, the people and the waves.

    Prints a line each; exit status 1 where something is wrong. Changes nothing.
    """
    findings = list(_findings(wiring()))
    show(
        {"checks": [asdict(finding) for finding in findings]},
        (
            f"{'ok  ' if finding.ok else 'FAIL'} {finding.check}: {finding.detail}"
            for finding in findings
        ),
        as_json=as_json,
    )
    if not all(finding.ok for finding in findings):
        raise click.exceptions.Exit(1)


def _findings(house: Wiring) -> Iterator[Finding]:
    """Each in turn; what needs the one before is not looked at without it."""
    try:
        there, newest = migrate.revisions(db.engine)
        missing = migrate.missing_roles(db.engine)
    except DBAPIError as error:
        # Never the message, which can quote the password in the address.
        broken = f"does not answer ({type(error.orig).__name__}): RAPPORT_DATABASE_URL?"
        yield Finding("database", ok=False, detail=broken)
        return
    yield Finding("database", ok=True, detail=f"{db.engine.dialect.name} answers")
    yield Finding(
        "roles",
        ok=not missing,
        detail="run `rapport db roles`" if missing else "every door has its own",
    )
    if there != newest:
        behind = (
            "there is none yet: run `rapport db upgrade`"
            if there is None
            else f"is at {there}, not at {newest}: run `rapport db upgrade`"
        )
        yield Finding("schema", ok=False, detail=behind)
        return
    yield Finding("schema", ok=True, detail=f"is at {there}, the newest")
    if not missing:
        yield _secret(house.keyring)
        yield _people()
        yield _waves(house.clock())


def _secret(keyring: Keyring) -> Finding:
    with reading(Door.SEAL) as session:
        ours = is_our_secret(session, keyring.check)
    match ours:
        case True:
            return Finding("secret", ok=True, detail="the database is kept under it")
        case False:
            other = (
                "RAPPORT_SECRET is not the one the database is kept under: set the one "
                "it was made with"
            )
            return Finding("secret", ok=False, detail=other)
        case None:
            unknown = "not noted yet: run `rapport db upgrade`"
            return Finding("secret", ok=False, detail=unknown)


def _people() -> Finding:
    """Whether each agency that has something to ask has enough people to ask."""
    few = []
    with reading(Door.POLL_BOOK) as session:
        asking = session.scalars(
            select(Pulse.organization_id)
            .where(Pulse.active)
            .union(select(Wave.organization_id).where(Wave.state == WaveState.PLANNED))
        ).all()
        for organization_id in sorted(asking):
            try:
                electorate.check_people(session, organization_id)
            except TooFewPeopleError as error:
                few.append(f"{organization_id}: {error}")
    if few:
        remedy = f"{'; '.join(few)}: no wave is announced; `rapport roster put`"
        return Finding("people", ok=False, detail=remedy)
    return Finding("people", ok=True, detail="enough wherever something is asked")


def _waves(now: datetime) -> Finding:
    with reading(Door.SEAL) as session:
        waves = session.scalars(
            select(Wave).where(
                Wave.state.not_in((WaveState.SEALED, WaveState.CANCELLED))
            )
        ).all()
    late = sorted(wave.public_id for wave in waves if late_at(wave) < now)
    if late:
        stuck = f"late: {', '.join(late)}: does `rapport tick` run?"
        return Finding("waves", ok=False, detail=stuck)
    return Finding("waves", ok=True, detail=f"{len(waves)} on time")


def late_at(wave: Wave) -> datetime:
    """From when on a wave that has not moved on is late. Pure.

    One that is not announced when it was to open is late without further patience.
    """
    match wave.state:
        case WaveState.PLANNED:
            return min(wave.announces_at + PATIENCE, wave.opens_at)
        case WaveState.ANNOUNCED:
            return wave.opens_at + PATIENCE
        case WaveState.OPEN:
            return wave.closes_at + PATIENCE
        case _:
            return wave.seals_at + PATIENCE
