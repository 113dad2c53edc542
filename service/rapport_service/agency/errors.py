"""Exceptions of an agency's data: rosters, organizations, people, teams."""

from collections.abc import Sequence

from rapport_schemas.errors import DocumentInvalidError, ErrorCode, FieldError


class RosterInvalidError(DocumentInvalidError):
    """The roster contradicts itself; ``errors`` names each place."""


class RosterChangedError(Exception):
    """The roster is not the one that was to be replaced."""


class RemovalsUnconfirmedError(Exception):
    """The roster removes so many people that their number must be confirmed.

    Attributes:
        removals: how many people it removes.
        people: how many the agency has now.
    """

    def __init__(self, removals: int, people: int) -> None:
        super().__init__(f"{removals} of {people} people would be removed")
        self.removals = removals
        self.people = people


class IdUsedError(Exception):
    """An id that a client chose was used for something else, or for what is in use."""


class SeparatorInIdError(Exception):
    """A supervised team's id holds what separates such ids in a table."""


class OrganizationInvalidError(Exception):
    """An organization cannot be made like this; the message says why."""


class TimeZoneInvalidError(DocumentInvalidError):
    """There is no such time zone.

    Args:
        suggestions: names of the list that may be meant.
    """

    def __init__(self, suggestions: Sequence[str]) -> None:
        such_as = " or ".join(suggestions or ["America/New_York"])
        super().__init__(
            [
                FieldError(
                    "/time_zone",
                    ErrorCode.NOT_IN_LIST,
                    f"is no name of the IANA list of time zones. Choose one, such as "
                    f"{such_as}",
                )
            ]
        )


class TimeZoneGoneError(Exception):
    """The time zone of an organization is not known on this computer any more.

    Attributes:
        organization_id: of the organization.
        time_zone: its name.
    """

    def __init__(self, organization_id: str, time_zone: str) -> None:
        super().__init__(
            f"{organization_id} has the time zone {time_zone}, which is not known on "
            f"this computer any more. Its pulses plan no waves until you choose "
            f"another: `rapport organization set {organization_id} --time-zone ZONE`."
        )
        self.organization_id = organization_id
        self.time_zone = time_zone


class UnknownOrganizationError(Exception):
    """No organization has this id."""


class UnknownPersonError(Exception):
    """No listed person of the organization has this external id."""


class UnknownTeamError(DocumentInvalidError):
    """No listed team of the organization has such an id.

    Args:
        *pointers: where the document names one.
    """

    def __init__(self, *pointers: str) -> None:
        super().__init__(
            FieldError(pointer, ErrorCode.UNKNOWN_TEAM, "names no team of the roster")
            for pointer in pointers
        )
