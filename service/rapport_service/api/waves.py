"""``/v1/waves``: single waves, for administrators."""

from datetime import datetime

from flask import Blueprint

from rapport_schemas.planning import (
    CancelRequest,
    PlannedWave,
    WaveRequest,
    WavesReply,
)
from rapport_schemas.problems import Problem
from rapport_service.api.auth import actor, demands
from rapport_service.api.contract import Loaded, gives, takes
from rapport_service.charter.dates import KEEP_SECONDS, late_dates, retirement
from rapport_service.charter.document import Dates, instant
from rapport_service.db import Door, reading, transaction
from rapport_service.pollbook.tokens import Bearer, Scope
from rapport_service.record.models import Wave
from rapport_service.record.service import UnknownWaveError, get_wave
from rapport_service.waves.plan import list_waves, plan_wave
from rapport_service.waves.service import cancel
from rapport_service.wiring import wiring

blueprint = Blueprint("waves", __name__)

MOST_BYTES = 4 * 1024


@blueprint.get("/v1/waves")
@demands(Scope.ADMIN)
@gives(WavesReply)
def get_waves(bearer: Bearer) -> object:
    """Every wave with its dates and where it is in its life."""
    with reading(Door.POLL_BOOK) as session:
        found = list_waves(session, bearer.organization_id)
    return {"waves": [told_wave(wave) for wave in found]}


@blueprint.post("/v1/waves")
@demands(Scope.ADMIN)
@takes(WaveRequest, MOST_BYTES)
@gives(PlannedWave, status=201)
def post_wave(sent: Loaded, bearer: Bearer) -> object:
    """Plans one wave outright; it may last seconds."""
    now = wiring().clock()
    with transaction(Door.POLL_BOOK) as session:
        wave = plan_wave(session, bearer.organization_id, _dates(sent), now)
    return told_wave(wave)


@blueprint.post("/v1/waves/<wave>/cancel")
@demands(Scope.ADMIN)
@takes(CancelRequest, MOST_BYTES)
@gives(None, Problem.NOT_FOUND, Problem.WAVE_ENDED, status=204)
def post_wave_cancellation(sent: Loaded, bearer: Bearer, wave: str) -> object:
    """Cancels a wave before its seal: answers destroyed, ballots dead. Audited."""
    cancelled_by = actor(bearer)
    with transaction(Door.SEAL) as session:
        found = get_wave(session, wave)
        if found.organization_id != bearer.organization_id:
            raise UnknownWaveError(wave)
        cancel(session, found, sent["reason"], cancelled_by, wiring().clock())
    return None


def _dates(sent: Loaded) -> Dates:
    announces, opens, closes, seals = (
        datetime.fromisoformat(sent[name])
        for name in ("announces_at", "opens_at", "closes_at", "seals_at")
    )
    late = tuple(datetime.fromisoformat(at) for at in sent.get("late_at", ()))
    first, second = late or late_dates(seals)
    retires = sent.get("retires_at")
    return Dates(
        announces,
        opens,
        closes,
        seals,
        (first, second),
        retirement(closes) if retires is None else datetime.fromisoformat(retires),
        KEEP_SECONDS,
    )


def told_wave(wave: Wave) -> dict[str, object]:
    """A wave as ``PlannedWave`` has it."""
    return {
        "id": wave.public_id,
        "pulse": wave.pulse_id,
        "state": wave.state.value,
        "announces_at": instant(wave.announces_at),
        "opens_at": instant(wave.opens_at),
        "closes_at": instant(wave.closes_at),
        "seals_at": instant(wave.seals_at),
        "late_at": [instant(wave.late_at_1), instant(wave.late_at_2)],
        "retires_at": instant(wave.retires_at),
        "reason": wave.cancel_reason,
    }
