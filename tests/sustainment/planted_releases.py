"""Released waves without ballots, as a basis of findings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from rapport_schemas.enums import MarkerKind, Tier, WaveState
from rapport_service.agency.service import list_teams
from rapport_service.charter import document
from rapport_service.charter.schedule import (
    KEEP_SECONDS,
    retirement_date,
)
from rapport_service.charter.voting_groups import Electorate, TeamNode
from rapport_service.core.db import Door, db, read_transaction, transaction
from rapport_service.disclosure.rounding import CONSTRUCTS
from rapport_service.encoding import base64url
from rapport_service.envelope.sealing_key import make_sealing_key, public_jwk
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.pollbook.announcement import load_members
from rapport_service.registry.markers import declare_marker, retract_marker
from rapport_service.registry.models import Charter, Marker, Release, Score, Wave
from rapport_service.registry.readers import freeze_readers
from rapport_service.releases.scoring.figures import Figure, Figures
from rapport_service.releases.scoring.levels import dump_level_variances
from rapport_service.stats.crisis_share import CrisisShare
from rapport_service.stats.local_level import USUAL_VARIANCES
from tests.support.audit import TEST_ACTOR
from tests.support.service import Agency

KNOWN = json.dumps({"instrument_digest": CURRENT_INSTRUMENT.digest})
LEVEL_VARIANCES = dump_level_variances(dict.fromkeys(CONSTRUCTS, USUAL_VARIANCES))

FIRST = date(2027, 1, 4)
NOISE = (0, -1, 1, 0, 1, -1, 0, -1, 1, -1, 0, 1)
"""Points by which waves differ; whole, as published scores are."""


@dataclass(frozen=True)
class PlantedScore:
    """Figures that a release stores of a group that was shown."""

    score: float
    tier: Tier = "fine"
    trust: float | None = None
    communication: float | None = None
    items: bool = False
    share: float | None = None
    n: int = 20
    se: float = 0.08

    def figures(self, eligible: int) -> str:
        def figure(points: float | None) -> Figure:
            theta = 1 + (self.score if points is None else points) / 25
            return Figure(self.n, 4 * self.n, theta, self.se, self.se, 50)

        kept = Figures(
            tier=self.tier,
            n=dict.fromkeys(("any", "trust", "communication"), self.n),
            eligible=eligible,
            constructs={
                "trust": figure(self.trust),
                "communication": figure(self.communication),
                "overall": figure(None),
            },
            items={item.id: figure(None) for item in CURRENT_INSTRUMENT.items}
            if self.items
            else None,
            crisis_share=None
            if self.share is None
            else CrisisShare(self.share, self.n),
        )
        return kept.dump()


def plant_release(
    agency: Agency,
    day: int,
    scores: Mapping[str, PlantedScore | None],
    *,
    eligible: int = 24,
    number: int = 1,
    wave: str | None = None,
) -> str:
    """A released wave that could be answered for five days from 9 o'clock.

    Args:
        day: when it opened, counted from the first.
        scores: by team; the others were not shown.
        number: of the release; later ones belong to a ``wave`` that is there.
    """
    with read_transaction(Door.REPORTS) as session:
        teams = list_teams(session, agency.id)
    wave_id = UUID(wave.partition(".")[2]) if wave else uuid4()
    rows: list[Any] = [] if wave else [*_wave(agency, wave_id, day, teams, eligible)]
    of = _of(agency, wave_id, number)
    rows.append(
        Release(
            **of,
            invalid_band="under 10",
            counted_ballots_digest="A" * 43,
            level_variances=LEVEL_VARIANCES,
            figures=KNOWN,
        )
    )
    rows += [
        Score(
            **of,
            team_id=team.team_id,
            status=status,
            digest=base64url.digest(stored),
            document=stored,
            figures=score.figures(eligible) if score else None,
        )
        for team in teams
        for score in [scores.get(team.external_id)]
        for status in ["released" if score else "withheld"]
        for stored in [json.dumps({"status": status, "release": number}).encode()]
    ]
    with Session(db.engine) as session, session.begin():
        for row in rows:
            session.add(row)
            session.flush()
        if not wave:
            freeze_readers(session, rows[0], load_members(session, agency.id))
    return f"{agency.id}.{wave_id}"


def plant_fortnightly_waves(
    agency: Agency, *phases: tuple[float, int], team: str = "agency"
) -> int:
    """Waves every two weeks at levels that each last some waves; how many there are."""
    levels = [level for level, count in phases for _ in range(count)]
    for number, level in enumerate(levels):
        noise = NOISE[number % len(NOISE)]
        plant_release(agency, 14 * number, {team: PlantedScore(level + noise)})
    return len(levels)


def day_between_waves(number: int) -> date:
    """A day between the fortnightly wave of this number and the one before."""
    return FIRST + timedelta(days=14 * number - 5)


def plant_marker(
    agency: Agency,
    kind: str,
    on: date,
    *,
    team: str | None = None,
    confirmed: bool = True,
    declared_at: datetime = datetime(2026, 12, 1, tzinfo=UTC),
    label: str = "The flood",
) -> str:
    """Puts a marker on record; its id."""
    team_id = agency.team_id(team) if team else None
    with transaction(Door.POLL_BOOK) as session:
        marker: Marker = declare_marker(
            *(session, agency.id, MarkerKind(kind), team_id, on, label),
            *(declared_at, TEST_ACTOR),
            confirmed=confirmed,
        )
    return str(marker.marker_id)


def plant_crisis(
    agency: Agency, start: int, end: int | None, **more: Any
) -> tuple[str, ...]:
    """A crisis from before the wave of one number to before that of another."""
    ids = [plant_marker(agency, "crisis_start", day_between_waves(start), **more)]
    if end is not None:
        ids.append(plant_marker(agency, "crisis_end", day_between_waves(end), **more))
    return tuple(ids)


def plant_retraction(agency: Agency, marker: str) -> None:
    """Takes a marker back."""
    with transaction(Door.POLL_BOOK) as session:
        now = agency.service.clock()
        retract_marker(session, agency.id, UUID(marker), now, TEST_ACTOR)


def _of(agency: Agency, wave_id: UUID, number: int) -> dict[str, Any]:
    return {"organization_id": agency.id, "wave_id": wave_id, "number": number}


def _wave(
    agency: Agency, wave_id: UUID, day: int, teams: Sequence[Any], eligible: int
) -> Sequence[Any]:
    opens = datetime(FIRST.year, FIRST.month, FIRST.day, 9, tzinfo=UTC)
    opens += timedelta(days=day)
    closes, seals = opens + timedelta(days=5), opens + timedelta(days=12)
    dates = document.WaveDates(
        announces_at=opens - timedelta(days=7),
        opens_at=opens,
        closes_at=closes,
        seals_at=seals,
        retires_at=retirement_date(closes),
        keep_seconds=KEEP_SECONDS,
    )
    promise = document.CharterContent(
        organization_id=agency.id,
        organization_name="An agency",
        time_zone="UTC",
        wave_id=f"{agency.id}.{wave_id}",
        dates=dates,
        instrument_digest=CURRENT_INSTRUMENT.digest,
        sealing_key=public_jwk(make_sealing_key().public_key()),
        min_respondents=5,
        min_pool=8,
        nodes=tuple(
            TeamNode(team.team_id, team.parent_id, team.external_id, team.name)
            for team in teams
        ),
        electorate=Electorate(
            voting_team={},
            eligible={team.team_id: eligible for team in teams},
            key_node={},
            pool={},
        ),
        keys={},
    )
    written = document.write_charter(promise)
    wave = Wave(
        organization_id=agency.id,
        wave_id=wave_id,
        pulse_id=None,
        occurrence=None,
        state=WaveState.SEALED,
        announces_at=dates.announces_at,
        opens_at=opens,
        closes_at=closes,
        seals_at=seals,
        retires_at=dates.retires_at,
        keep_seconds=KEEP_SECONDS,
        cancel_reason=None,
        planned_at=dates.announces_at,
    )
    charter = Charter(
        organization_id=agency.id,
        wave_id=wave_id,
        digest=base64url.digest(written),
        document=written,
    )
    return wave, charter
