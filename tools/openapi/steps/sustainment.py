"""Requests after a crisis: was the gain in trust sustained?"""

from functools import partial

from rapport_service.lifecycle.organization import update_findings
from tests.support.service import Agency
from tests.sustainment.planted_releases import (
    PlantedScore,
    day_between_waves,
    plant_crisis,
    plant_marker,
    plant_release,
)
from tools.openapi.walkthrough import UNKNOWN_ID, Walkthrough

SCORE_LEVELS = (*[50] * 6, *[65] * 5, *[60] * 6)
"""Scores of seventeen fortnights: before, during and after."""


def read_sustainment(walkthrough: Walkthrough) -> None:
    """Requests of a director for the agency, its teams, and other markers."""
    get = partial(_get_sustainment, walkthrough)
    get("marker-not-found", "No marker is declared yet.", "agency")
    start, _ = plant_crisis(walkthrough.agency, 6, 11)
    get("pending", "The service has not worked it out yet.", "agency")
    for number, level in enumerate(SCORE_LEVELS):
        score = level + number * 5 % 3 - 1
        planted = PlantedScore(
            score, items=True, share=0.5 if 6 <= number < 11 else 0.1
        )
        plant_release(walkthrough.agency, 14 * number, {"agency": planted}, eligible=36)
    overlapping = plant_marker(
        walkthrough.agency, "policy_change", day_between_waves(8)
    )
    update_findings(walkthrough.agency.id)
    get("released", "A gain that was sustained.", "agency", start)
    get("rolled-up", "A team without fine scores of its own.", "court", start)
    get("not-analysed", "Two events overlap.", "agency", overlapping)
    get("invalid", "The marker is not an id.", "agency", "the-flood")
    path = f"/v1/teams/{UNKNOWN_ID}/sustainment"
    token = walkthrough.agency.reader_token("director")
    table = f"/v1/teams/{walkthrough.agency.team_id('agency')}/sustainment"
    csv = {"Accept": "text/csv"}
    about = "CSV with one row for each construct and question."
    walkthrough.get("get_team_sustainment.csv", about, table, token, **csv)
    walkthrough.get(
        "get_team_sustainment.team-not-found",
        "The agency has no such team.",
        path,
        token,
    )


def read_withheld_sustainment(walkthrough: Walkthrough) -> None:
    """A crisis in an agency whose only wave has no answers."""
    plant_crisis(walkthrough.other, 6, 11)
    update_findings(walkthrough.other.id)
    _get_sustainment(
        walkthrough,
        "withheld",
        "Nobody answered, so there is no finding.",
        "a",
        agency=walkthrough.other,
    )


def _get_sustainment(
    walkthrough: Walkthrough,
    name: str,
    about: str,
    team: str,
    marker: str = "",
    agency: Agency | None = None,
) -> None:
    agency = agency or walkthrough.agency
    path = f"/v1/teams/{agency.team_id(team)}/sustainment"
    query = f"?marker_id={marker}" if marker else ""
    token = agency.reader_token("director")
    walkthrough.get(f"get_team_sustainment.{name}", about, f"{path}{query}", token)
