"""Fault: a service that is too busy to answer."""

from fake_service.faults import reply_with
from fake_service.service import problem
from rapport_client import Response


def busy(retry_after, status=503, **headers):
    """The service's own 503 with ``Retry-After``."""
    response = problem(status, "busy", retry="later")
    return reply_with(
        Response(
            status,
            {**response.headers, "retry-after": retry_after, **headers},
            response.body,
        )
    )
