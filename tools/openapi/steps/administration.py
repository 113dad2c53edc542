"""Requests of administrators and their programs."""

from functools import partial
from typing import Any

from rapport_service.agency.administrators import Right, grant_right, withdraw_right
from rapport_service.agency.service import list_people
from rapport_service.core.db import Door, transaction
from tools.openapi.walkthrough import CHOSEN_ID, UNKNOWN_ID, ExampleRequest, Walkthrough

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


def set_up_agency(walkthrough: Walkthrough) -> None:
    """Requests that put the roster, and reports before any wave."""
    admin = walkthrough.agency.admin_token()
    put = partial(walkthrough.send, path="/v1/roster", token=admin)
    dry = "/v1/roster?dry_run=true"
    put(
        "put_roster.dry-run",
        "A dry run lists the changes.",
        path=dry,
        body=ROSTER,
    )
    put("put_roster.changed", "The roster is replaced.", body=ROSTER)
    headers = {"Authorization": f"Bearer {admin}", "Content-Type": "text/csv"}
    asked = ExampleRequest("PUT", "/v1/roster", headers, text=render_roster_csv(ROSTER))
    walkthrough.ask("put_roster.csv", "The same roster as CSV.", asked)
    put(
        "put_roster.invalid",
        "A person is in a team that does not exist. Nothing is changed.",
        body={
            "teams": ROSTER["teams"],
            "people": [{"external_id": "p1", "team": "nowhere"}],
        },
    )
    walkthrough.get("get_roster.all", "The roster is read back.", "/v1/roster", admin)
    half = {"teams": ROSTER["teams"], "people": ROSTER["people"][:20]}
    put(
        "put_roster.removals-unconfirmed",
        "Half of the people are missing. Nothing is changed.",
        body=half,
    )
    changed = {"If-Match": f'"{"A" * 43}"', "Authorization": f"Bearer {admin}"}
    walkthrough.ask(
        "put_roster.precondition-failed",
        "The roster is not the one that the client read. Nothing is changed.",
        ExampleRequest("PUT", "/v1/roster", changed, half),
    )
    put(
        "put_roster.confirmed",
        "The client confirms how many people are removed.",
        path="/v1/roster?confirm_removals=17",
        body=half,
    )
    _leave_out_administrator(walkthrough)
    put("put_roster.restored", "The same people return.", body=ROSTER)
    walkthrough.get(
        "list_teams.all", "All teams that an administrator can see.", "/v1/teams", admin
    )
    _read_pages(walkthrough, admin)
    walkthrough.get(
        "list_teams.one",
        "The team with an external ID of the agency.",
        "/v1/teams?external_id=north",
        admin,
    )
    root = walkthrough.agency.team_id("agency")
    _read_agency(walkthrough, admin, f"/v1/teams/{root}")
    scores = f"/v1/teams/{root}/score"
    walkthrough.get(
        "get_team_score.nothing-measured", "No wave is sealed yet.", scores, admin
    )
    heatmap = f"/v1/teams/{root}/heatmap"
    walkthrough.get(
        "get_team_heatmap.nothing-measured", "No wave is sealed yet.", heatmap, admin
    )
    elsewhere = f"/v1/teams/{UNKNOWN_ID}/score"
    walkthrough.get(
        "get_team_score.team-not-found",
        "The agency has no such team.",
        elsewhere,
        admin,
    )
    walkthrough.get(
        "get_jwks.keys", "Public key that verifies access tokens.", "/v1/jwks"
    )
    walkthrough.get(
        "get_well_known_jwks.keys",
        "The same key, at its well-known address.",
        "/.well-known/jwks.json",
    )
    walkthrough.get("get_health.well", "The process runs.", "/healthz")
    walkthrough.get("get_readiness.well", "The service can work.", "/readyz")
    walkthrough.get("list_problems.all", "All problems, explained.", "/problems")
    walkthrough.get("get_problem.busy", "One problem, explained.", "/problems/busy")
    browser = {"Accept": "text/html", "Accept-Language": "es"}
    walkthrough.get(
        "list_problems.page", "The same as a page in Spanish.", "/problems", **browser
    )
    walkthrough.get(
        "get_problem.page",
        "The same as a page in Spanish.",
        "/problems/busy",
        **browser,
    )
    walkthrough.get(
        "get_problem.not-found", "There is no such problem.", "/problems/nothing"
    )


def _leave_out_administrator(walkthrough: Walkthrough) -> None:
    """Request for a roster that leaves out the only administrator."""
    other = walkthrough.other
    with transaction(Door.POLL_BOOK) as session:
        (person, *_) = list_people(session, other.id)
        grant_right(session, other.id, person.external_id, Right.ADMIN)
    walkthrough.send(
        "put_roster.last-administrator",
        "The only administrator is missing. Nothing is changed.",
        "/v1/roster",
        {"teams": ROSTER["teams"], "people": []},
        other.reader_token(person.external_id),
    )
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, other.id, "admin", Right.ADMIN)
        withdraw_right(session, other.id, person.external_id, Right.ADMIN)


def _read_pages(walkthrough: Walkthrough, admin: str) -> None:
    """Requests for lists in pages."""
    get = partial(walkthrough.get, token=admin)
    address = "/v1/people?limit=25"
    first = get("list_people.first-page", "The list goes on after next.", address)
    rest = f"{address}&after={first['next']}"
    get("list_people.last-page", "At the end of the list next is null.", rest)
    get(
        "list_people.invalid",
        "The next of a list does not fit the list with another filter.",
        f"/v1/people?external_id=north-2&after={first['next']}",
    )
    get(
        "list_teams.csv-page",
        "CSV has the address of the next page in the header Link.",
        "/v1/teams?limit=3",
        Accept="text/csv",
    )


def _read_agency(walkthrough: Walkthrough, admin: str, root: str) -> None:
    """Requests for the agency, a team and people, one by one."""
    get = partial(walkthrough.get, token=admin)
    get("get_organization.settings", "The agency's settings.", "/v1/organization")
    change = partial(walkthrough.send, path="/v1/organization", token=admin)
    change(
        "update_organization.min-pool",
        "More people share a ballot key from the next charter on.",
        body={"min_pool": 9},
    )
    change(
        "update_organization.restored",
        "The setting is what it was before.",
        body={"min_pool": 8},
    )
    change(
        "update_organization.time-zone",
        "Pulses open by another clock. Waves that are not announced yet move.",
        body={"time_zone": "America/Denver"},
    )
    change(
        "update_organization.time-zone-restored",
        "Pulses open by the clock of before.",
        body={"time_zone": "UTC"},
    )
    change(
        "update_organization.unknown-time-zone",
        "There is no such time zone. Nothing is changed.",
        body={"time_zone": "America/Denvr"},
    )
    change(
        "update_organization.invalid",
        "The number is too small to protect anyone. Nothing is changed.",
        body={"min_pool": 4},
    )
    get("get_team.root", "The team that is the agency itself.", root)
    get(
        "get_team.team-not-found",
        "The agency has no such team.",
        f"/v1/teams/{UNKNOWN_ID}",
    )
    get("list_people.all", "Everybody in the roster.", "/v1/people")
    get(
        "list_people.one",
        "The person with an external ID of the agency.",
        "/v1/people?external_id=north-2",
    )
    get("get_person.supervisor", "A person who supervises.", "/v1/people/director")
    get(
        "get_person.person-not-found",
        "The roster has no such person.",
        "/v1/people/nobody",
    )


def render_roster_csv(roster: dict[str, list[dict[str, Any]]]) -> str:
    """A roster as a table of teams and people."""
    rows = [
        *(("team", t["external_id"], t["name"], t["parent"]) for t in roster["teams"]),
        *(("person", p["external_id"], "", p["team"]) for p in roster["people"]),
    ]
    over = {p["external_id"]: ";".join(p["supervises"]) for p in roster["people"]}
    away = {p["external_id"] for p in roster["people"] if p.get("away")}
    lines = [
        ",".join(
            [
                *(cell or "" for cell in row),
                over.get(row[1], ""),
                "yes" if row[1] in away else "",
            ]
        )
        for row in rows
    ]
    return "\r\n".join(["kind,external_id,name,team,supervises,away", *lines, ""])


def manage_clients(walkthrough: Walkthrough) -> None:
    """Requests that create, rotate and revoke a service client."""
    admin = walkthrough.agency.admin_token()
    send = partial(walkthrough.send, token=admin)
    sent = {"name": "A dashboard", "scopes": ["reports"], "team_ids": []}
    made = send(
        "create_client.made", "The secret is shown only once.", "/v1/clients", sent
    )
    repeated = partial(send, path="/v1/clients", body={**sent, "id": CHOSEN_ID})
    repeated("create_client.with-id", "The client has an ID that the sender chose.")
    repeated(
        "create_client.repeated",
        "The reply was lost. The same client has another secret.",
    )
    odd = {**sent, "team_ids": [str(UNKNOWN_ID)]}
    send("create_client.invalid", "The agency has no such team.", "/v1/clients", odd)
    address, unknown = f"/v1/clients/{made['id']}", f"/v1/clients/acme.{UNKNOWN_ID}"
    rotate = partial(send, body=None)
    rotate(
        "rotate_client.secret",
        "The client gets a new secret.",
        f"{address}/rotate",
    )
    rotate(
        "rotate_client.client-not-found",
        "The agency has no such client.",
        f"{unknown}/rotate",
    )
    walkthrough.get(
        "list_clients.all", "A list of clients has no secrets.", "/v1/clients", admin
    )
    walkthrough.get(
        "get_client.client", "One client has no secret either.", address, admin
    )
    walkthrough.get(
        "get_client.client-not-found", "The agency has no such client.", unknown, admin
    )
    revoke = partial(send, body=None)
    revoke(
        "revoke_client.revoked",
        "The client is revoked for good.",
        f"{address}/revoke",
    )
    revoke(
        "revoke_client.client-not-found",
        "The agency has no such client.",
        f"{unknown}/revoke",
    )
    rotate(
        "rotate_client.client-revoked",
        "A revoked client gets no new secret.",
        f"{address}/rotate",
    )


def issue_codes(walkthrough: Walkthrough) -> None:
    """Requests for an enrolment code."""
    made = partial(
        walkthrough.send,
        body={"purpose": "answering"},
        token=walkthrough.agency.admin_token(),
    )
    made("create_code.made", "A code for one person.", "/v1/people/north-2/codes")
    body = {"purpose": "answering", "id": CHOSEN_ID}
    for name, about in (
        ("with-id", "The code has an ID that the sender chose."),
        ("repeated", "The reply was lost. Another code takes its place."),
    ):
        made(f"create_code.{name}", about, "/v1/people/north-3/codes", body=body)
    made(
        "create_code.id-used",
        "The ID is that of another person's code.",
        "/v1/people/north-4/codes",
        body=body,
    )
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, walkthrough.agency.id, "auditor", Right.AUDITOR)
    made(
        "create_code.reading-code-refused",
        "The code would let the administrator act as an auditor.",
        "/v1/people/auditor/codes",
        body={"purpose": "reading"},
    )
    made(
        "create_code.person-not-found",
        "The roster has no such person.",
        "/v1/people/nobody/codes",
    )


def plan_waves(walkthrough: Walkthrough) -> None:
    """Requests that create and end pulses and single waves."""
    admin = walkthrough.agency.admin_token()
    send = partial(walkthrough.send, token=admin)
    weekly = {"first_opens": "2029-03-05T09:00", "every_weeks": 1, "open_days": 5}
    made = send(
        "create_pulse.made", "A pulse that opens every week.", "/v1/pulses", weekly
    )
    odd = {**weekly, "open_days": 0}
    send(
        "create_pulse.invalid",
        "A pulse must be open for one day or more.",
        "/v1/pulses",
        odd,
    )
    walkthrough.get(
        "list_pulses.all", "The list has stopped pulses too.", "/v1/pulses", admin
    )
    stop = partial(send, body=None)
    address, nowhere = f"/v1/pulses/{made['id']}", f"/v1/pulses/{UNKNOWN_ID}"
    stop("stop_pulse.stopped", "The pulse is stopped for good.", f"{address}/stop")
    about = "The agency has no such pulse."
    stop("stop_pulse.pulse-not-found", about, f"{nowhere}/stop")
    walkthrough.get("get_pulse.stopped", "A pulse that is stopped.", address, admin)
    walkthrough.get("get_pulse.pulse-not-found", about, nowhere, admin)
    chosen = {**weekly, "id": CHOSEN_ID}
    for name, about in (
        ("with-id", "The pulse has an ID that the sender chose."),
        ("repeated", "The reply was lost. There is one pulse all the same."),
    ):
        send(f"create_pulse.{name}", about, "/v1/pulses", chosen)
    about = "The ID is that of a pulse with other content."
    send("create_pulse.id-used", about, "/v1/pulses", {**chosen, "open_days": 4})
    _plan_wave(walkthrough, admin)


def _plan_wave(walkthrough: Walkthrough, admin: str) -> None:
    """Requests that plan and cancel a single wave."""
    send = partial(walkthrough.send, token=admin)
    dates = {
        "announces_at": "2028-03-01T08:00:00Z",
        "opens_at": "2028-03-06T08:00:00Z",
        "closes_at": "2028-03-10T17:00:00Z",
        "seals_at": "2028-03-17T17:00:00Z",
    }
    wave = send(
        "plan_wave.planned", "A single wave with exact times.", "/v1/waves", dates
    )
    odd = {**dates, "closes_at": dates["announces_at"]}
    send("plan_wave.invalid", "The wave closes before it opens.", "/v1/waves", odd)
    taken = {name: at.replace("2028-03-", "2029-03-") for name, at in dates.items()}
    about = "A wave of a pulse is open then."
    send("plan_wave.window-taken", about, "/v1/waves", taken)
    address = f"/v1/waves/{wave['id']}"
    nowhere = f"/v1/waves/{walkthrough.agency.id}.{UNKNOWN_ID}"
    cancel = partial(send, body={"reason": "The wrong week."})
    cancel(
        "cancel_wave.cancelled",
        "Phones show the reason to everybody.",
        f"{address}/cancel",
    )
    send(
        "cancel_wave.wave-ended",
        "The wave is already cancelled, for another reason.",
        f"{address}/cancel",
        {"reason": "A storm."},
    )
    about = "The agency has no such wave."
    cancel("cancel_wave.not-found", about, f"{nowhere}/cancel")
    walkthrough.get("get_wave.cancelled", "A wave with its reason.", address, admin)
    walkthrough.get("get_wave.not-found", about, nowhere, admin)
    walkthrough.get(
        "list_waves.all", "All waves with their states.", "/v1/waves", admin
    )


def manage_markers(walkthrough: Walkthrough) -> None:
    """Requests that declare and retract a marker."""
    admin = walkthrough.agency.admin_token()
    send = partial(walkthrough.send, token=admin)
    crisis = {
        "kind": "crisis_start",
        "team_id": str(walkthrough.agency.team_id("intake")),
        "effective_on": "2027-03-01",
        "confirmed": True,
        "label": "The flood",
    }
    made = send("declare_marker.declared", "A crisis begins.", "/v1/markers", crisis)
    odd = {**crisis, "team_id": str(UNKNOWN_ID)}
    send("declare_marker.invalid", "The agency has no such team.", "/v1/markers", odd)
    retract = partial(send, body=None)
    address, nowhere = f"/v1/markers/{made['id']}", f"/v1/markers/{UNKNOWN_ID}"
    retract(
        "retract_marker.retracted",
        "The list still shows the marker.",
        f"{address}/retract",
    )
    about = "The agency has no such marker."
    retract("retract_marker.marker-not-found", about, f"{nowhere}/retract")
    walkthrough.get("get_marker.retracted", "A retracted marker.", address, admin)
    walkthrough.get("get_marker.marker-not-found", about, nowhere, admin)
    walkthrough.get(
        "list_markers.all", "The list has retracted markers too.", "/v1/markers", admin
    )


def read_audit(walkthrough: Walkthrough) -> None:
    """Requests for what was changed by the requests before."""
    get = partial(walkthrough.get, token=walkthrough.agency.admin_token())
    get("list_audit.all", "Everything that was changed, the newest first.", "/v1/audit")
    rotated = "/v1/audit?action=client_secret_rotated"
    get("list_audit.one-action", "Rotations of client secrets alone.", rotated)
    get("list_audit.csv", "The same as CSV.", rotated, Accept="text/csv")
    get(
        "list_audit.invalid",
        "There is no such kind of change.",
        "/v1/audit?action=everything",
    )
