"""Envelopes: a check for programs that make their own."""

from rapport_client._json import read
from rapport_client._protocol import base64url, replies
from rapport_client._resources.operation import (
    Call,
    Exchange,
    R_co,
    Resource,
    operation,
)
from rapport_client.models import EnvelopeCheck


class Envelopes(Resource[R_co]):
    """Envelopes of a program of your own; the SDK's are tried out before they go."""

    @operation("check_envelope")
    def check(
        self,
        envelope: bytes | str,
        *,
        ballot_key_id: str,
        ballot_hash: str,
        charter_digest: str,
        instrument_digest: str,
    ) -> Exchange[EnvelopeCheck]:
        """Has the service open an envelope that was made for the published test key.

        It is asked for without credentials, and the service keeps nothing. Never give
        it the answers of a person: anybody can open an envelope for that key.

        Args:
            envelope: its 337 bytes, or these as base64url text.
            ballot_key_id: the id of the ballot's key, as it is in the envelope's info.
            ballot_hash: the hash of the ballot, base64url.
            charter_digest: the digest of the charter, base64url.
            instrument_digest: the digest of the questions that were answered.

        Raises:
            RequestInvalid: ``errors`` names the members that break rules.
        """
        response = yield Call(
            "POST",
            "/v1/envelopes/check",
            body={
                "envelope": base64url.encode(envelope)
                if isinstance(envelope, bytes)
                else envelope,
                "ballot_key_id": ballot_key_id,
                "ballot_hash": ballot_hash,
                "charter_digest": charter_digest,
                "instrument_digest": instrument_digest,
            },
            is_anonymous=True,
            is_repeatable=True,
        )
        document = replies.read_document(response, "the check of an envelope")
        return read(EnvelopeCheck, document)
