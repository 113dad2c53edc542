"""Exceptions of an agency's data: rosters, organizations, people, teams."""

from rapport_schemas.errors import DocumentInvalidError


class RosterInvalidError(DocumentInvalidError):
    """The roster contradicts itself; ``errors`` names each place."""


class OrganizationInvalidError(Exception):
    """An organization cannot be made like this; the message says why."""


class UnknownOrganizationError(Exception):
    """No organization has this id."""


class UnknownPersonError(Exception):
    """No listed person of the organization has this external id."""


class UnknownTeamError(Exception):
    """No listed team of the organization has this id."""
