"""``rapport doctor``: checks of a service, each with its remedy."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click
from sqlalchemy import select

from rapport_schemas.enums import WaveState
from rapport_service import health, migrate
from rapport_service.agency.team_sizes import load_team_sizes
from rapport_service.cli.check_result import CheckResult
from rapport_service.cli.output import form_options, print_result, reporting_errors
from rapport_service.cli.postgres_checks import check_postgres
from rapport_service.cli.sealing_checks import check_sealing
from rapport_service.cli.size_sentences import describe_sizes
from rapport_service.cli.wave_checks import check_waves
from rapport_service.core.data_keys import (
    DataKeys,
    DataKeysMissingError,
    SecretMismatchError,
    list_data_keys,
    unwrap_keyring,
)
from rapport_service.core.database_errors import DATABASE_ERRORS, diagnose
from rapport_service.core.db import Door, db, read_transaction
from rapport_service.core.dependencies import Dependencies, dependencies
from rapport_service.registry.models import Pulse, Wave
from rapport_service.tables import list_columns


@click.command()
@form_options
def doctor(form: str | None) -> None:
    """Check database, secret, people, time zones, clock, waves, pulses and seals.

    Prints one line for each check and changes nothing. Exit status 1 means that a check
    failed; its line says what to do.
    """
    with reporting_errors():
        results = list(_run_checks(dependencies()))
    print_checks(results, form)


def print_checks(results: Sequence[CheckResult], form: str | None) -> None:
    """Prints the results of checks; exit status 1 if one failed."""
    print_result(
        {"checks": [asdict(result) for result in results]},
        list_columns.CHECKS,
        form,
    )
    if not all(result.ok for result in results):
        raise click.exceptions.Exit(1)


def _run_checks(deps: Dependencies) -> Iterator[CheckResult]:
    """Runs the checks in order, without those that need one that failed."""
    try:
        current, newest = migrate.revisions(db.engine)
        missing = migrate.missing_roles(db.engine)
    except DATABASE_ERRORS as error:
        broken = str(diagnose(error, db.engine.url))
        yield CheckResult("database", ok=False, detail=broken)
        return
    yield CheckResult(
        "database", ok=True, detail=f"the database ({db.engine.dialect.name}) answers"
    )
    yield CheckResult(
        "roles",
        ok=not missing,
        detail=(
            "some database roles are missing. Run `rapport db roles`."
            if missing
            else "each door of the service has its role in the database"
        ),
    )
    try:
        migrate.require_own_revision(current)
    except migrate.UnknownSchemaError as error:
        yield CheckResult("schema", ok=False, detail=str(error))
        return
    if current != newest:
        behind = (
            "the database has no schema yet, or an older one. Run `rapport db upgrade`."
        )
        yield CheckResult("schema", ok=False, detail=behind)
        return
    yield CheckResult(
        "schema", ok=True, detail=f"its tables are those of this version: {current}"
    )
    yield from check_postgres(db.engine)
    if not missing:
        yield _check_write()
        yield _check_secret(deps.data_keys)
        yield from _check_people()
        yield from check_waves(deps.clock())
        yield from check_sealing(deps)


def _check_write() -> CheckResult:
    try:
        health.check_write()
    except DATABASE_ERRORS as error:
        refused = str(diagnose(error, db.engine.url))
        return CheckResult("write", ok=False, detail=refused)
    return CheckResult("write", ok=True, detail="the database takes writes")


def _check_secret(data_keys: DataKeys) -> CheckResult:
    """Whether the keys in the database open with the secret, and with which."""
    with read_transaction(Door.POLL_BOOK) as session:
        rows = list_data_keys(session)
    try:
        unwrap_keyring(rows, data_keys.secrets)
    except (SecretMismatchError, DataKeysMissingError) as error:
        return CheckResult("secret", ok=False, detail=str(error))
    if not all(map(data_keys.secrets.is_current, rows)):
        detail = (
            "the database still needs RAPPORT_SECRET_PREVIOUS. Run `rapport secret "
            "rotate`, then restart every worker without it."
        )
    elif data_keys.secrets.previous is not None:
        detail = (
            "RAPPORT_SECRET belongs to this database. RAPPORT_SECRET_PREVIOUS is not "
            "needed any more, once every worker has the new one."
        )
    else:
        detail = "RAPPORT_SECRET belongs to this database"
    return CheckResult("secret", ok=True, detail=detail)


def _check_people() -> Iterator[CheckResult]:
    """Whether each agency with a pulse or a planned wave has enough people, and where.

    A team that is too small for a score of its own is told and does not fail the check.
    """
    few: list[str] = []
    small: list[str] = []
    with read_transaction(Door.POLL_BOOK) as session:
        asking = session.scalars(
            select(Pulse.organization_id)
            .where(Pulse.active)
            .union(select(Wave.organization_id).where(Wave.state == WaveState.PLANNED))
        ).all()
        for organization_id in sorted(asking):
            sizes = load_team_sizes(session, organization_id)
            if sizes.can_be_asked:
                show = f"`rapport organization show {organization_id}`"
                small += describe_sizes(sizes, show)
            else:
                few.append(
                    f"{organization_id} has {sizes.eligible} people who can answer and "
                    f"needs {sizes.min_pool}"
                )
    if few:
        remedy = (
            f"{'; '.join(few)}. No wave is announced until then. Add people with "
            "`rapport roster put`."
        )
        yield CheckResult("people", ok=False, detail=remedy)
    else:
        enough = "each agency has enough people for its waves"
        yield CheckResult("people", ok=True, detail=enough)
    for sentence in small:
        yield CheckResult("sizes", ok=True, detail=sentence)
