"""Audit log: what administrators did, on record."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from rapport_service.agency.models import AuditEntry


def append_entry(
    session: Session,
    organization_id: str,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
) -> None:
    """Appends an entry: who did what to whom or what."""
    session.add(
        AuditEntry(
            organization_id=organization_id,
            entry_id=uuid4(),
            at=at,
            actor=actor,
            action=action,
            subject=subject,
        )
    )
