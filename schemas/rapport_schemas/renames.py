"""Names of 0.1 that a request may still have, and what they are called now. Pure."""

import re
from collections.abc import Container

RENAMED_FIELDS = {
    "content": "envelope",
    "kid": "ballot_key_id",
    "marker": "marker_id",
    "team": "team_id",
    "teams": "team_ids",
    "wave": "wave_id",
}
"""Members and query parameters; one that a schema still knows is not renamed in it."""

RENAMED_PATHS = {"/v1/teams/{team_id}/scores": "/v1/teams/{team_id}/score"}


def find_new_name(old: str, known: Container[str]) -> str | None:
    """The new name of a member or query parameter, if it is one of those known."""
    new = RENAMED_FIELDS.get(old)
    return new if new in known else None


def find_new_path(path: str) -> str | None:
    """The new address of what had this path, or None."""
    for old, new in RENAMED_PATHS.items():
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", old)
        if match := re.fullmatch(pattern, path):
            return new.format_map(match.groupdict())
    return None
