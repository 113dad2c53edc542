"""Pages of lists: what every request and every reply of a list has."""

from marshmallow import Schema, fields

from rapport_schemas.fields import QueryNumber
from rapport_schemas.rules import Length

MAX_PAGE_ENTRIES = 500
DEFAULT_PAGE_ENTRIES = 100

MAX_CURSOR_LENGTH = 2000


class PageQuerySchema(Schema):
    """Page of a list: how many entries at most, and after which place."""

    limit = QueryNumber(1, MAX_PAGE_ENTRIES, default=DEFAULT_PAGE_ENTRIES)
    after = fields.String(validate=Length(1, MAX_CURSOR_LENGTH))


class NextCursor(fields.String):
    """Cursor that ``after`` must be to get the next page; null at the end."""

    def __init__(self) -> None:
        super().__init__(required=True, allow_none=True)
