"""Sealing keys that a run keeps, and the envelopes that it opens with them.

The service unlinks a key after its seal. The run copies each key before that, as only
somebody could who holds the sealing folder, so that it knows what was sent.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from rapport_client._protocol import base64url
from rapport_service.envelope.hpke import (
    EnvelopeUnopenableError,
    envelope_info,
    open_envelope,
)
from rapport_service.envelope.sealing_key import (
    parse_private_pem,
    parse_public_jwk,
    thumbprint,
)
from tools.chaos.database import StoredWave

KEYS = "*.pem"
PEM_BEGIN = b"-----BEGIN"

Item = Mapping[str, Any]


class KeyKeeper:
    """Copies the sealing keys of a service, each as soon as it is seen.

    Args:
        folder: the service's sealing folder, wherever it is just now.
        kept: for the copies.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        self._folder = folder
        self._kept = kept
        kept.mkdir(exist_ok=True)

    def keep(self) -> None:
        """Copies the keys that are new."""
        for file in self._folder.glob(KEYS):
            # A key may be unlinked, or the folder taken away, just now.
            with suppress(FileNotFoundError):
                shutil.copy(file, self._kept / file.name)

    def keys(self) -> dict[str, EllipticCurvePrivateKey]:
        """Every key that was kept, by its thumbprint."""
        contents = [file.read_bytes() for file in self._kept.glob(KEYS)]
        keys = [
            parse_private_pem(content[content.index(PEM_BEGIN) :])
            for content in contents
        ]
        return {thumbprint(key.public_key()): key for key in keys}


def open_all(
    items: Iterable[Item],
    waves: Mapping[str, StoredWave],
    wave_of: Mapping[str, str],
    keys: Mapping[str, EllipticCurvePrivateKey],
) -> dict[str, str]:
    """Opens the envelopes that were sent.

    Args:
        items: as ledgers have them.
        waves: with their charters.
        wave_of: the wave of each ballot key.
        keys: the private sealing keys, by thumbprint.

    Returns:
        The text inside each envelope that opens, without its padding, by digest.
    """
    texts: dict[str, str] = {}
    for item in items:
        if item["op"] != "submit" or item["digest"] in texts:
            continue
        wave = waves.get(wave_of.get(item["kid"], ""))
        if wave is None or not wave.charter:
            continue
        public = parse_public_jwk(
            json.dumps(wave.charter["sealing_key"], separators=(",", ":"))
        )
        key = keys[thumbprint(public)]
        info = envelope_info(
            item["kid"], base64url.decode(item["hash"]), wave.charter_digest
        )
        try:
            opened = open_envelope(key, base64url.decode(item["envelope"]), info)
        except (EnvelopeUnopenableError, ValueError):
            continue
        texts[item["digest"]] = opened.decode("utf-8", "replace").rstrip(" ")
    return texts
