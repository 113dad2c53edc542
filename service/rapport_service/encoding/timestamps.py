"""Timestamps as documents and the wire write them (RFC 3339)."""

from datetime import UTC, datetime


def format_utc(at: datetime) -> str:
    """Return an instant in UTC with whole seconds and ``Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
