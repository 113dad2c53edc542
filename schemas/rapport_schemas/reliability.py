"""The reliability report: do the questions measure what they should?"""

from marshmallow import Schema, fields

from rapport_schemas.enums import DOCUMENT_FORMAT, PairBand, ScaleVerdict
from rapport_schemas.fields import BoundedFloat, BoundedInteger, Instant, WaveId, Word
from rapport_schemas.reports import SentenceSchema


class IntervalSchema(Schema):
    """A 95 percent interval."""

    low = BoundedFloat(maximum=1)
    high = BoundedFloat(maximum=1)


class ItemCheckSchema(Schema):
    """How one question fits the others: its correlation with them, and its loading."""

    item_rest = BoundedFloat(-1, 1, allow_none=True)
    loading = BoundedFloat(-1, 1, allow_none=True)


class ScaleCheckSchema(Schema):
    """How well the questions of a construct measure one thing."""

    verdict = Word(ScaleVerdict)
    people_per_pair = Word(PairBand)
    alpha = BoundedFloat(maximum=1)
    alpha_interval = fields.Nested(IntervalSchema, required=True)
    omega = BoundedFloat(0, 1)
    shown_items_reliability = BoundedFloat(0, 1)
    approximate = fields.Boolean(required=True)
    items = fields.Dict(
        keys=fields.String(), values=fields.Nested(ItemCheckSchema), required=True
    )
    weak_items = fields.List(fields.String(), required=True)


class TeamCheckSchema(Schema):
    """How far a construct's scores tell fine teams without overlap apart."""

    teams = BoundedInteger(3)
    small_sample = fields.Boolean(required=True)
    icc1 = BoundedFloat(maximum=1)
    icc1_interval = fields.Nested(IntervalSchema, required=True, allow_none=True)
    icc2 = BoundedFloat(maximum=1, allow_none=True)
    icc2_interval = fields.Nested(IntervalSchema, required=True, allow_none=True)
    by_people = fields.Dict(
        keys=fields.String(), values=BoundedFloat(maximum=1), required=True
    )


class AgreementCheckSchema(Schema):
    """How far teams agree within: means over them, against uniform random answers."""

    teams = BoundedInteger(3)
    clear = BoundedInteger(0, allow_none=True)
    r_wg = BoundedFloat(0, 1, allow_none=True)
    r_star = BoundedFloat(maximum=1, allow_none=True)
    a_wg = BoundedFloat(-1, 1, allow_none=True)
    ad = BoundedFloat(0, 2, allow_none=True)


class ScaleChecksSchema(Schema):
    """Each construct; null while some pair of questions has fewer than 50 people."""

    trust = fields.Nested(ScaleCheckSchema, required=True, allow_none=True)
    communication = fields.Nested(ScaleCheckSchema, required=True, allow_none=True)
    overall = fields.Nested(ScaleCheckSchema, required=True, allow_none=True)


class TeamChecksSchema(Schema):
    """Each construct; null with fewer than three teams to compare."""

    trust = fields.Nested(TeamCheckSchema, required=True, allow_none=True)
    communication = fields.Nested(TeamCheckSchema, required=True, allow_none=True)
    overall = fields.Nested(TeamCheckSchema, required=True, allow_none=True)


class AgreementChecksSchema(Schema):
    """Each construct, and the anchor; null with fewer than three teams."""

    trust = fields.Nested(AgreementCheckSchema, required=True, allow_none=True)
    communication = fields.Nested(AgreementCheckSchema, required=True, allow_none=True)
    overall = fields.Nested(AgreementCheckSchema, required=True, allow_none=True)
    anchor = fields.Nested(AgreementCheckSchema, required=True, allow_none=True)


class ReliabilityReplySchema(Schema):
    """The report that was frozen with a release; for the administrator."""

    format = fields.Constant(DOCUMENT_FORMAT, required=True)
    wave_id = WaveId(required=True)
    release = BoundedInteger(1)
    opens_at = Instant(required=True)
    closes_at = Instant(required=True)
    wave_ids = fields.List(WaveId(), required=True)
    checked = fields.Boolean(required=True)
    scales = fields.Nested(ScaleChecksSchema, required=True)
    teams = fields.Nested(TeamChecksSchema, required=True)
    agreement = fields.Nested(AgreementChecksSchema, required=True)
    explanation = fields.List(fields.Nested(SentenceSchema), required=True)
