"""Creation under an id that the client may choose: once, however often it is sent."""

from collections.abc import Callable, Collection
from typing import TypeVar

from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rapport_service.agency.errors import IdUsedError
from rapport_service.core.db import Base

Row = TypeVar("Row", bound=Base)


def create_once(
    session: Session,
    wanted: Row,
    content: Collection[str],
    validate: Callable[[], object] = lambda: None,
) -> Row:
    """Adds a row, unless an earlier request with the same id has added it.

    The row of an earlier request may have changed since, and is not validated again:
    dates that have passed were good when they were sent. Of two requests at once, one
    adds the row and the other finds it.

    Args:
        session: a transaction that may write.
        wanted: the row, which nothing else refers to yet.
        content: the columns that a request sets and nothing changes afterwards.
        validate: raises if the row must not be added.

    Returns:
        ``wanted`` itself where it was added; the row that was there already otherwise.

    Raises:
        IdUsedError: the row that is there has other content.
    """
    made = _find(session, wanted)
    if made is None:
        validate()
        made = _add(session, wanted)
    if not has_same_content(made, wanted, content):
        raise IdUsedError
    return made


def has_same_content(made: Row, wanted: Row, content: Collection[str]) -> bool:
    """Whether two rows are alike in what their requests have set. Pure."""
    return all(getattr(made, name) == getattr(wanted, name) for name in content)


def _find(session: Session, wanted: Row) -> Row | None:
    mapper = inspect(type(wanted))
    return session.get(type(wanted), mapper.primary_key_from_instance(wanted))


def _add(session: Session, wanted: Row) -> Row:
    try:
        with session.begin_nested():
            session.add(wanted)
    except IntegrityError:
        made = _find(session, wanted)
        if made is None:  # something else is wrong than the key
            raise
        return made
    return wanted
