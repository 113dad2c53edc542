"""Entries of the audit about waves."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from rapport_schemas.enums import AuditAction, SubjectKind
from rapport_service.agency import audit
from rapport_service.agency.audit import Actor, Change, Subject
from rapport_service.encoding.timestamps import format_utc
from rapport_service.registry.models import Wave

PLANNED_DATES = ("announces_at", "opens_at", "closes_at", "seals_at", "retires_at")
"""Dates that a plan sets, each of which decides how long something is kept."""


def audit_plan(session: Session, wave: Wave, actor: Actor, now: datetime) -> None:
    """Records who planned a wave, and for when."""
    dates = {name: format_utc(getattr(wave, name)) for name in PLANNED_DATES}
    audit_wave(session, wave, actor, now, AuditAction.WAVE_PLANNED, dates)


def audit_cancellation(
    session: Session, wave: Wave, actor: Actor, now: datetime
) -> None:
    """Records who cancelled a wave, and the reason that everybody reads."""
    reason = {"reason": wave.cancel_reason}
    audit_wave(session, wave, actor, now, AuditAction.WAVE_CANCELLED, reason)


def audit_wave(
    session: Session,
    wave: Wave,
    actor: Actor,
    now: datetime,
    action: AuditAction,
    after: Mapping[str, object],
) -> None:
    """Records a change of a wave."""
    subject = Subject(SubjectKind.WAVE, wave.public_id)
    audit.append_entry(
        *(session, wave.organization_id, now, actor, action, subject),
        [Change(subject, None, after)],
    )
