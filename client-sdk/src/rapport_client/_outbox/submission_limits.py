"""How much one request may hold, as the service published it last."""

from rapport_client._outbox.namespace import Namespace
from rapport_client._protocol.pull import Limits

_LIMITS_KIND = "limits"
_DEFAULT_LIMITS = Limits(items=10, bytes=64 * 1024)


def read_limits(namespace: Namespace) -> Limits:
    """What was published last; careful ones where nothing was."""
    return namespace.get_readable(_LIMITS_KIND, Limits) or _DEFAULT_LIMITS


def save_limits(namespace: Namespace, limits: Limits) -> None:
    """Keeps what the service published; writes only what is new."""
    if read_limits(namespace) != limits:
        with namespace.write() as rows:
            namespace.put(rows, _LIMITS_KIND, limits)
