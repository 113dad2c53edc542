"""Creations that can be sent again after a lost reply."""

from marshmallow import Schema

from rapport_schemas.fields import NewId


class CreationSchema(Schema):
    """Something new, under an id that the client may choose."""

    id = NewId()
