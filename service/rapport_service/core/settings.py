"""The service's settings: typed, from the environment, all errors at once."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "RAPPORT_"
KNOWN_SETTINGS = {
    "RAPPORT_DATABASE_URL",
    "RAPPORT_SECRET",
    "RAPPORT_SECRET_PREVIOUS",
    "RAPPORT_SEALING_KEYS",
}
MIN_SECRET_BYTES = 32
DEFAULT_DATABASE_URL = "sqlite:///rapport.db"
MAX_SEALING_FOLDERS = 2


class SettingsInvalidError(Exception):
    """The environment does not make usable settings; ``errors`` names each."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class Settings:
    """Settings of a running service.

    Attributes:
        secret: at least 32 random bytes; the keys of the service are kept under it.
        database_url: an SQLAlchemy URL, SQLite or PostgreSQL through psycopg; may hold
            a password.
        sealing_folders: where the sealing job keeps its keys; none on a machine that
            does not seal, or that goes by the default.
        previous_secret: the secret before this one, while it is being replaced.
    """

    secret: bytes = field(repr=False)
    database_url: str = field(repr=False)
    sealing_folders: tuple[Path, ...] = ()
    previous_secret: bytes | None = field(default=None, repr=False)

    @classmethod
    def from_env(cls, environ: Mapping[str, str], *, needs_secret: bool = True) -> Self:
        """Reads ``RAPPORT_*`` and refuses what it does not know (a typo guard).

        Args:
            environ: the environment.
            needs_secret: otherwise random bytes take its place, with which nothing can
                be done that is of the service.

        Raises:
            SettingsInvalidError: with every error, not the first.
        """
        errors = [
            f"{name}: no such setting"
            for name in sorted(environ)
            if name.startswith(PREFIX) and name not in KNOWN_SETTINGS
        ]
        given = environ.get("RAPPORT_SECRET")
        if given is None and not needs_secret:
            secret = secrets.token_bytes(MIN_SECRET_BYTES)
        else:
            secret = _secret("RAPPORT_SECRET", given, errors)
        previous = environ.get("RAPPORT_SECRET_PREVIOUS") or None
        if previous is not None:
            previous_secret = _secret("RAPPORT_SECRET_PREVIOUS", previous, errors)
        else:
            previous_secret = None
        url = _database_url(environ.get("RAPPORT_DATABASE_URL"), errors)
        folders = _sealing_folders(environ.get("RAPPORT_SEALING_KEYS"), errors)
        if errors:
            raise SettingsInvalidError(errors)
        return cls(
            secret=secret,
            database_url=url,
            sealing_folders=folders,
            previous_secret=previous_secret,
        )


def _secret(name: str, text: str | None, errors: list[str]) -> bytes:
    if text is None:
        errors.append(
            "RAPPORT_SECRET: missing. Set the secret that the database was made with. "
            "For a new database, make one with `openssl rand -base64 32`."
        )
        return b""
    text = text.replace("\r", "").replace("\n", "")  # a file's, and openssl's own
    try:
        secret = base64.b64decode(
            text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4),
            validate=True,
        )
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) < MIN_SECRET_BYTES:
        errors.append(
            f"{name}: needs base64 of at least {MIN_SECRET_BYTES} random bytes"
        )
    return secret


def _database_url(text: str | None, errors: list[str]) -> str:
    text = (text or "").rstrip("\r\n")
    scheme, _, rest = (text or DEFAULT_DATABASE_URL).partition("://")
    path = rest.removeprefix("/")
    if scheme == "sqlite" and path != rest and path.strip("/") not in {"", ":memory:"}:
        # Relative to where the command runs, whatever a library would make of it.
        url = f"sqlite:///{Path(path).absolute()}"
    elif scheme in {"postgresql", "postgres", "postgresql+psycopg"}:
        url = f"postgresql+psycopg://{rest}"
    else:
        url = ""
    try:
        if make_url(url).database:
            return url
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        pass
    errors.append(
        "RAPPORT_DATABASE_URL: needs sqlite:///FILE or postgresql://USER@HOST/NAME"
    )
    return ""


def _sealing_folders(text: str | None, errors: list[str]) -> tuple[Path, ...]:
    text = (text or "").rstrip("\r\n")
    if not text:
        return ()
    folders = tuple(map(Path, text.split(":")))
    is_usable = all(
        folder.is_absolute() and folder != Path(folder.anchor) for folder in folders
    )
    distinct = {folder.resolve() for folder in folders}
    if (
        not is_usable
        or len(distinct) != len(folders)
        or len(folders) > (MAX_SEALING_FOLDERS)
    ):
        errors.append(
            "RAPPORT_SEALING_KEYS: needs the path of a folder, from /, or of two "
            "different ones with a colon between"
        )
        return ()
    return folders
