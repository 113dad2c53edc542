"""What can be wrong with an agency's data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with what was sent: where it stands, and the rule it breaks."""

    field: str
    rule: str


class RosterInvalidError(Exception):
    """The roster contradicts itself; ``mistakes`` names each place."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(f"{len(errors)} mistakes")
        self.errors = errors


class OrganizationInvalidError(Exception):
    """An organization cannot be made like this; the message says why."""


class UnknownOrganizationError(Exception):
    """No organization has this id."""


class UnknownPersonError(Exception):
    """No listed person of the organization has this external id."""


class UnknownTeamError(Exception):
    """No listed team of the organization has this id."""
