"""Installation of the service: a folder with its database, secret and log."""

import base64
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

SECRET_BYTES = 32


class CommandFailedError(Exception):
    """A ``rapport`` command failed; the message has its error output."""


class Installation:
    """A folder that only its owner can read, with all files of a service.

    Args:
        folder: made if missing; an existing installation is used again.
        sealing_folder: for the sealing keys, not inside the other; by default where
            the service itself keeps them, below the user's home.
    """

    def __init__(self, folder: Path, sealing_folder: Path | None = None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder.absolute()
        self.sealing_folder = sealing_folder and sealing_folder.absolute()
        self.database = self.folder / "rapport.db"
        self.log = self.folder / "service.log"
        self.command_seconds = 0.0
        """The time of the slowest command so far."""
        self._is_marked = False

    @classmethod
    def inside(cls, folder: Path) -> Self:
        """An installation inside a folder, its sealing keys apart from its database."""
        return cls(folder / "server", folder / "sealing-keys")

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the service, with its settings and no others."""
        others = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("RAPPORT_")
        }
        sealing = {"RAPPORT_SEALING_KEYS": str(self.sealing_folder)}
        return (
            others
            | {
                "RAPPORT_DATABASE_URL": self.database_url,
                "RAPPORT_SECRET": self._secret(),
            }
            | (sealing if self.sealing_folder else {})
        )

    @property
    def database_url(self) -> str:
        """The URL of the SQLite file in the folder."""
        return f"sqlite:///{self.database}"

    def command(self, name: str, *arguments: str) -> list[str]:
        """The command that starts one of the service's programs."""
        return [program(name), *arguments]

    def rapport(self, *arguments: str) -> str:
        """Runs a ``rapport`` command and returns its output.

        Raises:
            CommandFailedError: it ended with an error.
        """
        began = time.monotonic()
        done = subprocess.run(
            self.command("rapport", *arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - began
        self.command_seconds = max(self.command_seconds, seconds)
        if done.returncode != 0:
            raise CommandFailedError(f"rapport {' '.join(arguments)}: {done.stderr}")
        return done.stdout.strip()

    def upgrade(self) -> None:
        """Brings the schema up to date, and marks the sealing folder if one is named.

        It is marked once, as an operator does: where it is away when the service starts
        again, a new one must not take its place.

        Raises:
            CommandFailedError: one of them ended with an error.
        """
        self.rapport("db", "upgrade")
        if self.sealing_folder is not None and not self._is_marked:
            self.rapport("seal", "init")
            self._is_marked = True

    def _secret(self) -> str:
        path = self.folder / "secret"
        try:
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text()
        secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
        with os.fdopen(file, "w") as stream:
            stream.write(secret)
        return secret


def program(name: str) -> str:
    """The path of a console command of the environment that this program runs in."""
    return str(Path(sys.executable).with_name(name))
