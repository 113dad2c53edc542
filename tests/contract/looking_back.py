"""What is asked when a crisis is over: was what it accelerated sustained?"""

from functools import partial

from rapport_service.cli.tick import find_out
from tests.contract.telling import NOBODY, Story
from tests.findings.planted import Said, between, crisis, declare, release
from tests.house_under_test import Agency

LEVELS = (*[50] * 6, *[65] * 5, *[60] * 6)
"""Scores of seventeen fortnights: before, during and after."""


def sustainment_is_read(story: Story) -> None:
    """What a director hears of the agency, of its teams, and of other markers."""
    told = partial(_told, story)
    told("marker-not-found", "Before any is declared.", "agency")
    start, _ = crisis(story.agency, 6, 11)
    told("pending", "Before the service's next tick.", "agency")
    for number, level in enumerate(LEVELS):
        score = level + number * 5 % 3 - 1
        said = Said(score, items=True, share=0.5 if 6 <= number < 11 else 0.1)
        release(story.agency, 14 * number, {"agency": said}, eligible=36)
    overlapping = declare(story.agency, "policy-change", between(8))
    find_out(story.agency.id)
    told("released", "A gain that was sustained.", "agency", start)
    told("rolled-up", "A team that was never shown finely.", "court", start)
    told("not-analysed", "Two dates at once.", "agency", overlapping)
    told("invalid", "Not an id.", "agency", "the-flood")
    path = f"/v1/teams/{NOBODY}/sustainment"
    token = story.agency.reader_token("director")
    table = f"/v1/teams/{story.agency.team_id('agency')}/sustainment"
    csv = {"Accept": "text/csv"}
    about = "A row for each construct and question."
    story.get("get_sustainment.csv", about, table, token, **csv)
    story.get("get_sustainment.team-not-found", "No team of ours.", path, token)


def too_few_answered(story: Story) -> None:
    """A crisis in an agency whose only wave nobody answered."""
    crisis(story.other, 6, 11)
    find_out(story.other.id)
    _told(story, "withheld", "Nobody answered.", "a", agency=story.other)


def _told(
    story: Story,
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
