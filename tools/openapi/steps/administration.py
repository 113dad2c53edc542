"""Requests of administrators and their programs."""

from functools import partial
from typing import Any

from tools.openapi.walkthrough import UNKNOWN_ID, ExampleRequest, Walkthrough

TEAM_SIZES = {"intake": (12, 12), "north": (8, 7), "court": (8, 3), "appeals": (8, 3)}
"""By team, how many people it has and how many of them answer."""

ROSTER: dict[str, list[dict[str, Any]]] = {
    "teams": [
        {"external_id": "agency", "name": "Acme County", "parent": None},
        *(
            {"external_id": team, "name": team.capitalize(), "parent": "agency"}
            for team in TEAM_SIZES
        ),
    ],
    "people": [
        {"external_id": "director", "team": "agency", "supervises": ["agency"]},
        *(
            {"external_id": f"{team}-{number}", "team": team, "supervises": []}
            for team, (people, _) in TEAM_SIZES.items()
            for number in range(1, people + 1)
        ),
    ],
}


def set_up_agency(story: Walkthrough) -> None:
    """The roster is put; nothing is measured yet."""
    admin = story.agency.admin_token()
    put = partial(story.send, path="/v1/roster", token=admin)
    dry = "/v1/roster?dry_run=true"
    put("put_whole_roster.dry-run", "What would change.", path=dry, body=ROSTER)
    put("put_whole_roster.changed", "The agency as it is now.", body=ROSTER)
    headers = {"Authorization": f"Bearer {admin}", "Content-Type": "text/csv"}
    asked = ExampleRequest("PUT", "/v1/roster", headers, text=render_roster_csv(ROSTER))
    story.ask("put_whole_roster.csv", "The same as a table.", asked)
    put(
        "put_whole_roster.invalid",
        "A person in a team that there is not: nothing is changed.",
        body={
            "teams": ROSTER["teams"],
            "people": [{"external_id": "p1", "team": "nowhere"}],
        },
    )
    story.get("get_teams.all", "What an administrator may see.", "/v1/teams", admin)
    root = story.agency.team_id("agency")
    scores = f"/v1/teams/{root}/scores"
    story.get("get_scores.nothing-measured", "Before any wave.", scores, admin)
    heatmap = f"/v1/teams/{root}/heatmap"
    story.get("get_heatmap.nothing-measured", "Before any wave.", heatmap, admin)
    elsewhere = f"/v1/teams/{UNKNOWN_ID}/scores"
    story.get("get_scores.team-not-found", "Not a team of ours.", elsewhere, admin)
    story.get("get_jwks.keys", "For whoever verifies access tokens.", "/v1/jwks")
    story.get("get_health.well", "The process answers.", "/healthz")
    story.get("get_readiness.well", "The service can do its work.", "/readyz")


def render_roster_csv(roster: dict[str, list[dict[str, Any]]]) -> str:
    """A roster as a table of teams and people."""
    rows = [
        *(("team", t["external_id"], t["name"], t["parent"]) for t in roster["teams"]),
        *(("person", p["external_id"], "", p["team"]) for p in roster["people"]),
    ]
    over = {p["external_id"]: ";".join(p["supervises"]) for p in roster["people"]}
    lines = [
        ",".join([*(cell or "" for cell in row), over.get(row[1], "")]) for row in rows
    ]
    return "\r\n".join(["kind,external_id,name,team,supervises", *lines, ""])


def manage_clients(story: Walkthrough) -> None:
    """A service client is made, given a second secret, revoked."""
    admin = story.agency.admin_token()
    send = partial(story.send, token=admin)
    sent = {"name": "A dashboard", "scopes": ["reports"], "teams": []}
    made = send("post_client.made", "Its secret is told once.", "/v1/clients", sent)
    odd = {**sent, "teams": [str(UNKNOWN_ID)]}
    send("post_client.invalid", "Limited to no team of ours.", "/v1/clients", odd)
    address, unknown = f"/v1/clients/{made['id']}", f"/v1/clients/acme.{UNKNOWN_ID}"
    rotate = partial(send, body=None)
    rotate("post_client_rotation.secret", "A second secret.", f"{address}/rotate")
    rotate("post_client_rotation.client-not-found", "No such.", f"{unknown}/rotate")
    story.get("get_clients.all", "Never with a secret.", "/v1/clients", admin)
    revoke = partial(send, body=None)
    revoke("post_client_revocation.revoked", "For good.", f"{address}/revoke")
    revoke("post_client_revocation.client-not-found", "No such.", f"{unknown}/revoke")
    rotate("post_client_rotation.client-revoked", "Too late.", f"{address}/rotate")


def issue_codes(story: Walkthrough) -> None:
    """An enrolment code by API."""
    made = partial(
        story.send, body={"purpose": "answering"}, token=story.agency.admin_token()
    )
    made("post_code.made", "For a person of the roster.", "/v1/people/north-2/codes")
    made("post_code.person-not-found", "Not on it.", "/v1/people/nobody/codes")


def plan_waves(story: Walkthrough) -> None:
    """Pulses and single waves, made and ended."""
    admin = story.agency.admin_token()
    send = partial(story.send, token=admin)
    weekly = {"first_opens": "2029-03-05T09:00", "every_weeks": 1, "open_days": 5}
    made = send("post_pulse.made", "Every week.", "/v1/pulses", weekly)
    odd = {**weekly, "open_days": 0}
    send("post_pulse.invalid", "Never open.", "/v1/pulses", odd)
    story.get("get_pulses.all", "Stopped ones too.", "/v1/pulses", admin)
    stop = partial(send, body=None)
    stop("post_pulse_stop.stopped", "For good.", f"/v1/pulses/{made['id']}/stop")
    nowhere = f"/v1/pulses/{UNKNOWN_ID}/stop"
    stop("post_pulse_stop.pulse-not-found", "No such.", nowhere)
    dates = {
        "announces_at": "2029-03-01T08:00:00Z",
        "opens_at": "2029-03-05T08:00:00Z",
        "closes_at": "2029-03-09T17:00:00Z",
        "seals_at": "2029-03-16T17:00:00Z",
    }
    wave = send("post_wave.planned", "One, outright.", "/v1/waves", dates)
    odd = {**dates, "closes_at": dates["announces_at"]}
    send("post_wave.invalid", "Closed before it opens.", "/v1/waves", odd)
    address, why = f"/v1/waves/{wave['id']}/cancel", {"reason": "The wrong week."}
    cancel = partial(send, body=why)
    cancel("post_wave_cancellation.cancelled", "Told to everybody.", address)
    cancel("post_wave_cancellation.wave-ended", "Once is enough.", address)
    nowhere = f"/v1/waves/{story.agency.id}.{UNKNOWN_ID}/cancel"
    cancel("post_wave_cancellation.not-found", "No such wave.", nowhere)
    story.get("get_waves.all", "With where each is.", "/v1/waves", admin)


def manage_markers(story: Walkthrough) -> None:
    """A date in the history of the agency, and taken back."""
    admin = story.agency.admin_token()
    send = partial(story.send, token=admin)
    crisis = {
        "kind": "crisis-start",
        "team": str(story.agency.team_id("intake")),
        "effective_on": "2027-03-01",
        "confirmed": True,
        "label": "The flood",
    }
    made = send("post_marker.declared", "A crisis begins.", "/v1/markers", crisis)
    odd = {**crisis, "team": str(UNKNOWN_ID)}
    send("post_marker.invalid", "For no team of ours.", "/v1/markers", odd)
    retract = partial(send, body=None)
    address = f"/v1/markers/{made['id']}/retract"
    retract("post_marker_retraction.retracted", "It stays on record.", address)
    nowhere = f"/v1/markers/{UNKNOWN_ID}/retract"
    retract("post_marker_retraction.marker-not-found", "No such.", nowhere)
    story.get("get_markers.all", "With those taken back.", "/v1/markers", admin)
