"""Exceptions of the poll book."""


class CodeUnknownError(Exception):
    """No enrolment code reads like this."""


class CodeUsedError(Exception):
    """Another device has used the code, or this one did and its reply arrived."""


class CodeExpiredError(Exception):
    """The code is too old."""


class GrantInvalidError(Exception):
    """The refresh token is unknown, used up, or its family is revoked."""


class ClientInvalidError(Exception):
    """No client has this id, or the secret is wrong."""


class ClientUnknownError(Exception):
    """No client of the organization has this id."""


class ClientRevokedError(Exception):
    """The client was revoked, for good."""


class ClientLimitError(ValueError):
    """A client cannot be limited like this; the message says why."""


class TokenInvalidError(Exception):
    """The text is not an access token of this service."""


class TokenExpiredError(TokenInvalidError):
    """The access token was valid and has expired."""


class DeviceRevokedError(Exception):
    """The device may read and draw no more; ballots it has drawn stay valid."""
