"""Check of an envelope that a program made for the published test key."""

from dataclasses import dataclass

from rapport_client.errors import FieldError


@dataclass(frozen=True)
class EnvelopeCheck:
    """Whether an envelope opens, and whether its content would be counted.

    Attributes:
        opens: whether it was made for the test key, this ballot and this charter.
        valid: whether the answers in it are written as the service counts them.
        errors: what is wrong with them.
    """

    opens: bool
    valid: bool
    errors: tuple[FieldError, ...]
