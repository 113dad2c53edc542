"""Release lists: the releases of a wave, and the digests that they commit to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from rapport_client._json import Member


@dataclass(frozen=True)
class LevelVariances:
    """Terms of an agency that levels and changes on one construct rest on.

    They are usual values where fewer than five teams were shown.

    Attributes:
        noise: one person's part of chance in a score, in points squared.
        drift: one person's part in what a level moves in a fortnight, in points
            squared.
        between: the variance of teams around the mean, in points squared.
        mean: where a team is expected before its first wave, to the nearest 10 points.
        change_scale: how many times larger the errors of past waves were than the
            variances explain.
        two_wave_change_scale: the same for two waves together.
    """

    noise: float
    drift: float
    between: float
    mean: float
    change_scale: float
    two_wave_change_scale: float


@dataclass(frozen=True)
class Release:
    """One release; it never changes.

    Attributes:
        number: 1; a wave has one release.
        counted_ballots_digest: the SHA-256 over the hashes of the counted ballots in
            ascending order, base64url; it commits to them.
        invalid_band: how many envelopes did not open or had no valid answers, as a
            band; they were not counted.
        level_variances: by construct.
        documents: by the id of a team, the digest of its score.
    """

    number: int
    counted_ballots_digest: str
    invalid_band: str
    level_variances: Mapping[str, LevelVariances]
    documents: Annotated[
        Mapping[str, str], Member("documents", pairs=("team_id", "digest"))
    ]


@dataclass(frozen=True)
class WaveReleases:
    """The releases of a wave.

    Attributes:
        wave_id: the wave's public id.
        charter_digest: the digest of the wave's charter.
        sealing_key_thumbprint: the RFC 7638 thumbprint of the key in that charter,
            which opened the envelopes.
        releases: none before the seal.
    """

    wave_id: str
    charter_digest: str
    sealing_key_thumbprint: str
    releases: tuple[Release, ...]
