"""The poll book as one device sees it: tokens are renewed as needed, and kept."""

from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import TypeVar

from rapport_client import b64
from rapport_client.errors import AlreadyEnrolled, CodeForReading, ProblemError
from rapport_client.flows.draw import Ask, Signed, draw
from rapport_client.flows.pull import Tagged, pull_list
from rapport_client.flows.tokens import redeem, refresh
from rapport_client.store.enrolment import Enrolment
from rapport_client.sync.line import Line
from rapport_client.wire import Flow, drive

T = TypeVar("T")

_TAKEN = (
    "somebody is enrolled here already, and the ballots and answers here are theirs;"
    " if this is a new code of the same person, say so (--again; again=True),"
    " and give anybody else a name of their own (--person; person=)"
)


class PollBook:
    """The authenticated door.

    Args:
        server: its origin.
        enrolment: where codes and tokens are kept.
        line: carries requests.
        now: the device's clock.
    """

    def __init__(
        self,
        server: str,
        enrolment: Enrolment,
        line: Line,
        now: Callable[[], datetime],
    ) -> None:
        self._server = server
        self._enrolment = enrolment
        self._line = line
        self._now = now

    @property
    def knows_us(self) -> bool:
        """Whether this device was ever enrolled."""
        return self._enrolment.exists()

    def enrol(self, code: str, *, again: bool) -> None:
        """Enrols the device; does nothing if it is enrolled with this code.

        Args:
            code: the enrolment code.
            again: the person who is enrolled here has another code.

        Raises:
            AlreadyEnrolled: somebody is, and nobody said that it is the same person.
            CodeForReading: the code is not for answering; the enrolment stays as it is.
            RapportError: as ``flows.tokens.redeem`` does; the code may be tried again.
        """
        if self._enrolment.is_with(code):
            return
        if self._enrolment.exists() and not again:
            raise AlreadyEnrolled(_TAKEN)
        device = self._enrolment.device_for(code)
        tokens = drive(redeem(self._server, code, device), self._line.send)
        if not tokens.may_answer:
            raise CodeForReading(b64.encode(device))
        self._enrolment.begin(code, tokens, self._seconds())

    def pull(self, held: Tagged | None) -> Tagged:
        """The newest list of waves; the held one itself if that is the newest."""
        listed = self._as_member(lambda token: pull_list(self._server, token, held))
        self._line.vouch()
        return listed

    def draw(self, asks: Sequence[Ask]) -> dict[str, Signed]:
        """Has blinded values signed."""
        return self._as_member(lambda token: draw(self._server, token, asks))

    def _as_member(self, flow: Callable[[str], Flow[T]]) -> T:
        """Runs a flow with a good token, renewing it once if it is refused."""
        token = self._enrolment.access_token(self._seconds())
        if token is not None:
            try:
                return drive(flow(token), self._line.send)
            except ProblemError as problem:
                if problem.status != HTTPStatus.UNAUTHORIZED:
                    raise
        return drive(flow(self._renewed()), self._line.send)

    def _renewed(self) -> str:
        refresh_token = self._enrolment.refresh_token()
        tokens = drive(refresh(self._server, refresh_token), self._line.send)
        self._enrolment.renew(tokens, self._seconds())
        return tokens.access_token

    def _seconds(self) -> int:
        return int(self._now().timestamp())
