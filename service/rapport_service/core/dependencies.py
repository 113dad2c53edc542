"""What views are given besides the request: the clock and the keys."""

from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from rapport_service.blindsign.keys import KeyMaker
from rapport_service.core.clock import Clock
from rapport_service.core.derived_keys import Keyring

EXTENSION = "rapport"


@dataclass(frozen=True)
class Dependencies:
    """The parts of the house that come from outside the rooms.

    Attributes:
        clock: tells the time.
        keyring: every key of the service.
        make_key: makes ballot keys; tests hand in keys made before.
    """

    clock: Clock
    keyring: Keyring = field(repr=False)
    make_key: KeyMaker


def dependencies() -> Dependencies:
    """The running app's wiring."""
    return cast(Dependencies, current_app.extensions[EXTENSION])
