"""``/v1/pulses``: recurring pulses, for administrators."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint

from rapport_schemas.planning import PulseDocument, PulseRequest, PulsesReply
from rapport_schemas.problems import Problem
from rapport_service.api.auth import demands
from rapport_service.api.contract import Loaded, gives, takes
from rapport_service.api.problems import ProblemError
from rapport_service.db import Door, reading, transaction
from rapport_service.pollbook.tokens import Bearer, Scope
from rapport_service.record.models import Pulse
from rapport_service.waves.plan import create_pulse, list_pulses, stop_pulse

blueprint = Blueprint("pulses", __name__)

MOST_BYTES = 4 * 1024


@blueprint.get("/v1/pulses")
@demands(Scope.ADMIN)
@gives(PulsesReply)
def get_pulses(bearer: Bearer) -> object:
    """Every pulse, stopped ones too."""
    with reading(Door.POLL_BOOK) as session:
        found = list_pulses(session, bearer.organization_id)
    return {"pulses": [told_pulse(pulse) for pulse in found]}


@blueprint.post("/v1/pulses")
@demands(Scope.ADMIN)
@takes(PulseRequest, MOST_BYTES)
@gives(PulseDocument, status=201)
def post_pulse(sent: Loaded, bearer: Bearer) -> object:
    """Creates a pulse; its waves are planned a week before each is announced."""
    first_opens = datetime.fromisoformat(sent.pop("first_opens"))
    with transaction(Door.POLL_BOOK) as session:
        pulse = create_pulse(session, bearer.organization_id, first_opens, **sent)
    return told_pulse(pulse)


@blueprint.post("/v1/pulses/<uuid:pulse_id>/stop")
@demands(Scope.ADMIN)
@gives(None, Problem.PULSE_NOT_FOUND, status=204)
def post_pulse_stop(bearer: Bearer, pulse_id: UUID) -> object:
    """Plans no more waves of a pulse; what is planned already runs to its end."""
    with transaction(Door.POLL_BOOK) as session:
        found = stop_pulse(session, bearer.organization_id, pulse_id)
    if not found:
        raise ProblemError(Problem.PULSE_NOT_FOUND)
    return None


def told_pulse(pulse: Pulse) -> dict[str, object]:
    """A pulse as ``PulseDocument`` has it."""
    return {
        "id": pulse.pulse_id,
        "first_opens": pulse.first_opens,
        "every_weeks": pulse.every_weeks,
        "open_days": pulse.open_days,
        "announce_days": pulse.announce_days,
        "grace_days": pulse.grace_days,
        "active": pulse.active,
    }
