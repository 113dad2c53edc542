"""``rapport marker``: dated events in the history of an agency."""

from datetime import date
from uuid import UUID

import click

from rapport_schemas.enums import MarkerKind, words
from rapport_schemas.loading import load_document
from rapport_schemas.markers import (
    MarkerRequestSchema,
    MarkerSchema,
    MarkersReplySchema,
)
from rapport_schemas.names import normalize_name
from rapport_service.agency.audit import COMMAND_LINE
from rapport_service.agency.service import get_organization, list_teams
from rapport_service.cli.output import (
    form_options,
    print_note,
    print_result,
    reporting_errors,
)
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.registry.markers import (
    declare_marker,
    list_markers,
    load_declarers,
    marker_document,
    retract_marker,
)
from rapport_service.tables import list_columns


@click.group()
def marker() -> None:
    """Record events of an agency: a crisis began or ended, or a policy is new."""


@marker.command()
@click.argument("organization_id", metavar="ID")
@click.option(
    "--kind", required=True, type=click.Choice(words(MarkerKind)), help="Kind of event."
)
@click.option("--on", required=True, help="Date of the event, such as 2027-03-01.")
@click.option(
    "--label",
    required=True,
    help="Short name of the event. Do not name a case or a person.",
)
@click.option(
    "--team",
    help="Team (external id) that the event concerns, and the teams below it. Default: "
    "the whole agency.",
)
@click.option(
    "--provisional", is_flag=True, help="Say that the date is not certain yet."
)
@form_options
def declare(
    organization_id: str,
    kind: str,
    on: str,
    label: str,
    team: str | None,
    *,
    provisional: bool,
    form: str | None,
) -> None:
    """Declare an event of the agency ID. Prints the id of the marker.

    Declare it before the results are known: reports say when it was declared.
    """
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        teams = {
            row.external_id: row.team_id for row in list_teams(session, organization_id)
        }
        team = team and normalize_name(team)
        if team is not None and team not in teams:
            raise click.ClickException(f"there is no team {team}")
        document = load_document(
            MarkerRequestSchema(),
            {
                "kind": kind,
                "team_id": None if team is None else str(teams[team]),
                "effective_on": on,
                "confirmed": not provisional,
                "label": label,
            },
        )
        declared = declare_marker(
            session,
            organization_id,
            MarkerKind(document["kind"]),
            None if team is None else teams[team],
            date.fromisoformat(document["effective_on"]),
            document["label"],
            dependencies().clock(),
            COMMAND_LINE,
            confirmed=document["confirmed"],
        )
        lacks_start = declared.kind == MarkerKind.CRISIS_END and not any(
            row.kind == MarkerKind.CRISIS_START
            and row.retracted_at is None
            and row.effective_on <= declared.effective_on
            for row in list_markers(session, organization_id)
        )
        declarers = load_declarers(session, [declared])
    result = MarkerSchema().dump(marker_document(declared, declarers))
    print_result(result, list_columns.CREATED, form)
    if lacks_start:
        print_note(
            "there is no crisis_start before this crisis_end. Declare it too, or there "
            "will be no report on this event"
        )


@marker.command("list")
@click.argument("organization_id", metavar="ID")
@form_options
def list_(organization_id: str, form: str | None) -> None:
    """List markers.

    Columns: id, date, kind, team, label, provisional or retracted.
    """
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        markers = list_markers(session, organization_id)
        declarers = load_declarers(session, markers)
        names = {
            team.team_id: team.external_id
            for team in list_teams(session, organization_id)
        }
    document = {
        "markers": [
            marker_document(row, declarers)
            | {"team_name": row.team_id and names.get(row.team_id, str(row.team_id))}
            for row in markers
        ]
    }
    print_result(
        MarkersReplySchema().dump(document),
        list_columns.MARKERS,
        form,
        documents=[document],
    )


@marker.command()
@click.argument("organization_id", metavar="ID")
@click.argument("marker_id", metavar="MARKER", type=click.UUID)
def retract(organization_id: str, marker_id: UUID) -> None:
    """Retract a marker. The list still shows it, as retracted."""
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        retract_marker(
            session, organization_id, marker_id, dependencies().clock(), COMMAND_LINE
        )
    click.echo("marker: retracted")
