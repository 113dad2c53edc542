"""What went wrong, said to somebody at a terminal."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy.exc import DBAPIError

from rapport_service.agency.errors import (
    Mistake,
    OrganizationInvalidError,
    RosterInvalidError,
    UnknownOrganizationError,
    UnknownPersonError,
)
from rapport_service.api.problems import ProblemError
from rapport_service.charter.dates import DatesInvalidError
from rapport_service.pollbook.errors import (
    ClientLimitError,
    ClientRevokedError,
    ClientUnknownError,
)
from rapport_service.readiness import OtherSecretError
from rapport_service.record.markers import UnknownMarkerError
from rapport_service.record.service import UnknownWaveError
from rapport_service.waves.custody import NotSealedError
from rapport_service.waves.plan import PulseInvalidError
from rapport_service.waves.service import WaveEndedError
from rapport_service.writers import WriterBusyError

BUSY = "somebody else is writing to the database: try again"

SAID: dict[type[Exception], str] = {
    UnknownOrganizationError: "no organization {}",
    UnknownPersonError: "no such person in the roster: {}",
    UnknownWaveError: "no such wave: {}",
    UnknownMarkerError: "no such marker: {}",
    ClientUnknownError: "no such client: {}",
    ClientRevokedError: "the client was revoked, for good",
    WaveEndedError: "the wave is sealed or cancelled already",
    NotSealedError: "there are no numbers before the seal, nor of a cancelled wave",
    OtherSecretError: "{}",
    OrganizationInvalidError: "{}",
    ClientLimitError: "{}",
    DatesInvalidError: "{}",
    PulseInvalidError: "{}",
    WriterBusyError: BUSY,
}
"""What each refusal is in plain words."""


def is_held_up(error: Exception) -> bool:
    """Whether something failed only because somebody else was at work on the same."""
    return isinstance(error, WriterBusyError) or (
        isinstance(error, DBAPIError)
        and isinstance(error.orig, (DeadlockDetected, LockNotAvailable))
    )


@contextmanager
def told() -> Iterator[None]:
    """Turns refusals of the service into plain messages and exit status 1."""
    try:
        yield
    except tuple(SAID) as error:
        raise click.ClickException(SAID[type(error)].format(error)) from error
    except RosterInvalidError as error:
        raise click.ClickException(_lines(error.mistakes)) from error
    except ProblemError as error:
        said = _lines(error.mistakes) or error.problem.kind.title
        raise click.ClickException(said) from error
    except DBAPIError as error:
        if is_held_up(error):
            raise click.ClickException(BUSY) from error
        raise click.ClickException(
            f"the database failed ({type(error.orig).__name__}): does it answer at "
            "RAPPORT_DATABASE_URL, and has `rapport db upgrade` been run?"
        ) from error


def _lines(mistakes: Sequence[Mistake]) -> str:
    return "\n".join(f"{mistake.field}: {mistake.rule}" for mistake in mistakes)
