"""The agency: its settings, and whether its questions measure what they should."""

from rapport_client._json import read
from rapport_client._protocol import replies
from rapport_client._resources.calls import get
from rapport_client._resources.operation import (
    Call,
    Exchange,
    R_co,
    Resource,
    operation,
)
from rapport_client.models import Organization, Reliability


class OrganizationResource(Resource[R_co]):
    """The agency of the caller."""

    @operation("get_organization")
    def get(self) -> Exchange[Organization]:
        """The agency and its settings."""
        return read(Organization, (yield from get("organization", "the organization")))

    @operation("update_organization")
    def update(
        self, *, min_pool: int | None = None, time_zone: str | None = None
    ) -> Exchange[Organization]:
        """Changes settings of the agency, from the next charter on.

        For administrators. Waves that were announced keep what their charters say. The
        same settings again change nothing.

        Args:
            min_pool: the fewest people who share a ballot key, 5 to 25; as it is if
                None.
            time_zone: the agency's own clock, such as ``America/Denver``; as it is if
                None. Pulses keep their days and hours of the clock: waves of them that
                are not announced yet move.

        Raises:
            RequestInvalid: ``errors`` names the setting that breaks a rule.
            WindowTaken: two waves would be open at the same time by that clock.
        """
        settings = {"min_pool": min_pool, "time_zone": time_zone}
        body = {name: value for name, value in settings.items() if value is not None}
        response = yield Call(
            "PATCH", "/v1/organization", body=body, is_repeatable=True
        )
        return read(Organization, replies.read_document(response, "the organization"))

    @operation("get_reliability")
    def reliability(self) -> Exchange[Reliability]:
        """The report on whether the agency's questions measure what they should.

        For administrators, and for programs that are not limited to teams.
        """
        path = "organization/reliability"
        return read(Reliability, (yield from get(path, "the reliability report")))
