"""Exceptions of the poll book."""

from rapport_schemas.errors import DocumentInvalidError, ErrorCode, FieldError


class CodeUnknownError(Exception):
    """No enrolment code reads like this."""


class CodeUsedError(Exception):
    """Another device has used the code, or this one did and its reply arrived."""


class CodeExpiredError(Exception):
    """The code is too old."""


class ReadingCodeRefusedError(Exception):
    """The code would let an administrator act as another one, or as an auditor."""


class GrantInvalidError(Exception):
    """The refresh token is unknown, used up, or its family is revoked."""


class ClientInvalidError(Exception):
    """No client has this id, or the secret is wrong."""


class ClientUnknownError(Exception):
    """No client of the organization has this id."""


class ClientRevokedError(Exception):
    """The client was revoked, for good."""


class ClientLimitError(DocumentInvalidError):
    """A client that is limited to teams asks for the whole roster or the audit."""

    def __init__(self) -> None:
        limit = "must be empty for a client that may do more than read reports"
        super().__init__([FieldError("/team_ids", ErrorCode.CONFLICT, limit)])


class TokenInvalidError(Exception):
    """The text is not an access token of this service."""


class TokenExpiredError(TokenInvalidError):
    """The access token was valid and has expired."""


class DeviceRevokedError(Exception):
    """The device may read and draw no more; ballots it has drawn stay valid."""
