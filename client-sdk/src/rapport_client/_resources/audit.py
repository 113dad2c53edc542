"""The audit: who changed what in the agency."""

from datetime import datetime

from rapport_client._resources.calls import list_all
from rapport_client._resources.operation import Exchange, R_co, Resource, operation
from rapport_client._resources.references import utc_text
from rapport_client.models import AuditAction, AuditEntry


class Audit(Resource[R_co]):
    """Changes by people and programs. For administrators and auditors."""

    @operation("list_audit")
    def list(
        self,
        *,
        action: AuditAction | None = None,
        actor_id: str | None = None,
        subject_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Exchange[tuple[AuditEntry, ...]]:
        """The entries of the audit, the newest first.

        Draws, syncs and the enrolment of phones are never listed.

        Args:
            action: the kind of change; every kind if None.
            actor_id: of the person or program that made it; everybody if None.
            subject_id: of what was changed; everything if None.
            since: the earliest time, with a time zone.
            until: the time before which the list ends, with a time zone.
        """
        return list_all(
            AuditEntry,
            "audit",
            "entries",
            action=action,
            actor_id=actor_id,
            subject_id=subject_id,
            since=None if since is None else utc_text(since),
            until=None if until is None else utc_text(until),
        )
