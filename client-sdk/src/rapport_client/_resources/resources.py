"""Resources that both clients have."""

from typing import Generic

from rapport_client._http import Response
from rapport_client._resources.audit import Audit
from rapport_client._resources.clients import Clients
from rapport_client._resources.envelopes import Envelopes
from rapport_client._resources.markers import Markers
from rapport_client._resources.operation import R_co
from rapport_client._resources.organization import OrganizationResource
from rapport_client._resources.people import People
from rapport_client._resources.pulses import Pulses
from rapport_client._resources.roster import RosterResource
from rapport_client._resources.service import Service
from rapport_client._resources.session import Session
from rapport_client._resources.teams import Teams
from rapport_client._resources.waves import Waves


class Resources(Generic[R_co]):
    """The resources of a client, and what it knows of its last call.

    Args:
        runner: runs the exchanges of the client.
        session: the state that all its calls share.
    """

    def __init__(self, runner: R_co, session: Session) -> None:
        self._session = session
        self.service: Service[R_co] = Service(runner)
        self.organization: OrganizationResource[R_co] = OrganizationResource(runner)
        self.roster: RosterResource[R_co] = RosterResource(runner)
        self.people: People[R_co] = People(runner)
        self.teams: Teams[R_co] = Teams(runner)
        self.pulses: Pulses[R_co] = Pulses(runner)
        self.waves: Waves[R_co] = Waves(runner)
        self.envelopes: Envelopes[R_co] = Envelopes(runner)
        self.markers: Markers[R_co] = Markers(runner)
        self.clients: Clients[R_co] = Clients(runner)
        self.audit: Audit[R_co] = Audit(runner)

    @property
    def last_response(self) -> Response | None:
        """The response to the newest call, with its ``request_id``; None before it."""
        return self._session.last_response
