"""Pages of lists: keyset paging on a list's unique order.

A page begins after a sort key, not at a number of rows. So rows that come or go between
two pages move no other row: whatever is there all the time is on exactly one page. A
row that comes is seen if its place has not been passed yet.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from rapport_service.encoding.cursor import SortKey

Row = TypeVar("Row")
Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class PageRequest:
    """The part of a list that is wanted.

    Attributes:
        limit: the most rows; None is no limit.
        after: the sort key of the row before it; None is the beginning.
    """

    limit: int | None = None
    after: SortKey | None = None


WHOLE_LIST = PageRequest()


@dataclass(frozen=True)
class Page(Generic[Row]):
    """A part of a list.

    Attributes:
        rows: in the list's order.
        last_key: the sort key of the last row, where more rows follow; None at the end.
    """

    rows: Sequence[Row]
    last_key: SortKey | None = None


def select_page(
    statement: Statement,
    order: Sequence[InstrumentedAttribute[Any]],
    wanted: PageRequest,
    *,
    descending: bool = False,
) -> Statement:
    """The statement of a page, and of one row more, which says whether more follow.

    Args:
        statement: of all rows that the reader may see.
        order: the columns that they are sorted by, unique together.
        wanted: the page.
        descending: whether the largest come first.
    """
    place: ColumnElement[Any] = tuple_(*order)
    if wanted.after is not None:
        statement = statement.where(
            place < wanted.after if descending else place > wanted.after
        )
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit + 1)
    return statement.order_by(
        *(column.desc() if descending else column for column in order)
    )


def load_page(
    session: Session,
    statement: Select[Row],
    order: Sequence[InstrumentedAttribute[Any]],
    wanted: PageRequest,
) -> Page[Row]:
    """A page of objects, which have the columns of the order as attributes."""
    rows = session.scalars(select_page(statement, order, wanted)).all()
    return cut_page(rows, wanted, lambda row: key_of(row, order))


def slice_page(
    rows: Sequence[Row], wanted: PageRequest, key: Callable[[Row], SortKey]
) -> Page[Row]:
    """A page of rows in memory, in any order.

    For lists whose rights no statement can express.
    """
    following = sorted(
        (row for row in rows if wanted.after is None or key(row) > wanted.after),
        key=key,
    )
    return cut_page(following, wanted, key)


def cut_page(
    rows: Sequence[Row], wanted: PageRequest, key: Callable[[Row], SortKey]
) -> Page[Row]:
    """The page of rows that begin where it does and may go on after it."""
    if wanted.limit is None or len(rows) <= wanted.limit:
        return Page(rows)
    return Page(rows[: wanted.limit], key(rows[wanted.limit - 1]))


def key_of(row: object, order: Sequence[InstrumentedAttribute[Any]]) -> SortKey:
    """The sort key of a row."""
    return tuple(getattr(row, column.key) for column in order)
