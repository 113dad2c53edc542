"""Dependencies of the running app: its clock and its keys."""

from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from rapport_service.blindsign.keys import KeyMaker
from rapport_service.core.clock import Clock
from rapport_service.core.derived_keys import Keyring

EXTENSION = "rapport"


@dataclass(frozen=True)
class Dependencies:
    """Dependencies that come from outside the rooms.

    Attributes:
        clock: returns the present time.
        keyring: every key of the service.
        make_key: makes ballot keys; tests pass keys made before.
    """

    clock: Clock
    keyring: Keyring = field(repr=False)
    make_key: KeyMaker


def dependencies() -> Dependencies:
    """The dependencies of the running app."""
    return cast(Dependencies, current_app.extensions[EXTENSION])
