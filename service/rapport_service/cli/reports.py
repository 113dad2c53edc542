"""``rapport score``, ``trend``, ``heatmap`` and ``sustainment``: what was released.

These commands read as an administrator of the agency does, and no more.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, ParamSpec, TypeVar, cast, get_args
from uuid import UUID

import click
from sqlalchemy.orm import Session

from rapport_schemas.enums import Role
from rapport_schemas.heatmap import HEATMAP
from rapport_schemas.names import normalize_name
from rapport_schemas.reports import SCORE
from rapport_schemas.sustainment import SUSTAINMENT
from rapport_schemas.trend import TrendReplySchema
from rapport_service.agency.models import Team
from rapport_service.agency.service import get_organization
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.cli.report_sections import (
    heatmap_section,
    score_sections,
    sustainment_section,
    trend_section,
)
from rapport_service.core.db import Door, read_transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.encoding.language_tags import look_up_language
from rapport_service.registry.markers import UnknownMarkerError
from rapport_service.reports.heatmap import load_heatmap
from rapport_service.reports.rights import Reader, ReadingRights
from rapport_service.reports.service import (
    NothingMeasuredError,
    PendingScore,
    load_score,
    load_scores,
    pending_score_document,
)
from rapport_service.reports.sustainment import (
    PendingFinding,
    load_sustainment,
    pending_finding_document,
)
from rapport_service.reports.trend import load_trend
from rapport_service.tables import score_columns, sustainment_columns
from rapport_service.tables.readable_columns import Language

Document = Mapping[str, Any]

P = ParamSpec("P")
R = TypeVar("R")

ANY_ADMINISTRATOR = UUID(int=0)
"""The subject of a reader who is no person; all administrators may read the same."""

NO_MARKER = (
    "there is no marker for this team yet. Declare one with `rapport marker declare`."
)


class LanguageParam(click.ParamType[Language]):
    """The tag of a language that reports are written in, such as es or es-MX."""

    name = "tag"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Language:
        """The language, by the look-up that the API uses."""
        language = look_up_language([str(value)], get_args(Language))
        if language is None:
            self.fail(
                f"{value!r} is not a language of reports. Choose en or es.", param, ctx
            )
        return cast(Language, language)


LANGUAGE = LanguageParam()


def report_options(command: Callable[P, R]) -> Callable[P, R]:
    """Gives a command the options of every report: its language and its form."""
    language = click.option(
        "--language",
        type=LANGUAGE,
        default="en",
        show_default=True,
        help="Language of the table and of the sentences below it: en or es.",
    )
    return language(form_options(command))


wave_option = click.option(
    "--wave",
    "wave_id",
    metavar="WAVE",
    help="Id of the wave. Default: the newest one that is sealed.",
)


@click.command()
@click.argument("organization_id", metavar="ID")
@click.argument("team", required=False)
@wave_option
@report_options
def score(
    organization_id: str,
    team: str | None,
    wave_id: str | None,
    language: Language,
    form: str | None,
) -> None:
    """Print the score of TEAM, or of every team of the agency ID.

    TEAM is an id or an external id. A score runs from 0 to 100; more is better. In
    brackets: the percentage of favourable answers. The sentences below the table say
    what it means, and which teams have no score of their own.
    """
    now = dependencies().clock()
    with reporting_errors(), read_transaction(Door.REPORTS) as session:
        reader = _administrator(session, organization_id)
        if team is None:
            branches = list(_walk_tree(ReadingRights(session, reader).list_present()))
            scores = load_scores(session, reader, wave_id, now)
        else:
            row = _find_team(session, reader, team)
            branches = [(row, 0)]
            stored = load_score(session, reader, row.team_id, wave_id, now)
            scores = {row.team_id: stored}
    shown = [
        (_score_document(scores[row.team_id]), depth)
        for row, depth in branches
        if row.team_id in scores
    ]
    documents = [document for document, _ in shown]
    print_result(
        {"scores": documents} if team is None else documents[0],
        score_columns.SCORES,
        form,
        documents=documents,
        sections=score_sections(shown, language),
    )
    unasked = [row.name for row, _ in branches if row.team_id not in scores]
    if unasked:
        print_note(f"no such wave asked these teams: {', '.join(unasked)}")


@click.command()
@click.argument("organization_id", metavar="ID")
@click.argument("team")
@report_options
def trend(
    organization_id: str, team: str, language: Language, form: str | None
) -> None:
    """Print the scores of TEAM wave by wave, the newest first.

    TEAM is an id or an external id. Where the team had no score of its own, the larger
    group with its score is named.
    """
    with reporting_errors(), read_transaction(Door.REPORTS) as session:
        reader = _administrator(session, organization_id)
        row = _find_team(session, reader, team)
        document, _ = load_trend(session, reader, row.team_id)
    print_result(
        TrendReplySchema().dump(document | {"next": None}),  # the whole list
        score_columns.TREND,
        form,
        sections=[trend_section(document, language)],
    )


@click.command()
@click.argument("organization_id", metavar="ID")
@click.argument("team", required=False)
@wave_option
@report_options
def heatmap(
    organization_id: str,
    team: str | None,
    wave_id: str | None,
    language: Language,
    form: str | None,
) -> None:
    """Print the scores of TEAM and of the teams just below it, side by side.

    TEAM is an id or an external id. Without it, each team of the agency ID that has
    teams below it gets a table.
    """
    now = dependencies().clock()
    with reporting_errors(), read_transaction(Door.REPORTS) as session:
        reader = _administrator(session, organization_id)
        if team is None:
            heads = _list_heads(ReadingRights(session, reader).list_present())
            documents = _load_heatmaps(session, reader, heads, wave_id, now)
        else:
            head = _find_team(session, reader, team)
            documents = [_load_heatmap(session, reader, head, wave_id, now)]
    print_result(
        {"heatmaps": documents} if team is None else documents[0],
        score_columns.HEATMAP,
        form,
        documents=documents,
        sections=[heatmap_section(document, language) for document in documents],
    )


@click.command()
@click.argument("organization_id", metavar="ID")
@click.argument("team")
@click.option(
    "--marker",
    "marker_id",
    type=click.UUID,
    metavar="MARKER",
    help="Id of the marker. Default: the newest one that was analysed.",
)
@report_options
def sustainment(
    organization_id: str,
    team: str,
    marker_id: UUID | None,
    language: Language,
    form: str | None,
) -> None:
    """Print how trust and communication of TEAM were around a marker.

    TEAM is an id or an external id. Figures are in points, with their 95 % interval in
    brackets: during the event and after it, each against before; after it against
    during; and how much of the gain was kept.
    """
    with reporting_errors(), read_transaction(Door.REPORTS) as session:
        reader = _administrator(session, organization_id)
        row = _find_team(session, reader, team)
        try:
            finding = load_sustainment(session, reader, row.team_id, marker_id)
        except UnknownMarkerError as error:
            if marker_id is not None:
                raise
            raise click.ClickException(NO_MARKER) from error
    document = _finding_document(finding)
    print_result(
        document,
        sustainment_columns.SUSTAINMENT,
        form,
        sections=[sustainment_section(document, language)],
    )


def _administrator(session: Session, organization_id: str) -> Reader:
    """A reader with the rights of an administrator of the agency, and no other."""
    get_organization(session, organization_id)
    return Reader(organization_id, ANY_ADMINISTRATOR, frozenset({Role.ADMIN}))


def _find_team(session: Session, reader: Reader, name: str) -> Team:
    """The team with this external id, or else with this id; also one that is gone."""
    name = normalize_name(name)
    rights = ReadingRights(session, reader)
    teams = [*rights.list_present(), *rights.list_past()]
    for key in ("external_id", "team_id"):
        for team in teams:
            if str(getattr(team, key)) == name:
                return team
    raise click.ClickException(f"there is no team {name}")


def _walk_tree(teams: Sequence[Team]) -> Iterator[tuple[Team, int]]:
    """Each team before the teams below it, with its depth."""
    below: dict[UUID | None, list[Team]] = {}
    for team in teams:
        below.setdefault(team.parent_id, []).append(team)
    waiting = [(team, 0) for team in reversed(below.get(None, []))]
    while waiting:
        team, depth = waiting.pop()
        yield team, depth
        waiting += [(each, depth + 1) for each in reversed(below.get(team.team_id, []))]


def _list_heads(teams: Sequence[Team]) -> list[Team]:
    """The teams with teams below them; the agency itself if there are no others."""
    parents = {team.parent_id for team in teams}
    return [
        team
        for team, depth in _walk_tree(teams)
        if team.team_id in parents or depth == 0
    ]


def _load_heatmap(
    session: Session, reader: Reader, head: Team, wave_id: str | None, now: datetime
) -> Document:
    heatmap = load_heatmap(session, reader, head.team_id, wave_id, now)
    if isinstance(heatmap, PendingScore):
        heatmap = pending_score_document(heatmap)
    return cast(Document, HEATMAP.dump(heatmap))


def _load_heatmaps(
    session: Session,
    reader: Reader,
    heads: Sequence[Team],
    wave_id: str | None,
    now: datetime,
) -> list[Document]:
    """The heat map of each team that such a wave asked, the agency first.

    Raises:
        NothingMeasuredError: it asked none of them.
    """
    documents = []
    for head in heads:
        with suppress(NothingMeasuredError):
            documents.append(_load_heatmap(session, reader, head, wave_id, now))
    if not documents:
        raise NothingMeasuredError
    return documents


def _score_document(score: bytes | PendingScore) -> Document:
    if isinstance(score, PendingScore):
        return cast(Document, SCORE.dump(pending_score_document(score)))
    return cast(Document, json.loads(score))


def _finding_document(finding: bytes | PendingFinding) -> Document:
    if isinstance(finding, PendingFinding):
        return cast(Document, SUSTAINMENT.dump(pending_finding_document(finding)))
    return cast(Document, json.loads(finding))
