"""Check of an envelope made for the published test key; pure, stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapport_schemas.errors import ErrorCode, FieldError
from rapport_service.envelope.hpke import (
    EnvelopeUnopenableError,
    envelope_info,
    open_envelope,
)
from rapport_service.envelope.test_key import TEST_KEY
from rapport_service.instrument.answers import AnswersInvalid, parse_plaintext
from rapport_service.instrument.bank import Instrument

UNOPENED = FieldError(
    "",
    ErrorCode.WRONG_FORMAT,
    "does not open. Check that it was made for the published test key, and that its "
    "info has exactly this ballot_key_id, ballot_hash and charter_digest.",
)
"""The advice for an envelope that does not open: HPKE gives no other reason."""


@dataclass(frozen=True)
class EnvelopeCheck:
    """The result of a check.

    Attributes:
        opens: it was made with the test key and this ballot key, ballot and charter.
        valid: a seal would count what is inside.
        errors: the rules that the content breaks, or what to check if it does not open.
    """

    opens: bool
    valid: bool
    errors: Sequence[FieldError] = ()


def check_envelope(
    envelope: bytes,
    kid: str,
    ballot_hash: bytes,
    charter_digest: bytes,
    instrument: Instrument,
) -> EnvelopeCheck:
    """Does with an envelope what the sealing job would do, and says what is wrong."""
    info = envelope_info(kid, ballot_hash, charter_digest)
    try:
        parse_plaintext(instrument, open_envelope(TEST_KEY, envelope, info))
    except EnvelopeUnopenableError:
        return EnvelopeCheck(opens=False, valid=False, errors=[UNOPENED])
    except AnswersInvalid as invalid:
        return EnvelopeCheck(opens=True, valid=False, errors=invalid.errors)
    return EnvelopeCheck(opens=True, valid=True)
