"""The instrument: everything that a phone shows, in all its languages."""

from marshmallow import Schema, fields

from rapport_schemas.enums import ItemConstruct, WaveContext
from rapport_schemas.fields import BoundedInteger, Word


class PhraseSchema(Schema):
    """The same words in each language."""

    en = fields.String(required=True)
    es = fields.String(required=True)


class ScaleSchema(Schema):
    """The lowest and the highest answer."""

    min = BoundedInteger(1, 5)
    max = BoundedInteger(1, 5)


class AnswerOptionSchema(PhraseSchema):
    """One answer, and its label."""

    value = BoundedInteger(1, 5)


class ItemSchema(PhraseSchema):
    """One question."""

    id = fields.String(required=True)
    construct = Word(ItemConstruct)
    reversed = fields.Boolean(required=True)


class ContextOptionSchema(PhraseSchema):
    """One answer to the context question, and its label."""

    value = Word(WaveContext)


class ContextQuestionSchema(PhraseSchema):
    """The question about the last weeks; never scored."""

    id = fields.String(required=True)
    options = fields.List(fields.Nested(ContextOptionSchema), required=True)


class InstrumentSchema(Schema):
    """The questions, their answers, and the forms of which a device draws one.

    A form names the items that it shows beside the anchor, in the order shown.
    """

    instrument = fields.String(required=True)
    scale = fields.Nested(ScaleSchema, required=True)
    lead_in = fields.Nested(PhraseSchema, required=True)
    options = fields.List(fields.Nested(AnswerOptionSchema), required=True)
    na = fields.Nested(PhraseSchema, required=True)
    skip = fields.Nested(PhraseSchema, required=True)
    items = fields.List(fields.Nested(ItemSchema), required=True)
    context = fields.Nested(ContextQuestionSchema, required=True)
    forms = fields.List(fields.List(fields.String()), required=True)
