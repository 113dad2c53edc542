"""``rapport marker``."""

from datetime import date
from uuid import UUID

import click

from rapport_schemas.loading import load_document
from rapport_schemas.markers import KINDS, MarkerRequestSchema, MarkersReplySchema
from rapport_service.agency.service import get_organization, list_teams
from rapport_service.cli.errors import reporting_errors
from rapport_service.cli.output import ACTOR, json_option, print_note, print_result
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.registry.markers import (
    declare_marker,
    list_markers,
    marker_document,
    retract_marker,
)
from rapport_service.registry.models import Marker, MarkerKind


@click.group()
def marker() -> None:
    """Dates in an agency's history: a crisis began, it ended, a new policy."""


@marker.command()
@click.argument("organization_id", metavar="ID")
@click.option("--kind", required=True, type=click.Choice(KINDS))
@click.option("--on", required=True, help="The date, such as 2027-03-01.")
@click.option("--label", required=True, help="Short; tells of no case and no person.")
@click.option("--team", help="The team (external id) that it concerns, with all below.")
@click.option("--provisional", is_flag=True, help="The date is not certain yet.")
@json_option
def declare(
    organization_id: str,
    kind: str,
    on: str,
    label: str,
    team: str | None,
    *,
    provisional: bool,
    as_json: bool,
) -> None:
    """Put a date on the record of the agency ID; prints the marker's id.

    Declare it before the results are in: when it was declared stays on record.
    """
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        teams = {
            one.external_id: one.team_id for one in list_teams(session, organization_id)
        }
        if team is not None and team not in teams:
            raise click.ClickException(f"no such team: {team}")
        asked = load_document(
            MarkerRequestSchema(),
            {
                "kind": kind,
                "team": None if team is None else str(teams[team]),
                "effective_on": on,
                "confirmed": not provisional,
                "label": label,
            },
        )
        declared = declare_marker(
            session,
            organization_id,
            MarkerKind(asked["kind"]),
            None if team is None else teams[team],
            date.fromisoformat(asked["effective_on"]),
            asked["label"],
            dependencies().clock(),
            ACTOR,
            confirmed=asked["confirmed"],
        )
        unbegun = declared.kind == MarkerKind.CRISIS_END and not any(
            one.kind == MarkerKind.CRISIS_START
            and one.retracted_at is None
            and one.effective_on <= declared.effective_on
            for one in list_markers(session, organization_id)
        )
    marker_id = str(declared.marker_id)
    print_result({"id": marker_id}, [marker_id], as_json=as_json)
    if unbegun:
        print_note("no crisis-start stands before it: an end alone is not looked into")


@marker.command("list")
@click.argument("organization_id", metavar="ID")
@json_option
def list_(organization_id: str, *, as_json: bool) -> None:
    """List markers: id, date, kind, team, label, and how it stands, tabs between."""
    with reporting_errors(), read_transaction(Door.POLL_BOOK) as session:
        get_organization(session, organization_id)
        found = list_markers(session, organization_id)
        names = {
            team.team_id: team.external_id
            for team in list_teams(session, organization_id)
        }
    print_result(
        MarkersReplySchema().dump({"markers": [marker_document(one) for one in found]}),
        (_format_row(one, names) for one in found),
        as_json=as_json,
        columns=("id", "date", "kind", "team", "label", "standing"),
    )


@marker.command()
@click.argument("organization_id", metavar="ID")
@click.argument("marker_id", metavar="MARKER", type=click.UUID)
def retract(organization_id: str, marker_id: UUID) -> None:
    """Take a marker back; that it was there stays on record."""
    with reporting_errors(), transaction(Door.POLL_BOOK) as session:
        retract_marker(
            session, organization_id, marker_id, dependencies().clock(), ACTOR
        )
    click.echo("marker: retracted")


def _format_row(one: Marker, names: dict[UUID, str]) -> str:
    whose = "" if one.team_id is None else names.get(one.team_id, str(one.team_id))
    standing = [
        word
        for word, holds in (
            ("provisional", not one.confirmed),
            ("retracted", one.retracted_at is not None),
        )
        if holds
    ]
    return "\t".join(
        [
            str(one.marker_id),
            one.effective_on.isoformat(),
            one.kind,
            whose,
            one.label,
            " ".join(standing),
        ]
    )
