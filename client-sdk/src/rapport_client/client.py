"""The class for a program: reads reports and puts the roster."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from typing import Self, TypeVar

from rapport_client._http import Flow, Transport, drive, parse_origin
from rapport_client._protocol import reports
from rapport_client._protocol import roster as rosters
from rapport_client._protocol.tokens import client_credentials
from rapport_client._transport import Urllib3Transport
from rapport_client.errors import ProblemError
from rapport_client.models import (
    CurrentRoster,
    Heatmap,
    Pending,
    Reliability,
    Roster,
    RosterChanges,
    Score,
    Sustainment,
    Team,
    Trend,
    WaveReleases,
)

T = TypeVar("T")


class Client:
    """Reads reports and writes the roster as a program, with its own id and secret.

    The access token is held in memory and renewed as needed. An object belongs to one
    thread. Each method raises ``ClientInvalid`` for a wrong id or secret, another
    ``ProblemError`` if the service refuses, ``TransportFailure`` if no reply comes, and
    ``UnexpectedReply`` if the reply is not Rapport's.

    Args:
        server: the service's origin, such as ``https://rapport.example``.
        client_id: given by the agency's admin.
        secret: given with it.
        transport: carries requests; the caller closes it. urllib3 if None.

    Raises:
        ValueError: the origin is not one.
    """

    def __init__(
        self,
        server: str,
        client_id: str,
        secret: str,
        *,
        transport: Transport | None = None,
    ) -> None:
        self._server = parse_origin(server)
        self._closing = ExitStack()
        if transport is None:
            transport = Urllib3Transport()
            self._closing.callback(transport.close)
        self._send = transport.send
        self._client_id = client_id
        self._secret = secret
        self._token = ""
        self._token_expires_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._closing.close()

    def teams(self) -> list[Team]:
        """The teams that this program may read."""
        return self._run(lambda token: reports.list_teams(self._server, token))

    def score(self, team_id: str, wave_id: str | None = None) -> Score:
        """A team's score.

        Args:
            team_id: a ``Team.id``.
            wave_id: the newest sealed wave that has the team if None.

        Returns:
            ``Released``, ``RolledUp``, ``Withheld`` or ``Pending``.
        """
        return self._run(
            lambda token: reports.read_score(self._server, token, team_id, wave_id)
        )

    def trend(self, team_id: str) -> Trend:
        """A team's own scores through its newest waves, oldest first."""
        return self._run(lambda token: reports.read_trend(self._server, token, team_id))

    def heatmap(self, team_id: str, wave_id: str | None = None) -> Heatmap | Pending:
        """A team and its children side by side in one wave.

        Args:
            team_id: a ``Team.id``.
            wave_id: the newest sealed wave that has the team if None.
        """
        return self._run(
            lambda token: reports.read_heatmap(self._server, token, team_id, wave_id)
        )

    def releases(self, wave_id: str) -> WaveReleases:
        """The releases of a wave, with the digests that they commit to."""
        return self._run(
            lambda token: reports.read_releases(self._server, token, wave_id)
        )

    def sustainment(self, team_id: str, marker_id: str | None = None) -> Sustainment:
        """A team's trust and communication before, during and after a marker.

        Args:
            team_id: a ``Team.id``.
            marker_id: the newest one that was analysed if None.

        Returns:
            A ``SustainmentFinding``, or a ``NoFinding`` with the reason.
        """
        return self._run(
            lambda token: reports.read_sustainment(
                self._server, token, team_id, marker_id
            )
        )

    def reliability(self) -> Reliability:
        """The report on whether the agency's questions measure what they should.

        For programs that are not limited to teams.
        """
        return self._run(lambda token: reports.read_reliability(self._server, token))

    def get_roster(self) -> CurrentRoster:
        """The agency's roster as it is now, and the ETag of this version."""
        return self._run(lambda token: rosters.get_roster(self._server, token))

    def put_roster(
        self,
        roster: Roster,
        *,
        confirm_removals: int | None = None,
        if_match: str | None = None,
    ) -> RosterChanges:
        """Puts the agency's whole roster; the same roster again changes nothing.

        Waits up to two minutes for the service. If its reply is lost, asks the service
        for up to two more minutes whether it has this roster.

        Args:
            roster: every team and person, as they are now.
            confirm_removals: how many people are to be removed, if they are more than
                ten and more than a tenth of the agency.
            if_match: the ETag of the roster that this one is to replace.

        Raises:
            RemovalsUnconfirmed: many people would be removed, and ``confirm_removals``
                is not their number. Nothing was changed.
            PreconditionFailed: the roster is not the one that ``if_match`` names.
                Nothing was changed.
            OutcomeUnknown: the reply was lost, and the service does not have this
                roster now.
        """
        return self._run(
            lambda token: rosters.put_roster(
                self._server,
                token,
                roster,
                confirm_removals=confirm_removals,
                if_match=if_match,
            )
        )

    def _run(self, flow: Callable[[str], Flow[T]]) -> T:
        """Runs a flow with a valid token, renewing it once if it is refused."""
        if time.monotonic() < self._token_expires_at:
            try:
                return drive(flow(self._token), self._send)
            except ProblemError as problem:
                if problem.status != HTTPStatus.UNAUTHORIZED:
                    raise
        self._renew()
        return drive(flow(self._token), self._send)

    def _renew(self) -> None:
        requested_at = time.monotonic()
        tokens = drive(
            client_credentials(self._server, self._client_id, self._secret), self._send
        )
        self._token = tokens.access_token
        self._token_expires_at = requested_at + tokens.expires_in
