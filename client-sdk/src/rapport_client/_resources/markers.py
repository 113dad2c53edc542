"""Markers: dates in the agency's history."""

from datetime import date
from uuid import UUID

from rapport_client._json import read
from rapport_client._resources.calls import act, create, get, list_all
from rapport_client._resources.operation import Exchange, R_co, Resource, operation
from rapport_client._resources.references import (
    AnyMarker,
    AnyTeam,
    marker_id,
    quoted,
    resolve_team,
)
from rapport_client.models import DeclaredMarker, MarkerKind


class Markers(Resource[R_co]):
    """Markers that the caller may see. One is meant by the marker itself or its id."""

    @operation("list_markers")
    def list(self) -> Exchange[tuple[DeclaredMarker, ...]]:
        """The markers of the teams that the caller may read, retracted ones too."""
        return list_all(DeclaredMarker, "markers", "markers")

    @operation("get_marker")
    def get(self, marker: AnyMarker) -> Exchange[DeclaredMarker]:
        """A marker."""
        document = yield from get(f"markers/{quoted(marker_id(marker))}", "the marker")
        return read(DeclaredMarker, document)

    @operation("declare_marker")
    def declare(
        self,
        kind: MarkerKind,
        effective_on: date,
        label: str,
        *,
        team: AnyTeam | None = None,
        confirmed: bool = True,
        id: UUID | str | None = None,  # noqa: A002 - as the API calls it
    ) -> Exchange[DeclaredMarker]:
        """Declares a marker. For administrators.

        Args:
            kind: of the event.
            effective_on: its date.
            label: what people call it; it names no case and no person.
            team: the team, with all below it; the whole agency if None.
            confirmed: False for a provisional date.
            id: a UUID; the same id and marker again declare nothing new. A new one if
                None.

        Raises:
            IdUsed: the id belongs to another marker.
            RequestInvalid: ``errors`` names what breaks rules.
        """
        if not isinstance(effective_on, date):
            raise TypeError("effective_on must be a date")
        team_id = None if team is None else (yield from resolve_team(team))
        declared = yield from create(
            "markers",
            "the marker",
            id,
            nullable={"team_id": team_id},
            kind=kind,
            effective_on=effective_on.isoformat(),
            confirmed=confirmed,
            label=label,
        )
        return read(DeclaredMarker, declared)

    @operation("retract_marker")
    def retract(self, marker: AnyMarker) -> Exchange[DeclaredMarker]:
        """Retracts a marker; lists still show it, as retracted. For administrators."""
        path = f"markers/{quoted(marker_id(marker))}/retract"
        return read(DeclaredMarker, (yield from act(path, "the marker")))
