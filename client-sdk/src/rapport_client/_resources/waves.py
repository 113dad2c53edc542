"""Waves: planned, looked at, cancelled, and their releases."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from rapport_client._json import read
from rapport_client._resources.calls import act, create, get, get_pages, list_all
from rapport_client._resources.operation import Exchange, R_co, Resource, operation
from rapport_client._resources.references import (
    AnyWave,
    quoted,
    utc_text,
    wave_id,
)
from rapport_client.models import CreatedWave, PlannedWave, WaveReleases


class Waves(Resource[R_co]):
    """Waves of the agency. A wave is meant by a ``PlannedWave`` or its id."""

    @operation("list_waves")
    def list(self) -> Exchange[tuple[PlannedWave, ...]]:
        """All waves, by the time of their announcement. For administrators."""
        return list_all(PlannedWave, "waves", "waves")

    @operation("get_wave")
    def get(self, wave: AnyWave) -> Exchange[PlannedWave]:
        """A wave, its dates and its state. For administrators."""
        document = yield from get(f"waves/{quoted(wave_id(wave))}", "the wave")
        return read(PlannedWave, document)

    @operation("plan_wave")
    def plan(
        self,
        *,
        announces_at: datetime,
        opens_at: datetime,
        closes_at: datetime,
        seals_at: datetime,
        retires_at: datetime | None = None,
        id: UUID | str | None = None,  # noqa: A002 - as the API calls it
    ) -> Exchange[CreatedWave]:
        """Plans a single wave with exact times; it may last seconds.

        For administrators. Each time has a time zone, and is later than the one before.
        ``teams_without_score`` lists the teams that are too small for a score.

        Args:
            announces_at: from when phones may draw ballots.
            opens_at: from when the wave can be answered.
            closes_at: until when.
            seals_at: when its answers are counted; until then offline phones report.
            retires_at: when the rest of it is deleted; 400 days after the close if
                None.
            id: a UUID; the same id and times again plan nothing new. A new one if None.

        Raises:
            IdUsed: the id belongs to a wave with other times.
            WindowTaken: another wave of the agency is open at that time.
            RequestInvalid: ``errors`` names the times that break rules.
            ValueError: a time has no time zone.
        """
        planned = yield from create(
            "waves",
            "the wave",
            id,
            announces_at=utc_text(announces_at),
            opens_at=utc_text(opens_at),
            closes_at=utc_text(closes_at),
            seals_at=utc_text(seals_at),
            retires_at=None if retires_at is None else utc_text(retires_at),
        )
        return read(CreatedWave, planned)

    @operation("cancel_wave")
    def cancel(self, wave: AnyWave, reason: str) -> Exchange[PlannedWave]:
        """Cancels a wave before its seal, and destroys its answers. For administrators.

        Args:
            wave: the wave.
            reason: phones show it to every person who could answer.

        Raises:
            WaveEnded: it is sealed or cancelled already.
        """
        path = f"waves/{quoted(wave_id(wave))}/cancel"
        return read(PlannedWave, (yield from act(path, "the wave", reason=reason)))

    @operation("list_wave_releases")
    def releases(self, wave: AnyWave) -> Exchange[WaveReleases]:
        """The releases of a wave, with the digests that they commit to."""
        path = f"waves/{quoted(wave_id(wave))}/releases"
        pages = yield from get_pages(path, "the releases")
        releases = [
            each for page in pages for each in read(WaveReleases, page).releases
        ]
        return replace(read(WaveReleases, pages[0]), releases=tuple(releases))
