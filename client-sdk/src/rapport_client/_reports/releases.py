"""The releases of a wave, by what they commit to."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapport_client._json import JsonObject


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
    documents: Mapping[str, str]


@dataclass(frozen=True)
class WaveReleases:
    """What came out of a wave.

    Attributes:
        wave: the wave's public id.
        charter: the digest of what was promised for it.
        releases: none before the seal.
    """

    wave: str
    charter: str
    releases: tuple[Release, ...]


def read(reply: JsonObject) -> WaveReleases:
    """Reads the releases.

    Raises:
        UnexpectedReply: malformed.
    """
    return WaveReleases(
        wave=reply.text("wave"),
        charter=reply.text("charter"),
        releases=tuple(
            Release(
                number=release.integer("number"),
                counted=release.text("counted"),
                documents={
                    document.text("team"): document.text("digest")
                    for document in release.objects("documents")
                },
            )
            for release in reply.objects("releases")
        ),
    )
