"""Readiness check of the service, for ``/readyz`` and ``rapport db check``."""

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from rapport_service.core.db import Door, db, read_transaction
from rapport_service.core.derived_keys import Keyring
from rapport_service.core.installation import is_installation_secret
from rapport_service.migrate import UnknownSchemaError, is_up_to_date


class NotReadyError(Exception):
    """The service cannot do its work yet; the message says why, in one sentence."""


class SecretMismatchError(NotReadyError):
    """The database is kept under another secret: nothing made with this one is good."""


def check(keyring: Keyring) -> None:
    """Opens every door to the database once, and looks at its schema and its secret.

    Raises:
        NotReadyError: the database does not answer, a door's role cannot be taken, the
            schema is older or newer than this code, or the secret is another one.
    """
    try:
        up_to_date = is_up_to_date(db.engine)
        for door in Door:
            with read_transaction(door) as session:
                session.scalar(select(1))
    except UnknownSchemaError as error:
        raise NotReadyError(str(error)) from error
    except SQLAlchemyError as error:
        raise NotReadyError(
            "The database does not answer, or a database role is missing."
        ) from error
    if not up_to_date:
        raise NotReadyError(
            "This version needs another schema. Run `rapport db upgrade`."
        )
    check_secret(keyring)


def check_secret(keyring: Keyring) -> None:
    """Looks at the secret alone, before anything is done with it.

    A database that cannot be asked, since it does not answer or has no schema yet, is
    let pass: the next use of it will fail and say so.

    Raises:
        SecretMismatchError: the database is kept under another secret.
    """
    try:
        with read_transaction(Door.POLL_BOOK) as session:
            ours = is_installation_secret(session, keyring.check)
    except SQLAlchemyError:
        return
    if ours is False:
        raise SecretMismatchError(
            "RAPPORT_SECRET is not the secret of this database. Set the one that it "
            "was created with."
        )
