"""A service that is too busy to answer."""

from peer.faults import instead
from peer.service import problem
from rapport_client import Response


def busy(wish, status=503, **headers):
    """A service that asks for patience, in its own words."""
    response = problem(status, "busy", retry="later")
    return instead(
        Response(
            status, {**response.headers, "retry-after": wish, **headers}, response.body
        )
    )
