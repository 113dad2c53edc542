"""The service itself: whether it works, and what it publishes without a login."""

from collections.abc import Mapping

from rapport_client._json import JsonObject
from rapport_client._protocol import replies
from rapport_client._resources.operation import (
    Call,
    Exchange,
    R_co,
    Resource,
    operation,
)
from rapport_client._resources.references import AnyWave, quoted, wave_id
from rapport_client.errors import UnexpectedReply

Document = Mapping[str, object]
"""A document as its JSON has it."""


class Service(Resource[R_co]):
    """Documents that anybody may read; they are asked for without credentials."""

    @operation("get_health")
    def health(self) -> Exchange[None]:
        """Asks whether the service runs; raises what keeps it from that."""
        yield from _fetch("/healthz")

    @operation("get_readiness")
    def readiness(self) -> Exchange[None]:
        """Asks whether the service can work; raises what keeps it from that.

        Raises:
            ProblemError: ``detail`` says what is wrong, such as its database.
        """
        yield from _fetch("/readyz")

    @operation("get_well_known_jwks")
    def access_token_keys(self) -> Exchange[Document]:
        """The public keys of access tokens (RFC 7517)."""
        return (yield from _fetch("/.well-known/jwks.json"))

    @operation("get_openapi")
    def openapi(self) -> Exchange[Document]:
        """The published description of the whole API (OpenAPI 3.1)."""
        return (yield from _fetch("/v1/openapi.json"))

    @operation("list_problems")
    def problems(self) -> Exchange[Document]:
        """Explanations of all problems: meanings, and what to do."""
        return (yield from _fetch("/problems"))

    @operation("get_problem")
    def problem(self, code: str) -> Exchange[Document]:
        """Explanation of a problem, by the ``code`` of a ``ProblemError``."""
        return (yield from _fetch(f"/problems/{quoted(code)}"))

    @operation("get_charter")
    def charter(self, wave: AnyWave) -> Exchange[Document]:
        """The charter of a wave: its promise, frozen before the first answer."""
        return (yield from _fetch(f"/v1/waves/{quoted(wave_id(wave))}/charter"))

    @operation("get_instrument")
    def instrument(self, digest: str) -> Exchange[Document]:
        """The questions that a charter names by ``instrument_digest``."""
        return (yield from _fetch(f"/v1/instruments/{quoted(digest)}"))

    @operation("get_ballot_key")
    def ballot_key(self, ballot_key_id: str) -> Exchange[Document]:
        """A public key that a charter names by ``ballot_key_id`` (RFC 7517)."""
        return (yield from _fetch(f"/v1/keys/{quoted(ballot_key_id)}"))


def _fetch(path: str) -> Exchange[Document]:
    response = yield Call("GET", path, is_anonymous=True, is_repeatable=True)
    body = replies.read_body(response)
    return JsonObject.from_json(body, path, UnexpectedReply).raw
