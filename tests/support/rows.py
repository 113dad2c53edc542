"""Looking at rows as whoever holds a dump of the database would."""

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.core.db import Base, db
from tests.support.service import Agency

Row = TypeVar("Row", bound=Base)


def rows_of(table: type[Row], agency: Agency) -> list[Row]:
    """An organization's rows of a table in key order, through no door."""
    keys = table.__table__.primary_key.columns
    with Session(db.engine) as session:
        return list(
            session.scalars(
                select(table)
                .where(table.__table__.columns["organization_id"] == agency.id)
                .order_by(*keys)
            )
        )
