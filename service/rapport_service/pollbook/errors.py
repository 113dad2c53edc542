"""What the poll book refuses."""


class CodeUnknownError(Exception):
    """No such enrolment code."""


class CodeUsedError(Exception):
    """Another device has used the code, or this one did and its reply arrived."""


class CodeExpiredError(Exception):
    """The code is too old."""


class GrantInvalidError(Exception):
    """The refresh token is unknown, used up, or its family is revoked."""


class ClientInvalidError(Exception):
    """No such client, or not its secret."""


class ClientUnknownError(Exception):
    """No client of the organization has this id."""


class ClientRevokedError(Exception):
    """The client was revoked, for good."""


class ClientLimitError(ValueError):
    """No client can be limited like this; the message says why."""


class TokenInvalidError(Exception):
    """Not an access token of this service."""


class TokenExpiredError(TokenInvalidError):
    """The access token was good and has run out."""


class DeviceRevokedError(Exception):
    """The device may read and draw no more; what it has drawn stays good."""
