"""``rapport secret``: another secret for the service."""

import click

from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.lifecycle.vacuum import PRIVATE_KEY_TABLES, vacuum_or_defer
from rapport_service.pollbook.secrets import ENDED, renew_keys, rotate_secret
from rapport_service.tables import list_columns


@click.group("secret")
def secret() -> None:
    """Replace RAPPORT_SECRET, under which the keys of the service are kept."""


@secret.command()
@click.option(
    "--compromised",
    is_flag=True,
    help="Somebody else may have had the secret and a copy of the database. Replace "
    "the keys too; every phone must then enrol again.",
)
@form_options
def rotate(*, compromised: bool, form: str | None) -> None:
    """Keep the keys of the service under RAPPORT_SECRET from now on.

    Set RAPPORT_SECRET to the new secret and RAPPORT_SECRET_PREVIOUS to the old one,
    restart every worker, and run this command. Then restart every worker without
    RAPPORT_SECRET_PREVIOUS. Phones, programs and codes notice nothing.

    Whoever has the old secret and an old backup can still open the keys. If that can
    be, use --compromised. It prints what ends and what goes on. It refuses to run if
    the keys are under RAPPORT_SECRET already: that may be the secret that somebody has.
    """
    deps = dependencies()
    act = (deps.data_keys.secrets, deps.clock(), COMMAND_LINE)
    if not compromised:
        with reporting_errors():
            with transaction(Door.POLL_BOOK) as session:
                is_rotated = rotate_secret(session, *act)
            vacuum_or_defer(deps.clock, PRIVATE_KEY_TABLES)
        done = "rotated" if is_rotated else "is the one of this database already"
        click.echo(f"secret: {done}")
        if is_rotated:
            print_note(
                "restart every worker without RAPPORT_SECRET_PREVIOUS. Keep the old "
                "secret as long as you keep backups that were made before"
            )
        return
    with reporting_errors():
        with transaction(Door.POLL_BOOK) as session:
            renewal = renew_keys(session, *act)
        vacuum_or_defer(deps.clock, PRIVATE_KEY_TABLES)
    waves = [wave.public_id for wave in renewal.waves_at_risk]
    document = {
        "effects": [{"what": what, "effect": effect} for what, effect in ENDED.items()],
        "waves_at_risk": waves,
    }
    print_result(document, list_columns.KEY_RENEWAL, form)
    print_note(
        "somebody who had the keys can have acted as any administrator. Look through "
        "`rapport audit` for programs, codes, administrators and supervisors that were "
        "made since. Revoke or remove those that nobody of yours made"
    )
    if waves:
        print_note(
            "somebody who had the keys can have made ballots of these waves. If that "
            "can be, cancel them with `rapport wave cancel WAVE --reason TEXT`: "
            f"{', '.join(waves)}"
        )
