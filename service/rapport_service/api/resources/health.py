"""``/healthz`` and ``/readyz``: whether to restart the service, whether to send to it.

Both are public, say nothing about anybody, leave no log line, and ignore a query: a
probe that is set up with one must not stop a service that works.
"""

from flask import Blueprint

from rapport_schemas.health import HealthSchema
from rapport_schemas.problems import Problem
from rapport_service import health
from rapport_service.api.operation import ignore_query, response
from rapport_service.api.problems import HEALTH, ProblemError
from rapport_service.core.dependencies import dependencies

blueprint = Blueprint(HEALTH, __name__)

HEALTHY = {"status": "ok"}


@blueprint.get("/healthz")
@ignore_query
@response(HealthSchema)
def get_health() -> object:
    """Checks that the process answers. It checks nothing else."""
    return HEALTHY


@blueprint.get("/readyz")
@ignore_query
@response(HealthSchema)
def get_readiness() -> object:
    """Checks that the service can work. The detail of ``not-ready`` says why not."""
    try:
        health.check(dependencies().data_keys)
    except health.NotReadyError as error:
        raise ProblemError(Problem.NOT_READY, detail=error.detail) from error
    return HEALTHY
