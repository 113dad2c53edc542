"""Requests of readers of scores and reports."""

from functools import partial

from tests.support.http_phone import content, item
from tests.support.service import Agency
from tools.openapi.walkthrough import UNKNOWN_ID, Walkthrough


def read_pending_reports(walkthrough: Walkthrough) -> None:
    """A score is pending, and so is everything else."""
    _get_score(walkthrough, "pending", "The wave is not sealed yet.", "intake")
    token = walkthrough.agency.reader_token("director")
    team = f"/v1/teams/{walkthrough.agency.team_id('intake')}"
    walkthrough.get(
        "get_team_heatmap.pending",
        "The wave is not sealed yet.",
        f"{team}/heatmap",
        token,
    )
    walkthrough.get(
        "get_team_trend.nothing", "No wave is sealed yet.", f"{team}/trend", token
    )


def read_scores(walkthrough: Walkthrough, wave: str) -> None:
    """Requests of a director for teams of different sizes."""
    _get_score(
        walkthrough, "released-fine", "A team with ten answers or more.", "intake"
    )
    _get_score(
        walkthrough, "released-coarse", "A team with five answers or more.", "north"
    )
    _get_score(
        walkthrough, "rolled-up", "Figures of the nearest larger group.", "court", wave
    )


def read_reports(walkthrough: Walkthrough, wave: str) -> None:
    """One team by wave, many teams in one wave, its releases."""
    token = walkthrough.agency.reader_token("director")
    team = f"/v1/teams/{walkthrough.agency.team_id('agency')}"
    for name, path, about in (
        ("list_teams", "/v1/teams", "The teams as CSV."),
        ("get_team_score", f"{team}/score", "CSV with one row for each construct."),
        (
            "get_team_trend",
            f"{team}/trend",
            "CSV with one row for each wave and construct.",
        ),
        (
            "get_team_heatmap",
            f"{team}/heatmap",
            "CSV with one row for each team and construct.",
        ),
    ):
        walkthrough.get(f"{name}.csv", about, path, token, Accept="text/csv")
    read = partial(walkthrough.get, token=token)
    read("get_team_trend.waves", "The waves of a team, newest first.", f"{team}/trend")
    read(
        "get_team_heatmap.sealed",
        "The team and the teams just below it.",
        f"{team}/heatmap",
    )
    elsewhere = f"/v1/teams/{UNKNOWN_ID}"
    read(
        "get_team_trend.team-not-found",
        "The agency has no such team.",
        f"{elsewhere}/trend",
    )
    read(
        "get_team_heatmap.team-not-found",
        "The agency has no such team.",
        f"{elsewhere}/heatmap",
    )
    released, nowhere = (
        f"/v1/waves/{wave}/releases",
        f"{walkthrough.agency.id}.{UNKNOWN_ID}",
    )
    read(
        "list_wave_releases.all",
        "The documents of the teams that you can see.",
        released,
    )
    read(
        "list_wave_releases.not-found",
        "The agency has no such wave.",
        f"/v1/waves/{nowhere}/releases",
    )


def read_reliability(walkthrough: Walkthrough) -> None:
    """Requests of the administrator for the reliability report."""
    token, path = walkthrough.agency.admin_token(), "/v1/organization/reliability"
    about = "After one wave, with too few people for each pair of questions."
    walkthrough.get("get_reliability.one-wave", about, path, token)
    about = "CSV with one row for each figure."
    csv = {"Accept": "text/csv"}
    walkthrough.get("get_reliability.csv", about, path, token, **csv)
    token = walkthrough.other.admin_token()
    walkthrough.get(
        "get_reliability.nothing-measured", "No wave is sealed yet.", path, token
    )


def read_withheld_score(walkthrough: Walkthrough) -> None:
    """A score of which nothing can be shown."""
    walkthrough.other.announce()
    walkthrough.other.seal()
    _get_score(
        walkthrough,
        "withheld",
        "Nobody answered, so there is no score.",
        "a",
        agency=walkthrough.other,
    )


def read_gone_team(walkthrough: Walkthrough) -> None:
    """Requests for a team that has left the roster; its people went to another."""
    agency = walkthrough.agency
    people = {f"court-{number}": "north" for number in range(1, 9)}
    agency.change_roster(parents={"court": None}, homes=people)
    get = partial(walkthrough.get, token=agency.admin_token())
    get("list_teams.gone", "Teams that are gone.", "/v1/teams?gone=true")
    path = f"/v1/teams/{agency.team_id('court')}"
    get("get_team.gone", "A team that is gone. Its results stay.", path)


LATER_TEAMS = {"north": 0, "south": 0, "a": 12, "b": 12, "c": 12, "x": 8}
LATER_PARENTS = {"a": "north", "b": "north", "x": "north", "c": "south"}
LATER_ANSWERS = {"a": 4, "b": 3, "c": 3}
"""By team, the answer of ten people to everything; the other teams give none."""


def read_later_waves(walkthrough: Walkthrough) -> None:
    """Scores of an agency in its third wave, and of a team that moves after it."""
    agency = walkthrough.other
    agency.put(LATER_TEAMS, LATER_PARENTS, {"director": ["agency"], "boss": ["south"]})
    for _ in range(3):
        _answer_wave(walkthrough, agency)
    _get_score(
        walkthrough,
        "level",
        "From a team's third wave on, a score has a level.",
        "a",
        agency=agency,
    )
    agency.change_roster(parents={"x": "south"})
    _get_score(
        walkthrough,
        "group-hidden",
        "The team has moved. Its new supervisor cannot read the group that it was in.",
        "x",
        agency=agency,
        reader="boss",
    )


def _answer_wave(walkthrough: Walkthrough, agency: Agency) -> None:
    wave = agency.announce()
    items = [
        item(agency.phone(f"{team}-{number}").draw(wave), content(number, value))
        for team, value in LATER_ANSWERS.items()
        for number in range(1, 11)
    ]
    agency.tick(days=2)
    body = {"protocol": 1, "batch": "later", "items": items}
    walkthrough.service.http.post("/v1/submissions", json=body)
    agency.seal()


def _get_score(
    walkthrough: Walkthrough,
    name: str,
    about: str,
    team: str,
    wave: str = "",
    agency: Agency | None = None,
    reader: str = "director",
) -> None:
    agency = agency or walkthrough.agency
    path = f"/v1/teams/{agency.team_id(team)}/score"
    token = agency.reader_token(reader)
    query = f"?wave_id={wave}" if wave else ""
    walkthrough.get(f"get_team_score.{name}", about, f"{path}{query}", token)
