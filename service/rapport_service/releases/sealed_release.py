"""Release of a wave as values: what the database stores and sealing folders keep."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from rapport_service.ballotbox.models import SpentBallot, StoredStatus
from rapport_service.core.installation import get_epoch
from rapport_service.encoding import base64url
from rapport_service.encoding.timestamps import format_utc
from rapport_service.registry.models import Release, Reliability, Score, Wave
from rapport_service.releases.sealing_keys import frame_release, unframe_release
from rapport_service.releases.team_release import TeamRelease

RELEASE_NUMBER = 1
_FORMAT = 1


@dataclass(frozen=True)
class SpentHash:
    """A ballot that was used: its hash, and its envelope's digest unless withdrawn."""

    ballot_hash: bytes
    digest: str | None


@dataclass(frozen=True)
class SealedRelease:
    """Release of a wave, without the answers that it was computed from.

    Attributes:
        wave_id: the wave's public id.
        retires_at: when the copy of it in a sealing folder goes.
        epoch: of the database that it was computed from.
        invalid_band: band of the number of envelopes that did not count.
        level_variances: what levels rest on, as JSON.
        figures: the organization's parameters, for later waves.
        teams: one document a team.
        reliability: the reliability report, if there is one.
        spent: every ballot that was used.
    """

    wave_id: str
    retires_at: datetime
    epoch: str
    counted_ballots_digest: str
    invalid_band: str
    level_variances: str
    figures: str
    teams: Mapping[UUID, TeamRelease]
    reliability: bytes | None
    spent: Sequence[SpentHash]

    @property
    def released(self) -> frozenset[str]:
        """The teams that are released themselves."""
        return frozenset(
            str(team_id)
            for team_id, team in self.teams.items()
            if team.figures is not None
        )

    def dump(self) -> bytes:
        """The file that a sealing folder keeps."""
        return frame_release(
            {
                "format": _FORMAT,
                "wave_id": self.wave_id,
                "retires_at": format_utc(self.retires_at),
                "epoch": self.epoch,
                "counted_ballots_digest": self.counted_ballots_digest,
                "invalid_band": self.invalid_band,
                "level_variances": self.level_variances,
                "figures": self.figures,
                "teams": [
                    {
                        "team_id": str(team_id),
                        "status": team.status,
                        "document": team.document.decode(),
                        "figures": team.figures,
                    }
                    for team_id, team in sorted(self.teams.items())
                ],
                "reliability": None
                if self.reliability is None
                else self.reliability.decode(),
                "spent": [
                    [base64url.encode(each.ballot_hash), each.digest]
                    for each in sorted(self.spent, key=lambda each: each.ballot_hash)
                ],
            }
        )

    @classmethod
    def load(cls, content: bytes) -> Self:
        """The release in a file of a sealing folder."""
        members: Any = unframe_release(content)
        report = members["reliability"]
        return cls(
            wave_id=members["wave_id"],
            retires_at=datetime.fromisoformat(members["retires_at"]),
            epoch=members["epoch"],
            counted_ballots_digest=members["counted_ballots_digest"],
            invalid_band=members["invalid_band"],
            level_variances=members["level_variances"],
            figures=members["figures"],
            teams={
                UUID(team["team_id"]): TeamRelease(
                    team["status"], team["document"].encode(), team["figures"]
                )
                for team in members["teams"]
            },
            reliability=None if report is None else report.encode(),
            spent=[
                SpentHash(base64url.decode(ballot_hash, 32), digest)
                for ballot_hash, digest in members["spent"]
            ],
        )


def digest_counted_ballots(hashes: Iterable[bytes]) -> str:
    """Commits to the counted ballots: SHA-256 over their hashes in ascending order."""
    return base64url.digest(b"".join(sorted(hashes)))


def insert_release(session: Session, wave: Wave, release: SealedRelease) -> None:
    """Stores a release and the ballots that it has spent."""
    key = {"organization_id": wave.organization_id, "wave_id": wave.wave_id}
    session.add(
        Release(
            **key,
            number=RELEASE_NUMBER,
            counted_ballots_digest=release.counted_ballots_digest,
            invalid_band=release.invalid_band,
            level_variances=release.level_variances,
            figures=release.figures,
        )
    )
    session.flush()
    session.add_all(
        Score(
            **key,
            number=RELEASE_NUMBER,
            team_id=team_id,
            status=team.status,
            digest=base64url.digest(team.document),
            document=team.document,
            figures=team.figures,
        )
        for team_id, team in release.teams.items()
    )
    if release.reliability is not None:
        session.add(
            Reliability(
                **key,
                number=RELEASE_NUMBER,
                digest=base64url.digest(release.reliability),
                document=release.reliability,
            )
        )
    if release.spent:
        session.execute(
            insert(SpentBallot),
            [
                {
                    **key,
                    "ballot_hash": each.ballot_hash,
                    "digest": each.digest,
                    "status": StoredStatus.WITHDRAWN
                    if each.digest is None
                    else StoredStatus.ACCEPTED,
                }
                for each in sorted(release.spent, key=lambda each: each.ballot_hash)
            ],
        )


def load_release(session: Session, wave: Wave) -> SealedRelease:
    """The release of a sealed wave, as the database has it."""
    key = (wave.organization_id, wave.wave_id, RELEASE_NUMBER)
    release = session.get_one(Release, key)
    report = session.get(Reliability, key)
    of_wave = {"organization_id": wave.organization_id, "wave_id": wave.wave_id}
    return SealedRelease(
        wave_id=wave.public_id,
        retires_at=wave.retires_at,
        epoch=str(get_epoch(session)),
        counted_ballots_digest=release.counted_ballots_digest,
        invalid_band=release.invalid_band,
        level_variances=release.level_variances,
        figures=release.figures,
        teams={
            row.team_id: TeamRelease(row.status, row.document, row.figures)
            for row in session.scalars(select(Score).filter_by(**of_wave))
        },
        reliability=None if report is None else report.document,
        spent=[
            SpentHash(row.ballot_hash, row.digest)
            for row in session.scalars(select(SpentBallot).filter_by(**of_wave))
        ],
    )
