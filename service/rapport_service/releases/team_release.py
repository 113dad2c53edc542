"""Release of one team, as it is stored and as a sealing folder keeps it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TeamRelease:
    """Release of one team.

    Attributes:
        status: whether the team itself is released, as the document says.
        document: the score document, as presented to every role.
        figures: stored for later waves; None where the team itself is not released.
    """

    status: str
    document: bytes
    figures: str | None
