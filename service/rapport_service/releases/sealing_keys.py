"""Sealing folders: private sealing keys and kept releases, on one or two disks.

A folder belongs to one installation, which a marker file in it names. One without it is
an unmounted volume or a fresh container, and does not count: a key that is written
there would be gone with it.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rapport_service.encoding import base64url
from rapport_service.encoding.timestamps import format_utc
from rapport_service.envelope.sealing_key import (
    SealingKeyInvalidError,
    parse_private_pem,
    private_pem,
    thumbprint,
)

MARKER = "rapport-installation"
"""Name of the file that marks a folder; its content names the installation."""

_KEY, _RELEASE = ".pem", ".release"
_PEM_BEGIN = b"-----BEGIN"
_WAVE, _DESTROY_AFTER = "sealing key of wave: ", "of no use after: "
_EPOCH = "epoch of the database: "


class FolderProblem(StrEnum):
    """Reason why a sealing folder cannot be used, and the remedy."""

    MISSING = (
        "does not exist. Bring it back first: mount its volume, or put it back from a "
        "copy. Only if it never existed: `rapport seal init`."
    )
    UNMARKED = (
        "is not marked as the folder of this installation. If it is where a volume "
        "belongs, mount the volume. If it is new, run `rapport seal init`."
    )
    FOREIGN = "belongs to another installation. Set RAPPORT_SEALING_KEYS to ours."
    UNREADABLE = "cannot be read and written by this user. Make this user its owner."
    NEAR_DATABASE = (
        "lies at or below the folder of the database, so a copy of the one has the "
        "other. Choose a folder elsewhere."
    )


class SealingFoldersError(Exception):
    """A sealing folder cannot be used, or keeps what it was given in another form."""


class SealingFolderGoneError(SealingFoldersError):
    """A sealing folder that went away while it was in use, as a volume that unmounts.

    Nobody can tell what it kept, so the transaction that relies on it must not commit.
    """


@dataclass(frozen=True)
class SealingFolder:
    """One folder of the sealing job."""

    path: Path

    def problem(
        self, installation: UUID, database: Path | None
    ) -> FolderProblem | None:
        """The reason why the folder cannot be used; None if it can.

        Args:
            installation: the identity of the database.
            database: its file on SQLite.
        """
        if is_near_database(self.path, database):
            return FolderProblem.NEAR_DATABASE
        try:
            marker = (self.path / MARKER).read_text().strip()
        except FileNotFoundError:
            is_there = self.path.is_dir()
            return FolderProblem.UNMARKED if is_there else FolderProblem.MISSING
        except (OSError, UnicodeDecodeError):
            return FolderProblem.UNREADABLE
        if marker != str(installation):
            return FolderProblem.FOREIGN
        is_ours = os.access(self.path, os.R_OK | os.W_OK | os.X_OK)
        return None if is_ours else FolderProblem.UNREADABLE

    def mark(self, installation: UUID) -> None:
        """Makes the folder, for its owner alone, and marks it."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(self.path, MARKER, f"{installation}\n".encode())

    def names(self, suffix: str) -> set[str]:
        """Names of the files of a kind, without their suffix."""
        return {
            path.name.removesuffix(suffix)
            for path in self.path.glob(f"*{suffix}")
            if path.is_file()
        }

    def read(self, name: str) -> bytes | None:
        """Content of a file that is whole; None where there is none.

        What this user cannot read counts as missing: one such file, as root leaves it
        that puts a key back, must not hold up all other waves.
        """
        try:
            content = (self.path / name).read_bytes()
        except OSError:
            return None
        return content if _is_whole(name, content) else None

    def write(self, name: str, content: bytes) -> None:
        """Writes a file, never over another one, and reads it back.

        What a write that was interrupted has left is no file of ours: it is replaced.

        Raises:
            SealingFolderGoneError: the folder is not there any more.
            SealingFoldersError: another file has the name, or it reads differently.
        """
        if self.read(name) is None:
            self.remove(name)
            try:
                _write_new(self.path, name, content)
            except FileNotFoundError:
                raise SealingFolderGoneError(str(self.path)) from None
        if self.read(name) != content:
            if not self.path.is_dir():
                raise SealingFolderGoneError(str(self.path))
            raise SealingFoldersError(f"{self.path / name} reads differently")

    def remove(self, name: str) -> None:
        """Removes a file, on the disk as well; none of that name is no error."""
        with suppress(FileNotFoundError):
            (self.path / name).unlink()
            _sync_folder(self.path)


@dataclass(frozen=True)
class KeyNote:
    """Heading of the file of a key.

    A database that is restored to the day before names fewer waves. So long as answers
    could be sent again, a key that it does not name is kept for a better copy. So is
    one that was made in another epoch: this database may be a copy without a right to
    it.
    """

    wave_id: str
    destroy_after: datetime
    epoch: str


@dataclass(frozen=True)
class SealingFolders:
    """The folders that can be used now: each holds the same, and one suffices to read.

    Attributes:
        usable: at least one.
        is_complete: whether they are all folders of the installation. Otherwise nothing
            new is put into them.
    """

    usable: tuple[SealingFolder, ...]
    is_complete: bool

    def releases(self) -> set[str]:
        """Public ids of the waves whose releases are kept, whole."""
        return {
            name
            for name in self._names(_RELEASE)
            if self._read(name + _RELEASE) is not None
        }

    def load_key(self, name: str) -> EllipticCurvePrivateKey | None:
        """The private half of a key by its thumbprint; None where it is lost."""
        content = self._read(name + _KEY)
        return None if content is None else _parse_key(content)

    def store_key(
        self,
        key: EllipticCurvePrivateKey,
        wave_id: str,
        destroy_after: datetime,
        epoch: UUID,
    ) -> None:
        """Writes a new key to every folder.

        Args:
            wave_id: of the wave that it is for.
            destroy_after: when it goes if no wave of the database names it.
            epoch: of the database.
        """
        heading = (
            f"{_WAVE}{wave_id}\n{_DESTROY_AFTER}{format_utc(destroy_after)}\n"
            f"{_EPOCH}{epoch}\n"
        )
        name = thumbprint(key.public_key()) + _KEY
        self._write(name, heading.encode() + private_pem(key))

    def destroy_key(self, name: str) -> None:
        """Unlinks a key in every folder."""
        self._remove(name + _KEY)

    def key_notes(self) -> dict[str, KeyNote]:
        """The heading of each whole key, by thumbprint."""
        contents = {name: self._read(name + _KEY) for name in self._names(_KEY)}
        return {
            name: _parse_note(content)
            for name, content in contents.items()
            if content is not None
        }

    def load_release(self, wave_id: str) -> bytes | None:
        """The release of a wave as it was kept; None where there is none."""
        return self._read(wave_id + _RELEASE)

    def store_release(self, wave_id: str, content: bytes) -> None:
        """Keeps the release of a wave in every folder."""
        self._write(wave_id + _RELEASE, content)

    def remove_release(self, wave_id: str) -> None:
        """Removes the release of a wave that has retired."""
        self._remove(wave_id + _RELEASE)

    def copy_missing(self) -> list[str]:
        """Brings the folders in step; the names of the files that one of them lacked.

        Call it after what has to go is gone, so that none of it comes back.
        """
        copied = []
        for name, content in self._missing():
            self._write(name, content)
            copied.append(name)
        return copied

    def can_copy(self) -> bool:
        """Whether a folder lacks a file that another one has, as a new folder does."""
        return len(self.usable) > 1 and any(True for _ in self._missing())

    def _missing(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each file that one folder has and another one lacks."""
        for name in sorted(self._file_names()):
            contents = [folder.read(name) for folder in self.usable]
            content = next((each for each in contents if each is not None), None)
            if content is not None and None in contents:
                yield name, content

    def out_of_step(self) -> list[str]:
        """Names of the files that are missing in one of the folders, or damaged."""
        return [
            name
            for name in sorted(self._file_names())
            if any(folder.read(name) is None for folder in self.usable)
        ]

    def _file_names(self) -> set[str]:
        return {
            name + suffix for suffix in (_KEY, _RELEASE) for name in self._names(suffix)
        }

    def _names(self, suffix: str) -> set[str]:
        return {name for folder in self.usable for name in folder.names(suffix)}

    def _read(self, name: str) -> bytes | None:
        return next(
            (
                content
                for folder in self.usable
                if (content := folder.read(name)) is not None
            ),
            None,
        )

    def _write(self, name: str, content: bytes) -> None:
        for folder in self.usable:
            folder.write(name, content)

    def _remove(self, name: str) -> None:
        for folder in self.usable:
            folder.remove(name)


def default_folder(installation: UUID) -> Path:
    """The sealing folder of an SQLite database whose operator has named none."""
    state = Path.home() / ".local" / "state" / "rapport"
    return state / str(installation) / "sealing-keys"


def is_near_database(folder: Path, database: Path | None) -> bool:
    """Whether a folder lies at or below the folder of a database file."""
    if database is None:
        return False
    home = database.parent.resolve()
    return home == folder.resolve() or home in folder.resolve().parents


def filesystem_type(folder: Path, mountinfo: str) -> str:
    """The type of the file system that a folder lies on, such as ``ext4``.

    Args:
        folder: to look for.
        mountinfo: the text of ``/proc/self/mountinfo``.
    """
    nearest, kind = Path(), "unknown"
    target = folder.resolve()
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        mounted = Path(_unescape(before.split()[4]))
        is_around = mounted == target or mounted in target.parents
        if is_around and len(mounted.parts) >= len(nearest.parts):
            nearest, kind = mounted, after.split()[0]
    return kind


def _unescape(path: str) -> str:
    for octal, character in (("040", " "), ("011", "\t"), ("012", "\n"), ("134", "\\")):
        path = path.replace(f"\\{octal}", character)
    return path


def _is_whole(name: str, content: bytes) -> bool:
    """Whether a file is as it was written: a write may have been interrupted."""
    if name.endswith(_KEY):
        key = _parse_key(content)
        return key is not None and thumbprint(key.public_key()) + _KEY == name
    first, _, rest = content.partition(b"\n")
    return first.decode("ascii", "replace") == base64url.digest(rest)


def _parse_note(content: bytes) -> KeyNote:
    lines = content.decode("ascii", "replace").splitlines()
    wave_id, until, epoch = (
        next((line.removeprefix(label) for line in lines if line.startswith(label)), "")
        for label in (_WAVE, _DESTROY_AFTER, _EPOCH)
    )
    try:
        return KeyNote(wave_id, datetime.fromisoformat(until), epoch)
    except ValueError:  # put there by hand: never ours to destroy
        return KeyNote(wave_id, datetime.max.replace(tzinfo=UTC), epoch)


def _parse_key(content: bytes) -> EllipticCurvePrivateKey | None:
    try:
        return parse_private_pem(content[max(content.find(_PEM_BEGIN), 0) :])
    except SealingKeyInvalidError:
        return None


def frame_release(document: object) -> bytes:
    """A release as a file: the digest of what follows, then the document as JSON."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return base64url.digest(text).encode() + b"\n" + text


def unframe_release(content: bytes) -> object:
    """The document of a release file that is whole."""
    return json.loads(content.partition(b"\n")[2])


def _write_new(folder: Path, name: str, content: bytes) -> None:
    """Writes a file that is not there yet, and waits for the disk."""
    path = folder / name
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
