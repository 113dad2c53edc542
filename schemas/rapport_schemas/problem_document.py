"""How every problem is told (RFC 9457)."""

from marshmallow import Schema, fields, validate

from rapport_schemas.problems import Problem, Retry


class FieldErrorSchema(Schema):
    """Where the request breaks which rule; the field is a dotted path."""

    field = fields.String(required=True)
    rule = fields.String(required=True)


class ProblemSchema(Schema):
    """What went wrong, and what to do about it.

    ``errors`` names every broken rule; ``accept`` the content types,
    ``accept_encoding`` the content codings, ``needs`` the scopes and ``limits`` the
    sizes that would have done; ``error`` is the code that
    RFC 6749 section 5.2 has for the problem. There may be other members.
    """

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(
        required=True,
        validate=validate.OneOf([problem.kind.code for problem in Problem]),
    )
    retry = fields.String(
        required=True, validate=validate.OneOf([retry.value for retry in Retry])
    )
    request_id = fields.String(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(FieldErrorSchema))
    limits = fields.Dict(keys=fields.String(), values=fields.Integer(allow_none=True))
    accept = fields.String()
    accept_encoding = fields.String()
    needs = fields.List(fields.String())
    error = fields.String()
