"""Client of the poll book: enrols, pulls and draws, and renews its tokens."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from rapport_client._http import Flow, drive
from rapport_client._outbox.enrolment import Enrolment
from rapport_client._protocol import base64url
from rapport_client._protocol.draw import DrawRequest, DrawResult, draw
from rapport_client._protocol.pull import TaggedDocument, pull_list
from rapport_client._protocol.tokens import redeem_code, refresh_tokens
from rapport_client._sync.gated_transport import GatedTransport
from rapport_client.errors import AlreadyEnrolled, CodeForReading, ProblemError

T = TypeVar("T")

_ALREADY_ENROLLED_MESSAGE = (
    "a person is enrolled here already, and the ballots and answers here are that"
    " person's; for a new code of the same person, use --again (again=True); for"
    " another person, choose another name with --person (person=)"
)


class PollBook:
    """The authenticated door, for one person.

    Args:
        server: its origin.
        enrolment: where codes and tokens are stored.
        transport: carries requests.
        now: the device's clock.
    """

    def __init__(
        self,
        server: str,
        enrolment: Enrolment,
        transport: GatedTransport,
        now: Callable[[], datetime],
    ) -> None:
        self._server = server
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
        device = self._enrolment.device_for(code)
        tokens = drive(redeem_code(self._server, code, device), self._transport.send)
        if not tokens.may_answer:
            raise CodeForReading(base64url.encode(device))
        self._enrolment.begin(code, tokens, self._now_seconds())

    def pull(self, stored: TaggedDocument | None) -> TaggedDocument:
        """The newest list of waves; the stored one itself if that is the newest."""
        listed = self._run_authenticated(
            lambda token: pull_list(self._server, token, stored)
        )
        self._transport.confirm_clock()
        return listed

    def draw(self, requests: Sequence[DrawRequest]) -> dict[str, DrawResult]:
        """Has blinded values signed."""
        return self._run_authenticated(
            lambda token: draw(self._server, token, requests)
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
        refresh_token = self._enrolment.refresh_token()
        tokens = drive(
            refresh_tokens(self._server, refresh_token), self._transport.send
        )
        self._enrolment.renew(tokens, self._now_seconds())
        return tokens.access_token

    def _now_seconds(self) -> int:
        return int(self._now().timestamp())
