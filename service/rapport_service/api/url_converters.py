"""Converter for ids in addresses: UUIDs, with a hint where a name is tried."""

from uuid import UUID

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import UUIDConverter


class InvalidIdError(NotFound):
    """No resource can have this address: its id is no UUID."""

    description = (
        "Use a UUID as the ID in this address. Lists such as /v1/teams give it as id."
    )


class StrictUuidConverter(UUIDConverter):
    """Accepts any word in an id's place, so that the view can explain the error."""

    regex = r"[^/]+"

    def to_python(self, value: str) -> UUID:
        """The id, in the form that lists give it in.

        Raises:
            InvalidIdError: any other form.
        """
        try:
            parsed = UUID(value)
        except ValueError as error:
            raise InvalidIdError from error
        if str(parsed) != value.lower():
            raise InvalidIdError
        return parsed


def register(app: Flask) -> None:
    """Replaces werkzeug's own converter."""
    app.url_map.converters["uuid"] = StrictUuidConverter
