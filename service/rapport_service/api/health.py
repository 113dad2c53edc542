"""``/healthz`` and ``/readyz``: whether to restart the service, whether to send to it.

Both are public, say nothing about anybody, and leave no log line.
"""

from flask import Blueprint

from rapport_schemas.health import Health
from rapport_schemas.problems import Problem
from rapport_service import readiness
from rapport_service.api.contract import gives
from rapport_service.api.problems import HEALTH, ProblemError
from rapport_service.wiring import wiring

blueprint = Blueprint(HEALTH, __name__)

WELL = {"status": "ok"}


@blueprint.get("/healthz")
@gives(Health)
def get_health() -> object:
    """The process answers; nothing else is asked."""
    return WELL


@blueprint.get("/readyz")
@gives(Health, Problem.NOT_READY)
def get_readiness() -> object:
    """The service can do its work; ``not-ready`` says in its detail why not."""
    try:
        readiness.check(wiring().keyring)
    except readiness.NotReadyError as error:
        raise ProblemError(Problem.NOT_READY, detail=str(error)) from error
    return WELL
