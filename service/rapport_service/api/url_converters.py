"""Ids in addresses: UUIDs, and a word to whoever tries a name instead."""

from uuid import UUID

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import UUIDConverter


class InvalidIdError(NotFound):
    """No resource can have this address: where its id should be stands another word."""

    description = (
        "The id in this address must be a UUID; lists such as /v1/teams tell it as id."
    )


class StrictUuidConverter(UUIDConverter):
    """Takes any word in an id's place, to say what is wrong with it."""

    regex = r"[^/]+"

    def to_python(self, value: str) -> UUID:
        """The id; only in the form that lists give it in.

        Raises:
            NotAnIdError: anything else.
        """
        try:
            found = UUID(value)
        except ValueError as error:
            raise InvalidIdError from error
        if str(found) != value.lower():
            raise InvalidIdError
        return found


def register(app: Flask) -> None:
    """Takes the place of werkzeug's own converter."""
    app.url_map.converters["uuid"] = StrictUuidConverter
