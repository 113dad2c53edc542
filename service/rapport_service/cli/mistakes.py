"""What went wrong, said to somebody at a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import DBAPIError

from rapport_service.agency.errors import (
    OrganizationInvalidError,
    RosterInvalidError,
    UnknownOrganizationError,
    UnknownPersonError,
)
from rapport_service.charter.dates import DatesInvalidError
from rapport_service.record.service import UnknownWaveError
from rapport_service.waves.plan import PulseInvalidError
from rapport_service.waves.service import WaveEndedError


@contextmanager
def told() -> Iterator[None]:
    """Turns refusals of the service into plain messages and exit status 1."""
    try:
        yield
    except RosterInvalidError as error:
        lines = [f"{mistake.field}: {mistake.rule}" for mistake in error.mistakes]
        raise click.ClickException("\n".join(lines)) from error
    except UnknownOrganizationError as error:
        raise click.ClickException(f"no organization {error}") from error
    except UnknownPersonError as error:
        raise click.ClickException(f"no such person in the roster: {error}") from error
    except UnknownWaveError as error:
        raise click.ClickException(f"no such wave: {error}") from error
    except WaveEndedError as error:
        raise click.ClickException("the wave is sealed or cancelled already") from error
    except (OrganizationInvalidError, DatesInvalidError, PulseInvalidError) as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        raise click.ClickException(
            f"the database failed ({type(error.orig).__name__}): does it answer at "
            "RAPPORT_DATABASE_URL, and has `rapport db upgrade` been run?"
        ) from error
