"""Enrolment codes: short enough to type, too many to guess."""

import hashlib
import hmac
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O or U to misread."""

SYMBOL_COUNT = 12
"""Twelve symbols of five bits: 60 random bits."""

_ALLOWED = frozenset(ALPHABET)
_LOOKALIKES = str.maketrans("ILO", "110")


def new_code(organization_id: str) -> str:
    """A code such as ``acme-7QFM-29XK-T4WD``."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOL_COUNT))
    return "-".join([organization_id, *_group_by_four(symbols)])


def normalize_code(text: str) -> tuple[str, str] | None:
    """Reads a code as people type it: any case, any spacing, look-alike letters.

    Its last twelve letters and digits are the code, those before are the organization.

    Returns:
        The organization's id and the code in its normal form; None for anything that
        cannot be a code.
    """
    typed = "".join(filter(str.isalnum, text))
    organization = typed[:-SYMBOL_COUNT].lower()
    symbols = typed[-SYMBOL_COUNT:].upper().translate(_LOOKALIKES)
    if (
        not typed.isascii()
        or len(symbols) != SYMBOL_COUNT
        or not set(symbols) <= _ALLOWED
    ):
        return None
    return organization, "-".join([organization, *_group_by_four(symbols)])


def keyed_hash(key: bytes, text: str) -> bytes:
    """Keyed hash of a code or client secret, useless without the service's secret."""
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _group_by_four(symbols: str) -> list[str]:
    return [symbols[at : at + 4] for at in range(0, len(symbols), 4)]
