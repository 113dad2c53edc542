"""Dependencies of the running app: its clock and its keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import current_app

from rapport_service.blindsign.keys import KeyMaker
from rapport_service.core.clock import Clock
from rapport_service.core.data_keys import DataKeys, Keyring
from rapport_service.core.seal_process import SealProcess

EXTENSION = "rapport"


@dataclass(frozen=True)
class Dependencies:
    """Dependencies that come from outside the rooms.

    Attributes:
        clock: returns the present time.
        data_keys: every key of the service, from the database.
        make_key: makes ballot keys; tests pass keys made before.
        sealing_folders: named in the settings; none for the default.
        start_seal: starts the sealing job as a child process.
    """

    clock: Clock
    data_keys: DataKeys = field(repr=False)
    make_key: KeyMaker
    sealing_folders: tuple[Path, ...]
    start_seal: Callable[[], SealProcess]

    @property
    def keyring(self) -> Keyring:
        """The keys of the service, as they are now."""
        return self.data_keys.load()


def dependencies() -> Dependencies:
    """The dependencies of the running app."""
    return cast(Dependencies, current_app.extensions[EXTENSION])
