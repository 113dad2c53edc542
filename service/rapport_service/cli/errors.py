"""What went wrong, said to somebody at a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from sqlalchemy.exc import DBAPIError

from rapport_schemas.errors import DocumentInvalidError, FieldError
from rapport_service.agency.errors import (
    OrganizationInvalidError,
    UnknownOrganizationError,
    UnknownPersonError,
)
from rapport_service.charter.schedule import DatesInvalidError
from rapport_service.core.db import is_lock_conflict
from rapport_service.core.write_lock import WriteLockTimeoutError
from rapport_service.health import SecretMismatchError
from rapport_service.migrate import UnknownSchemaError
from rapport_service.pollbook.errors import (
    ClientLimitError,
    ClientRevokedError,
    ClientUnknownError,
)
from rapport_service.registry.markers import UnknownMarkerError
from rapport_service.registry.queries import UnknownWaveError
from rapport_service.waves.held_content import NotSealedError
from rapport_service.waves.planning import PulseInvalidError
from rapport_service.waves.transitions import WaveEndedError

BUSY_MESSAGE = "somebody else is writing to the database: try again"

MESSAGES_BY_EXCEPTION: dict[type[Exception], str] = {
    UnknownOrganizationError: "no organization {}",
    UnknownPersonError: "no such person in the roster: {}",
    UnknownWaveError: "no such wave: {}",
    UnknownMarkerError: "no such marker: {}",
    ClientUnknownError: "no such client: {}",
    ClientRevokedError: "the client was revoked, for good",
    WaveEndedError: "the wave is sealed or cancelled already",
    NotSealedError: "there are no numbers before the seal, nor of a cancelled wave",
    SecretMismatchError: "{}",
    UnknownSchemaError: "{}",
    OrganizationInvalidError: "{}",
    ClientLimitError: "{}",
    DatesInvalidError: "{}",
    PulseInvalidError: "{}",
    WriteLockTimeoutError: BUSY_MESSAGE,
}
"""What each refusal is in plain words."""


@contextmanager
def reporting_errors() -> Iterator[None]:
    """Turns refusals of the service into plain messages and exit status 1."""
    try:
        yield
    except tuple(MESSAGES_BY_EXCEPTION) as error:
        raise click.ClickException(
            MESSAGES_BY_EXCEPTION[type(error)].format(error)
        ) from error
    except DocumentInvalidError as error:
        raise click.ClickException(_format_field_errors(error.errors)) from error
    except DBAPIError as error:
        if is_lock_conflict(error):
            raise click.ClickException(BUSY_MESSAGE) from error
        raise click.ClickException(
            f"the database failed ({type(error.orig).__name__}): does it answer at "
            "RAPPORT_DATABASE_URL, and has `rapport db upgrade` been run?"
        ) from error


def _format_field_errors(mistakes: Sequence[FieldError]) -> str:
    return "\n".join(f"{mistake.field}: {mistake.rule}" for mistake in mistakes)
