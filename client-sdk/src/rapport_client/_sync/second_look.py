"""Second look at a charter: fetched again without credentials, hours after the first.

A service that wants to tell a person apart could show them a charter of their own. It
knows who asks when the list of pulses was fetched a moment ago. Hours later, and
before anything is sent, it does not.
"""

from rapport_client._protocol import base64url
from rapport_client._protocol.pull import charter_path
from rapport_client._pulses.charter import parse_charter
from rapport_client._sync.account import DeviceFile
from rapport_client.errors import (
    DocumentRefused,
    ProblemError,
    RetryLater,
    TransportFailure,
    UnexpectedReply,
)


def look_again(file: DeviceFile) -> None:
    """Fetches the charters that are due; what could not be fetched stays due.

    Only a charter of the same wave is another charter: whatever else replies, such as
    a network that wants a login first, has nothing to say about it.

    Args:
        file: the outbox file.
    """
    for seen in file.seen_charters.due(file.clock.now()):
        try:
            body = file.fetch_document(charter_path(seen.wave_id))
            digest = base64url.digest(body)
            if digest != seen.digest:
                parse_charter(body, digest, seen.wave_id)
        except (TransportFailure, RetryLater):
            return
        except (ProblemError, UnexpectedReply, DocumentRefused):
            continue
        file.seen_charters.record_second_look(seen, changed=digest != seen.digest)
