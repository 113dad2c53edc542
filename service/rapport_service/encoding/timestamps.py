"""Timestamps as documents and the wire write them (RFC 3339)."""

from datetime import UTC, datetime, timedelta


def format_utc(at: datetime) -> str:
    """Return an instant in UTC with whole seconds and ``Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def format_iso_week(at: datetime) -> str:
    """Return the ISO week of an instant in UTC, such as ``2027-W09``."""
    return at.astimezone(UTC).strftime("%G-W%V")


def end_of_iso_week(week: str) -> datetime:
    """Return the instant at which an ISO week ends."""
    monday = datetime.strptime(f"{week}-1", "%G-W%V-%u").replace(tzinfo=UTC)
    return monday + timedelta(days=7)
