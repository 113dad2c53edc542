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


def read_sustainment(story: Walkthrough) -> None:
    """Requests of a director for the agency, its teams, and other markers."""
    get = partial(_get_sustainment, story)
    get("marker-not-found", "Before any is declared.", "agency")
    start, _ = plant_crisis(story.agency, 6, 11)
    get("pending", "Before the service's next tick.", "agency")
    for number, level in enumerate(SCORE_LEVELS):
        score = level + number * 5 % 3 - 1
        planted = PlantedScore(
            score, items=True, share=0.5 if 6 <= number < 11 else 0.1
        )
        plant_release(story.agency, 14 * number, {"agency": planted}, eligible=36)
    overlapping = plant_marker(story.agency, "policy-change", day_between_waves(8))
    update_findings(story.agency.id)
    get("released", "A gain that was sustained.", "agency", start)
    get("rolled-up", "A team that was never shown finely.", "court", start)
    get("not-analysed", "Two dates at once.", "agency", overlapping)
    get("invalid", "Not an id.", "agency", "the-flood")
    path = f"/v1/teams/{UNKNOWN_ID}/sustainment"
    token = story.agency.reader_token("director")
    table = f"/v1/teams/{story.agency.team_id('agency')}/sustainment"
    csv = {"Accept": "text/csv"}
    about = "A row for each construct and question."
    story.get("get_sustainment.csv", about, table, token, **csv)
    story.get("get_sustainment.team-not-found", "No team of ours.", path, token)


def read_withheld_sustainment(story: Walkthrough) -> None:
    """A crisis in an agency whose only wave has no answers."""
    plant_crisis(story.other, 6, 11)
    update_findings(story.other.id)
    _get_sustainment(story, "withheld", "Nobody answered.", "a", agency=story.other)


def _get_sustainment(
    story: Walkthrough,
    name: str,
    about: str,
    team: str,
    marker: str = "",
    agency: Agency | None = None,
) -> None:
    agency = agency or story.agency
    path = f"/v1/teams/{agency.team_id(team)}/sustainment"
    query = f"?marker={marker}" if marker else ""
    token = agency.reader_token("director")
    story.get(f"get_sustainment.{name}", about, f"{path}{query}", token)
