"""The report on the reliability of the questions, as frozen with the newest release."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_service.registry.models import Reliability, Wave
from rapport_service.reports.service import NothingMeasuredError


def load_reliability(session: Session, organization_id: str) -> bytes:
    """The newest report of an organization, as stored.

    Raises:
        NothingMeasuredError: there is none yet.
    """
    document = session.scalar(
        select(Reliability.document)
        .join(
            Wave,
            (Wave.organization_id == Reliability.organization_id)
            & (Wave.wave_id == Reliability.wave_id),
        )
        .where(Reliability.organization_id == organization_id)
        .order_by(Wave.seals_at.desc(), Wave.wave_id, Reliability.number.desc())
        .limit(1)
    )
    if document is None:
        raise NothingMeasuredError
    return document
