"""``make authz-selftest``: views that show more than they should are noticed.

Each fault widens one thing in the running service, and some rows are asked again. It is
caught if the comparison names a difference.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from rapport_service.api import auth
from rapport_service.api.resources import markers as marker_views
from rapport_service.api.resources import waves as wave_views
from rapport_service.registry.markers import list_markers
from rapport_service.registry.models import Marker, Wave
from rapport_service.registry.queries import get_wave
from rapport_service.reports import rights
from rapport_service.reports.access import Access, decide_access
from rapport_service.reports.markers import list_readable_markers
from rapport_service.reports.rights import Reader, ReadingRights
from tools.authz.comparison import compare
from tools.authz.scenario import start_scenario
from tools.authz.table import load_table

_require_one = auth._require_one  # what the fault replaces
_load_today = ReadingRights._load_today
_of_wave = ReadingRights.of_wave


@dataclass(frozen=True)
class Fault:
    """Something that the service must not do.

    Attributes:
        name: what it does.
        owner: the module or class in which it is planted.
        attribute: what is replaced there.
        replacement: what replaces it.
        paths: the beginnings or parts of the addresses that are asked again.
    """

    name: str
    owner: object
    attribute: str
    replacement: Callable[..., object]
    paths: tuple[str, ...]


def _show_every_group(
    team_id: UUID, source_id: UUID | None, *others: frozenset[UUID]
) -> Access:
    access = decide_access(team_id, source_id, *others)
    return Access.WHOLE if access is Access.STATUS else access


def _read_later_waves(self: ReadingRights, _wave_id: UUID) -> frozenset[UUID]:
    waves = self._rows_by_wave
    return frozenset[UUID]().union(*(_of_wave(self, wave) for wave in waves))


def _read_gone_teams(self: ReadingRights) -> set[UUID]:
    listed = {team.team_id for team in self._listed}
    return _load_today(self) | (self._recorded.keys() - listed)


def _read_all_teams(self: ReadingRights, _wave_id: UUID) -> list[UUID]:
    return list(self._recorded)


def _list_agency_markers(session: Session, reader: Reader) -> list[Marker]:
    readable = {each.marker_id for each in list_readable_markers(session, reader)}
    return [
        marker
        for marker in list_markers(session, reader.organization_id)
        if marker.team_id is None or marker.marker_id in readable
    ]


def _forget_scopes_of_waves(*arguments: object) -> None:
    if request.endpoint != "waves.list_waves":
        _require_one(*arguments)  # type: ignore[arg-type]


def _get_any_wave(session: Session, _organization_id: str, public_id: str) -> Wave:
    return get_wave(session, public_id)


FAULTS = (
    Fault(
        "figures of a group for every reader of a team",
        *(rights, "decide_access", _show_every_group),
        ("/score", "/heatmap", "/sustainment"),
    ),
    Fault(
        "later waves for a reader of earlier ones",
        *(ReadingRights, "of_wave", _read_later_waves),
        ("/score", "/trend"),
    ),
    Fault(
        "teams that are gone for everybody",
        *(ReadingRights, "_load_today", _read_gone_teams),
        ("/score", "/v1/teams?"),
    ),
    Fault(
        "digests of all teams of a wave",
        *(ReadingRights, "list_readable_in", _read_all_teams),
        ("/releases",),
    ),
    Fault(
        "markers of the agency for readers of no team",
        *(marker_views, "list_readable_markers", _list_agency_markers),
        ("/v1/markers",),
    ),
    Fault(
        "a view without its scopes",
        *(auth, "_require_one", _forget_scopes_of_waves),
        ("/v1/waves",),
    ),
    Fault(
        "waves of another agency",
        *(wave_views, "get_own_wave", _get_any_wave),
        ("/v1/waves/{wave}",),
    ),
    Fault(
        "devices that were revoked",
        *(auth, "is_revoked", lambda _session, _bearer: False),
        ("/v1/teams/{team}",),
    ),
    Fault(
        "administrators who were removed",
        *(auth, "keep_rights", lambda _session, bearer: bearer),
        ("/v1/clients", "/v1/audit"),
    ),
)


@contextmanager
def planted(fault: Fault) -> Iterator[None]:
    """The service with a fault."""
    with patch.object(fault.owner, fault.attribute, fault.replacement):
        yield


def main() -> int:
    """Plants each fault; prints how it was noticed, and how many were caught."""
    caught = 0
    with start_scenario() as scenario:
        table = load_table([*scenario.callers], scenario.foreign)
        readings = [each for each in table.combinations() if each.method == "GET"]
        for fault in FAULTS:
            asked = [
                each
                for each in readings
                if any(part in each.path for part in fault.paths)
            ]
            with planted(fault):
                difference = next(compare(scenario, asked), None)
            caught += difference is not None
            print(f"{fault.name}: {difference or 'NOT CAUGHT'}")
    print(f"authz-selftest: {caught} of {len(FAULTS)} caught")
    return int(caught != len(FAULTS))


if __name__ == "__main__":
    sys.exit(main())
