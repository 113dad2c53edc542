"""Requests of readers of scores and reports."""

from functools import partial

from tests.support.service import Agency
from tools.openapi.walkthrough import UNKNOWN_ID, Walkthrough


def read_pending_reports(story: Walkthrough) -> None:
    """A score is pending, and so is everything else."""
    _get_score(story, "pending", "Before the seal.", "intake")
    token = story.agency.reader_token("director")
    team = f"/v1/teams/{story.agency.team_id('intake')}"
    story.get("get_heatmap.pending", "Before the seal.", f"{team}/heatmap", token)
    story.get("get_trend.nothing", "No wave is sealed yet.", f"{team}/trend", token)


def read_scores(story: Walkthrough, wave: str) -> None:
    """Requests of a director for teams of different sizes."""
    _get_score(story, "released-fine", "From ten answers on.", "intake")
    _get_score(story, "released-coarse", "From five answers on.", "north")
    _get_score(
        story, "rolled-up", "The nearest group that can be shown.", "court", wave
    )


def read_reports(story: Walkthrough, wave: str) -> None:
    """One team by wave, many teams in one wave, its releases."""
    token = story.agency.reader_token("director")
    team = f"/v1/teams/{story.agency.team_id('agency')}"
    for name, about in (
        ("teams", "The teams as a table."),
        ("scores", "One row for each construct."),
        ("trend", "One row for each wave and construct."),
        ("heatmap", "One row for each team and construct."),
    ):
        path = "/v1/teams" if name == "teams" else f"{team}/{name}"
        csv = {"Accept": "text/csv"}
        story.get(f"get_{name}.csv", about, path, token, **csv)
    read = partial(story.get, token=token)
    read("get_trend.waves", "Oldest first.", f"{team}/trend")
    read("get_heatmap.sealed", "The team and its children.", f"{team}/heatmap")
    elsewhere = f"/v1/teams/{UNKNOWN_ID}"
    read("get_trend.team-not-found", "Not a team of ours.", f"{elsewhere}/trend")
    read("get_heatmap.team-not-found", "Not a team of ours.", f"{elsewhere}/heatmap")
    released, nowhere = f"/v1/waves/{wave}/releases", f"{story.agency.id}.{UNKNOWN_ID}"
    read("get_wave_releases.all", "The teams that you may see.", released)
    read("get_wave_releases.not-found", "No such.", f"/v1/waves/{nowhere}/releases")


def read_reliability(story: Walkthrough) -> None:
    """Requests of the administrator for the reliability report."""
    token, path = story.agency.admin_token(), "/v1/organization/reliability"
    about = "After one wave, with too few people for each pair of questions."
    story.get("get_reliability.one-wave", about, path, token)
    about = "One row for each figure."
    csv = {"Accept": "text/csv"}
    story.get("get_reliability.csv", about, path, token, **csv)
    token = story.other.admin_token()
    story.get("get_reliability.nothing-measured", "No wave yet.", path, token)


def read_withheld_score(story: Walkthrough) -> None:
    """A score of which nothing can be shown."""
    story.other.announce()
    story.other.seal()
    _get_score(story, "withheld", "Nobody answered.", "a", agency=story.other)


def _get_score(
    story: Walkthrough,
    name: str,
    about: str,
    team: str,
    wave: str = "",
    agency: Agency | None = None,
) -> None:
    agency = agency or story.agency
    path = f"/v1/teams/{agency.team_id(team)}/scores"
    token = agency.reader_token("director")
    query = f"?wave={wave}" if wave else ""
    story.get(f"get_scores.{name}", about, f"{path}{query}", token)
