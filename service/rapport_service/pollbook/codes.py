"""Enrolment codes: short enough to type, too many to guess."""

import hashlib
import hmac
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O or U to misread."""

SYMBOLS = 12
"""Twelve symbols of five bits: 60 random bits."""

_ALLOWED = frozenset(ALPHABET)
_READ_AS = str.maketrans("ILO", "110")


def new_code(organization_id: str) -> str:
    """A code such as ``acme-7QFM-29XK-T4WD``."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
    return "-".join([organization_id, *_fours(symbols)])


def normal_form(text: str) -> tuple[str, str] | None:
    """Reads a code as people type it: any case, any spacing, look-alike letters.

    Its last twelve letters and digits are the code, those before are the organization.

    Returns:
        The organization's id and the code in its normal form; None for anything that
        cannot be a code.
    """
    typed = "".join(filter(str.isalnum, text))
    organization = typed[:-SYMBOLS].lower()
    symbols = typed[-SYMBOLS:].upper().translate(_READ_AS)
    if not typed.isascii() or len(symbols) != SYMBOLS or not set(symbols) <= _ALLOWED:
        return None
    return organization, "-".join([organization, *_fours(symbols)])


def keyed_hash(key: bytes, text: str) -> bytes:
    """How codes and client secrets are stored: useless without the service's secret."""
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _fours(symbols: str) -> list[str]:
    return [symbols[at : at + 4] for at in range(0, len(symbols), 4)]
