"""The agency: its settings, and whether its questions measure what they should."""

from rapport_client._json import read
from rapport_client._resources.calls import get
from rapport_client._resources.operation import Exchange, R_co, Resource, operation
from rapport_client.models import Organization, Reliability


class OrganizationResource(Resource[R_co]):
    """The agency of the caller."""

    @operation("get_organization")
    def get(self) -> Exchange[Organization]:
        """The agency and its settings."""
        return read(Organization, (yield from get("organization", "the organization")))

    @operation("get_reliability")
    def reliability(self) -> Exchange[Reliability]:
        """The report on whether the agency's questions measure what they should.

        For administrators, and for programs that are not limited to teams.
        """
        path = "organization/reliability"
        return read(Reliability, (yield from get(path, "the reliability report")))
