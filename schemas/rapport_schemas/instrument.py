"""The instrument: everything that a phone shows, in all its languages."""

from marshmallow import Schema, fields, validate


class Phrase(Schema):
    """The same words in each language."""

    en = fields.String(required=True)
    es = fields.String(required=True)


class Scale(Schema):
    """The lowest and the highest answer."""

    min = fields.Integer(required=True)
    max = fields.Integer(required=True)


class AnswerOption(Phrase):
    """One answer, and what it is called."""

    value = fields.Integer(required=True)


class Item(Phrase):
    """One question. ``reversed``: a high answer means less of the construct."""

    id = fields.String(required=True)
    construct = fields.String(
        required=True, validate=validate.OneOf(["anchor", "trust", "communication"])
    )
    reversed = fields.Boolean(required=True)


class ContextOption(Phrase):
    """One answer to the context question, and what it is called."""

    value = fields.String(
        required=True, validate=validate.OneOf(["normal", "stretched", "crisis"])
    )


class ContextQuestion(Phrase):
    """What the last weeks were like; never scored."""

    id = fields.String(required=True)
    options = fields.List(fields.Nested(ContextOption), required=True)


class Instrument(Schema):
    """The questions, their answers, and the forms of which a device draws one.

    A form names the items that it shows beside the anchor, in the order shown.
    """

    instrument = fields.String(required=True)
    scale = fields.Nested(Scale, required=True)
    lead_in = fields.Nested(Phrase, required=True)
    options = fields.List(fields.Nested(AnswerOption), required=True)
    na = fields.Nested(Phrase, required=True)
    skip = fields.Nested(Phrase, required=True)
    items = fields.List(fields.Nested(Item), required=True)
    context = fields.Nested(ContextQuestion, required=True)
    forms = fields.List(fields.List(fields.String()), required=True)
