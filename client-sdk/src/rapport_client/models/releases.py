"""Release lists: the releases of a wave, and the digests that they commit to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from rapport_client._json import Member


@dataclass(frozen=True)
class Release:
    """One release; it never changes.

    Attributes:
        number: from 1; later ones count phones that came late.
        counted: commits to the counted ballots: the SHA-256 over their hashes in
            ascending order, base64url.
        documents: by the id of a team, the digest of its score.
    """

    number: int
    counted: str
    documents: Annotated[
        Mapping[str, str], Member("documents", pairs=("team", "digest"))
    ]


@dataclass(frozen=True)
class WaveReleases:
    """The releases of a wave.

    Attributes:
        wave: the wave's public id.
        charter: the digest of the wave's charter.
        releases: none before the seal.
    """

    wave: str
    charter: str
    releases: tuple[Release, ...]
