"""Whether the service can do its work, told by ``/readyz`` and ``rapport db check``."""

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from rapport_service.db import Door, db, reading
from rapport_service.keyring import Keyring
from rapport_service.migrate import is_up_to_date
from rapport_service.record.service import is_our_secret


class NotReadyError(Exception):
    """The service cannot do its work yet; the message says why, in one sentence."""


def check(keyring: Keyring) -> None:
    """Opens every door to the database once, and looks at its schema and its secret.

    Raises:
        NotReadyError: the database does not answer, a door's role cannot be taken, the
            schema is older or newer than this code, or the secret is another one.
    """
    try:
        up_to_date = is_up_to_date(db.engine)
        for door in Door:
            with reading(door) as session:
                session.scalar(select(1))
    except SQLAlchemyError as error:
        raise NotReadyError("A door to the database does not open.") from error
    if not up_to_date:
        raise NotReadyError("The schema is not the one that this version expects.")
    with reading(Door.POLL_BOOK) as session:
        if is_our_secret(session, keyring.check) is False:
            raise NotReadyError("The secret is not the one the database is kept under.")
