"""Looking at whole tables from outside of every door, as somebody with a backup can."""

from collections.abc import Iterable

from sqlalchemy import select

from rapport_service.core.db import Base, db


def values_by_column(
    tables: Iterable[str], organization_id: str
) -> dict[str, set[object]]:
    """Every value that an organization's rows hold, by column name; no small ones.

    Booleans, small numbers and nulls say nothing by being equal.
    """
    found: dict[str, set[object]] = {}
    with db.engine.connect() as connection:
        for name in tables:
            table = Base.metadata.tables[name]
            if "organization_id" not in table.c:
                continue
            rows = connection.execute(
                select(table).where(table.c.organization_id == organization_id)
            )
            for row in rows.mappings():
                for column, value in row.items():
                    if not isinstance(value, bool | int | None):
                        found.setdefault(column, set()).add(value)
    return found
