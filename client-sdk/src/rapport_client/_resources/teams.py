"""Teams: which there are, and their reports."""

from dataclasses import replace
from itertools import chain

from rapport_client._json import JsonObject, read, read_tagged
from rapport_client._resources.calls import get, get_pages, list_all
from rapport_client._resources.operation import Exchange, R_co, Resource, operation
from rapport_client._resources.references import (
    AnyMarker,
    AnyTeam,
    AnyWave,
    marker_id,
    quoted,
    resolve_team,
    wave_id,
)
from rapport_client.models import (
    GroupHidden,
    Heatmap,
    NoFinding,
    Pending,
    Released,
    RolledUp,
    Score,
    Sustainment,
    SustainmentFinding,
    Team,
    Trend,
    Withheld,
)


class Teams(Resource[R_co]):
    """Teams that the caller may read, and their reports.

    A team is meant by a ``Team``, its id or its external id, which takes one call more.
    """

    @operation("list_teams")
    def list(
        self, *, external_id: str | None = None, gone: bool = False
    ) -> Exchange[tuple[Team, ...]]:
        """The teams that the caller may read, by external id.

        Args:
            external_id: only the team with this one.
            gone: instead, those that are gone from the roster or that the caller has
                left, and of which the caller may read earlier waves.
        """
        wanted = "true" if gone else None
        return list_all(Team, "teams", "teams", external_id=external_id, gone=wanted)

    @operation("get_team")
    def get(self, team: AnyTeam) -> Exchange[Team]:
        """A team.

        Raises:
            TeamNotFound: there is no such team among those that the caller may read.
        """
        return read(Team, (yield from _get_report(team, "", "the team")))

    @operation("get_team_score")
    def score(self, team: AnyTeam, wave: AnyWave | None = None) -> Exchange[Score]:
        """A team's score.

        Args:
            team: the team.
            wave: the wave; the newest sealed one that has the team if None.

        Returns:
            ``Released``, ``RolledUp``, ``GroupHidden``, ``Withheld`` or ``Pending``.

        Raises:
            NothingMeasured: no wave has asked this team yet.
            TeamNotFound: there is no such team among those that the caller may read.
        """
        score = yield from _get_report(
            team, "/score", "the score", wave_id=None if wave is None else wave_id(wave)
        )
        return parse_score(score)

    @operation("get_team_trend")
    def trend(self, team: AnyTeam) -> Exchange[Trend]:
        """A team's own scores through all its waves, newest first.

        Raises:
            TeamNotFound: there is no such team among those that the caller may read.
        """
        path = f"teams/{quoted((yield from resolve_team(team)))}/trend"
        pages = yield from get_pages(path, "the trend")
        newest, *others = (read(Trend, page) for page in pages)
        points = chain(newest.points, *(page.points for page in others))
        return replace(newest, points=tuple(points))

    @operation("get_team_heatmap")
    def heatmap(
        self, team: AnyTeam, wave: AnyWave | None = None
    ) -> Exchange[Heatmap | Pending]:
        """A team and its children side by side in one wave.

        Args:
            team: the team.
            wave: the wave; the newest sealed one that has the team if None.

        Raises:
            NothingMeasured: no wave has asked this team yet.
            TeamNotFound: there is no such team among those that the caller may read.
        """
        heatmap = yield from _get_report(
            team,
            "/heatmap",
            "the heat map",
            wave_id=None if wave is None else wave_id(wave),
        )
        return parse_heatmap(heatmap)

    @operation("get_team_sustainment")
    def sustainment(
        self, team: AnyTeam, marker: AnyMarker | None = None
    ) -> Exchange[Sustainment]:
        """A team's trust and communication before, during and after a marker.

        Args:
            team: the team.
            marker: the marker; the newest one that was analysed if None.

        Returns:
            A ``SustainmentFinding``, or a ``NoFinding`` with the reason.

        Raises:
            MarkerNotFound: no such marker concerns the team.
            TeamNotFound: there is no such team among those that the caller may read.
        """
        document = yield from _get_report(
            team,
            "/sustainment",
            "the sustainment",
            marker_id=None if marker is None else marker_id(marker),
        )
        return parse_sustainment(document)


def parse_score(score: JsonObject) -> Score:
    """Parses a score document.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    if _is_group_hidden(score):
        return read(GroupHidden, score)
    return read_tagged(
        score,
        "status",
        {
            "released": Released,
            "rolled_up": RolledUp,
            "withheld": Withheld,
            "pending": Pending,
        },
    )


def parse_heatmap(heatmap: JsonObject) -> Heatmap | Pending:
    """Parses a heat map, or the notice that its wave is not sealed yet.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    return read_tagged(heatmap, "status", {"sealed": Heatmap, "pending": Pending})


def parse_sustainment(document: JsonObject) -> Sustainment:
    """Parses a sustainment document.

    Raises:
        UnexpectedReply: malformed, or of a status that is not known here.
    """
    if _is_group_hidden(document):
        return read(NoFinding, document)
    if document.text("status") == "rolled_up":
        document.nested("source_team")  # required: figures of another team name it
    return read_tagged(
        document,
        "status",
        {
            "released": SustainmentFinding,
            "rolled_up": SustainmentFinding,
            "withheld": NoFinding,
            "not_analysed": NoFinding,
            "pending": NoFinding,
        },
    )


def _is_group_hidden(document: JsonObject) -> bool:
    """Whether a document leaves out the group whose figures it would show."""
    rolled_up = document.text("status") == "rolled_up"
    return rolled_up and document.raw.get("source_team", ...) is None


def _get_report(
    team: AnyTeam, report: str, what: str, **query: str | None
) -> Exchange[JsonObject]:
    team_id = yield from resolve_team(team)
    return (yield from get(f"teams/{quoted(team_id)}{report}", what, **query))
