"""Sealing key of a wave: its name, and the states in which it is waited for."""

from rapport_schemas.enums import WaveState
from rapport_service.envelope.sealing_key import parse_public_jwk, thumbprint
from rapport_service.registry.models import Wave

UNSEALED_STATES = (
    WaveState.ANNOUNCED,
    WaveState.OPEN,
    WaveState.CLOSED,
    WaveState.SEALING,
)
"""States of waves that were announced and wait for their seal."""


def key_name(wave: Wave) -> str | None:
    """The thumbprint of a wave's sealing key; None while it has none."""
    if wave.sealing_key is None:
        return None
    return thumbprint(parse_public_jwk(wave.sealing_key))
