"""Client of the poll book: enrols, pulls and draws, and renews its tokens."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from rapport_client._http import Flow, drive
from rapport_client._outbox.enrolment import Enrolment
from rapport_client._outbox.origins import Origins
from rapport_client._protocol import base64url
from rapport_client._protocol.access_tokens import KeySet, TokenIdentity
from rapport_client._protocol.draw import DrawRequest, DrawResult, draw
from rapport_client._protocol.pull import TaggedDocument, pull_list
from rapport_client._protocol.tokens import Tokens, redeem_code, refresh_tokens
from rapport_client._sync.clock import ServerDate
from rapport_client._sync.gated_transport import GatedTransport
from rapport_client._wording import bilingual_wording
from rapport_client.errors import (
    AlreadyEnrolled,
    CodeForReading,
    MoveRefused,
    ProblemError,
)

T = TypeVar("T")

_ALREADY_ENROLLED_MESSAGE = bilingual_wording(
    "a person is enrolled here already, and the ballots and answers here are that"
    " person's; for a new code of the same person, use --again (again=True); for"
    " another person, choose another name with --person (person=)",
    "aquí ya se inscribió una persona, y las papeletas y respuestas son suyas; para"
    " otro código de la misma persona, use --again (again=True); para otra persona,"
    " elija otro nombre con --person (person=)",
)

_FOREIGN_TOKENS_MESSAGE = bilingual_wording(
    "{} gave tokens that the service of this device did not sign for this person;"
    " nothing was changed; ask your agency for the right address",
    "{} dio tokens que el servicio de este dispositivo no firmó para esta persona; no"
    " se cambió nada; pida a su organización la dirección correcta",
)


class PollBook:
    """The authenticated door, for one person.

    Args:
        origins: reads the addresses of the service.
        enrolment: where codes and tokens are stored.
        transport: carries requests.
        now: the device's clock.
    """

    def __init__(
        self,
        origins: Callable[[], Origins],
        enrolment: Enrolment,
        transport: GatedTransport,
        now: Callable[[], datetime],
    ) -> None:
        self._origins = origins
        self._enrolment = enrolment
        self._transport = transport
        self._now = now

    @property
    def is_enrolled(self) -> bool:
        """Whether this device was ever enrolled."""
        return self._enrolment.exists()

    def enrol(self, code: str, *, again: bool) -> None:
        """Enrols the device; does nothing if it is enrolled with this code.

        Args:
            code: the enrolment code.
            again: the person who is enrolled here has another code.

        Raises:
            AlreadyEnrolled: with another code, and ``again`` is false.
            CodeForReading: the code is not for answering; the enrolment stays as it is.
            RapportError: as ``redeem_code`` does; the code may be tried again.
        """
        if self._enrolment.is_enrolled_with(code):
            return
        if self._enrolment.exists() and not again:
            raise AlreadyEnrolled(_ALREADY_ENROLLED_MESSAGE)
        origins = self._origins()
        tokens = self._redeem(origins, code)
        self._enrolment.begin(code, tokens, self._now_seconds(), origins)

    def identify(self, keys: KeySet) -> TokenIdentity | None:
        """The identity of this person's token; None if none of the keys signed it."""
        token = self._enrolment.last_access_token()
        return None if token is None else keys.identify(token)

    def move(self, origins: Origins, keys: KeySet, code: str | None) -> None:
        """Renews the tokens at other addresses of the service, which are then stored.

        Args:
            origins: of a service whose keys have signed this person's token.
            keys: of that service.
            code: a new code of the same person; None presents the refresh token.

        Raises:
            MoveRefused: the new token is not of the same service and person.
            RapportError: as ``refresh_tokens`` and ``enrol`` do.
        """
        identity = self.identify(keys)
        tokens = self._refresh(origins) if code is None else self._redeem(origins, code)
        if identity is None or keys.identify(tokens.access_token) != identity:
            raise MoveRefused(_FOREIGN_TOKENS_MESSAGE.format(origins.server))
        if code is None:
            self._enrolment.renew(tokens, self._now_seconds(), origins)
        else:
            self._enrolment.begin(code, tokens, self._now_seconds(), origins)

    def pull(
        self, stored: TaggedDocument | None
    ) -> tuple[TaggedDocument, ServerDate | None]:
        """The newest list of waves, and the date of the reply if it had one.

        The list is the stored one itself if that is the newest.
        """
        listed = self._run_authenticated(
            lambda token: pull_list(self._origins().server, token, stored)
        )
        return listed, self._transport.last_date

    def draw(self, requests: Sequence[DrawRequest]) -> dict[str, DrawResult]:
        """Has blinded values signed."""
        return self._run_authenticated(
            lambda token: draw(self._origins().server, token, requests)
        )

    def _run_authenticated(self, flow: Callable[[str], Flow[T]]) -> T:
        """Runs a flow with a valid token, renewing it once if it is refused."""
        token = self._enrolment.access_token(self._now_seconds())
        if token is not None:
            try:
                return drive(flow(token), self._transport.send)
            except ProblemError as problem:
                if problem.status != HTTPStatus.UNAUTHORIZED:
                    raise
        return drive(flow(self._renew_token()), self._transport.send)

    def _renew_token(self) -> str:
        tokens = self._refresh(self._origins())
        self._enrolment.renew(tokens, self._now_seconds())
        return tokens.access_token

    def _refresh(self, origins: Origins) -> Tokens:
        refresh_token = self._enrolment.refresh_token()
        return drive(
            refresh_tokens(origins.server, refresh_token), self._transport.send
        )

    def _redeem(self, origins: Origins, code: str) -> Tokens:
        """The tokens that a code for answering gives."""
        device = self._enrolment.device_for(code)
        tokens = drive(redeem_code(origins.server, code, device), self._transport.send)
        if not tokens.may_answer:
            raise CodeForReading(base64url.encode(device))
        return tokens

    def _now_seconds(self) -> int:
        return int(self._now().timestamp())
