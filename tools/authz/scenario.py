"""Two agencies with a history, and everybody who may ask something of the service.

The agency that the table is about has had two waves, and a third is announced. Between
the first two, team Z went, two people moved to South, and North's second supervisor
lost it. After the second, X moved from North to South, and North got another one.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from rapport_schemas.enums import MarkerKind, Purpose, Scope
from rapport_service.agency.administrators import Right, grant_right, withdraw_right
from rapport_service.agency.roster import load_roster
from rapport_service.agency.roster_rules import Roster
from rapport_service.agency.service import list_recorded_teams
from rapport_service.blindsign.keys import make_key
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.pollbook import clients
from rapport_service.pollbook.devices import revoke_devices
from rapport_service.pollbook.roster import replace_roster
from rapport_service.pollbook.tokens import (
    ACCESS_LIFETIME,
    sign_access_token,
    verify_access_token,
)
from rapport_service.registry.markers import declare_marker
from tests.support.audit import TEST_ACTOR
from tests.support.ballots import BallotFactory, combine_keys
from tests.support.http_phone import Phone
from tests.support.service import Agency, ServiceHarness, start_service
from tests.support.submissions import identical_contents, submit_contents

SIZES = {"agency": 8, "north": 9, "south": 12, "x": 3, "y": 12, "z": 12}
PARENTS = {"x": "north", "y": "north", "z": "north"}
SUPERVISES = {
    "director": ["agency"],
    "chief": ["north"],
    "former": ["north"],
    "heir": [],
    "boss": ["south"],
    "lead": ["x"],
}
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Scenario:
    """The service with its two agencies.

    Attributes:
        service: the running service.
        callers: the header ``Authorization`` of each; None where none is sent.
        names: what the placeholders of the table stand for, by their names.
        foreign: the callers of the other agency.
        ours: texts that only the agency of the table has.
        theirs: texts that only the other agency has.
    """

    service: ServiceHarness
    callers: Mapping[str, str | None]
    names: Mapping[str, str]
    foreign: frozenset[str]
    ours: frozenset[str]
    theirs: frozenset[str]


@contextmanager
def start_scenario() -> Iterator[Scenario]:
    """The scenario on an SQLite database of its own."""
    keys = combine_keys([make_key() for _ in range(5)], 30)
    with TemporaryDirectory(prefix="rapport-authz-") as folder:
        url = f"sqlite:///{Path(folder, 'rapport.db')}"
        with start_service(url, keys) as service:
            scenario = _play(service, BallotFactory(keys))
            service.app.test_client_class = FlaskClient  # the contract is checked above
            yield scenario


def _play(service: ServiceHarness, ballots: BallotFactory) -> Scenario:
    ours = service.agency(SIZES, PARENTS, supervises=SUPERVISES)
    theirs = service.agency(
        {"agency": 8, "f": 12}, supervises={"f-chief": ["f"]}, min_pool=8
    )
    markers = _declare_markers(service, ours, theirs)
    first = _seal_wave(ours, ballots, north=9, south=12, x=3, y=12, z=12)
    _replace_roster(
        ours,
        parents={"z": None},
        homes={"z-1": "south", "y-1": "south"}
        | {f"z-{number}": None for number in range(2, 13)},
        supervises={"former": []},
    )
    second = _seal_wave(ours, ballots, north=9, south=14, x=3, y=11)
    _replace_roster(ours, parents={"x": "south"}, supervises={"heir": ["north"]})
    third = ours.announce()
    foreign_wave = theirs.announce()
    callers = _list_callers(ours) | _list_foreign_callers(theirs)
    bearers = {
        name: None if token is None else f"Bearer {token}"
        for name, token in callers.items()
    }
    names = {
        **{f"team.{team}": str(ours.team_id(team)) for team in SIZES},
        "team.foreign": str(theirs.team_id("f")),
        "team.unknown": UNKNOWN,
        "wave.first": first,
        "wave.second": second,
        "wave.third": third,
        "wave.foreign": foreign_wave,
        "wave.unknown": f"{ours.id}.{UNKNOWN}",
        "person.own": "y-5",
        "person.gone": "z-2",
        "person.foreign": "f-2",
        "person.unknown": "stranger",
        **markers,
        **_make_targets(service, callers["admin"], "own"),
        **_make_targets(service, callers["foreign admin"], "foreign"),
        **{f"{kind}.unknown": UNKNOWN for kind in ("marker", "pulse")},
        "client.unknown": f"{ours.id}.{UNKNOWN}",
        "key.unknown": f"{ours.id}.{'A' * 43}",
        "instrument.current": CURRENT_INSTRUMENT.digest,
        "instrument.unknown": "A" * 43,
        "blinded.zeros": "A" * 342,
        "key.own": _kid(ours, third),
        "key.foreign": _kid(theirs, foreign_wave),
    }
    return Scenario(
        service=service,
        callers=bearers,
        names=names,
        foreign=frozenset(name for name in callers if name.startswith("foreign")),
        ours=_texts_of(ours, names, "own", first, second, third),
        theirs=_texts_of(theirs, names, "foreign", foreign_wave),
    )


def _seal_wave(agency: Agency, ballots: BallotFactory, **people: int) -> str:
    wave = agency.announce()
    contents = {team: identical_contents(count) for team, count in people.items()}
    submit_contents(ballots, agency, wave, contents)
    agency.seal()
    return wave


def _replace_roster(
    agency: Agency,
    parents: Mapping[str, str | None] | None = None,
    homes: Mapping[str, str | None] | None = None,
    supervises: Mapping[str, list[str]] | None = None,
) -> None:
    """Puts a changed roster as the API does, so that leavers lose their access."""
    parents, homes, supervises = parents or {}, homes or {}, supervises or {}
    with transaction(Door.POLL_BOOK) as session:
        roster = load_roster(session, agency.id)
        changed = Roster(
            tuple(
                team._replace(parent=parents.get(team.external_id) or team.parent)
                for team in roster.teams
                if parents.get(team.external_id, "") is not None
            ),
            tuple(
                person._replace(
                    team=homes.get(person.external_id) or person.team,
                    supervises=tuple(
                        supervises.get(person.external_id, person.supervises)
                    ),
                )
                for person in roster.people
                if homes.get(person.external_id, "") is not None
            ),
        )
        replace_roster(
            *(session, agency.id, changed, agency.service.clock(), TEST_ACTOR),
            confirmed_removals=len(roster.people) - len(changed.people),
        )


def _list_callers(agency: Agency) -> dict[str, str | None]:
    """Everybody of the agency, and strangers, by their tokens."""
    service = agency.service
    keyring, now = service.dependencies.keyring, service.clock()
    admin = agency.admin_token()
    bearer = verify_access_token(keyring, admin, now)
    forged_keyring = replace(keyring, access=Ed25519PrivateKey.generate())
    member = agency.phone("y-2")
    callers: dict[str, str | None] = {
        "no token": None,
        "garbage": "garbage",
        "forged": sign_access_token(forged_keyring, bearer, now),
        "expired": sign_access_token(keyring, bearer, now - ACCESS_LIFETIME),
        "refresh token": str(member.tokens["refresh_token"]),
        "member": str(member.tokens["access_token"]),
        "other member": _phone_token(agency, "south-2"),
        "moved member": _phone_token(agency, "y-1"),
        "member of a gone team": _phone_token(agency, "z-1"),
        "supervisor": agency.reader_token("chief"),
        "other supervisor": agency.reader_token("boss"),
        "supervisor of a moved team": agency.reader_token("lead"),
        "former supervisor": agency.reader_token("former"),
        "new supervisor": agency.reader_token("heir"),
        "director": agency.reader_token("director"),
        "admin": admin,
        "removed admin": _right_token(agency, "temp", Right.ADMIN),
        "auditor": _right_token(agency, "audrey", Right.AUDITOR),
        "removed auditor": _right_token(agency, "adam", Right.AUDITOR),
        "leaver": _phone_token(agency, "y-11"),
        "replaced phone": _phone_token(agency, "y-3"),
        "revoked phone": _phone_token(agency, "y-4"),
        "reports program": _program_token(agency, [Scope.REPORTS]),
        "roster program": _program_token(agency, [Scope.ROSTER]),
        "audit program": _program_token(agency, [Scope.AUDIT]),
        "full program": _program_token(
            agency, [Scope.REPORTS, Scope.ROSTER, Scope.AUDIT]
        ),
        "limited program": _program_token(agency, [Scope.REPORTS], "north"),
        "revoked program": _program_token(agency, [Scope.REPORTS], is_revoked=True),
    }
    Phone(service.http).enrol(agency.code("y-3"))
    with transaction(Door.POLL_BOOK) as session:
        revoke_devices(session, agency.id, "y-4", now, TEST_ACTOR)
        withdraw_right(session, agency.id, "temp", Right.ADMIN)
        withdraw_right(session, agency.id, "adam", Right.AUDITOR)
    _replace_roster(agency, homes={"y-11": None})
    return callers


def _list_foreign_callers(agency: Agency) -> dict[str, str | None]:
    return {
        "foreign member": _phone_token(agency, "f-1"),
        "foreign supervisor": agency.reader_token("f-chief"),
        "foreign admin": agency.admin_token(),
        "foreign program": _program_token(
            agency, [Scope.REPORTS, Scope.ROSTER, Scope.AUDIT]
        ),
    }


def _phone_token(agency: Agency, person: str) -> str:
    return str(agency.phone(person).tokens["access_token"])


def _right_token(agency: Agency, person: str, right: Right) -> str:
    """A token of a person outside the roster who has a right."""
    with transaction(Door.POLL_BOOK) as session:
        grant_right(session, agency.id, person, right)
    tokens = agency.enrol_with_code(agency.code(person, Purpose.READING))
    return str(tokens["access_token"])


def _program_token(
    agency: Agency, scopes: list[Scope], *teams: str, is_revoked: bool = False
) -> str:
    deps = agency.service.dependencies
    ids = [agency.team_id(team) for team in teams]
    with transaction(Door.POLL_BOOK) as session:
        issued = clients.create_client(
            *(session, deps.keyring, agency.id, "a program", scopes, ids),
            *(deps.clock(), TEST_ACTOR),
        )
    reply = agency.service.http.post(
        "/v1/token",
        data={
            "grant_type": "client_credentials",
            "client_id": issued.client.public_id,
            "client_secret": issued.secret,
        },
    )
    if is_revoked:
        with transaction(Door.POLL_BOOK) as session:
            clients.revoke_client(
                session, agency.id, issued.client.public_id, deps.clock(), TEST_ACTOR
            )
    return str(reply.get_json()["access_token"])


def _declare_markers(
    service: ServiceHarness, ours: Agency, theirs: Agency
) -> dict[str, str]:
    """Markers from before the first wave, named as their labels."""
    markers = {}
    for agency, team, label in (
        (ours, None, "whole"),
        (ours, "north", "north"),
        (ours, "south", "south"),
        (theirs, None, "foreign"),
    ):
        with transaction(Door.POLL_BOOK) as session:
            marker = declare_marker(
                session,
                agency.id,
                MarkerKind.POLICY_CHANGE,
                None if team is None else agency.team_id(team),
                date(2027, 3, 14),
                label,
                service.clock(),
                TEST_ACTOR,
                confirmed=team is None,
            )
        markers[f"marker.{label}"] = str(marker.marker_id)
    return markers


def _make_targets(
    service: ServiceHarness, token: str | None, owner: str
) -> dict[str, str]:
    """Things of one agency that its administrator made, some of them to be ended."""
    targets = {}
    for kind, name, body in (
        ("pulse", owner, _pulse(2)),
        ("pulse", f"{owner}-to-stop", _pulse(4)),
        ("client", owner, PROGRAM),
        ("client", f"{owner}-to-rotate", PROGRAM),
        ("client", f"{owner}-to-revoke", PROGRAM),
        ("marker", f"{owner}-to-retract", MARKER),
        ("wave", f"{owner}-planned", _wave(2041)),
        ("wave", f"{owner}-to-cancel", _wave(2042)),
    ):
        reply = service.http.post(
            f"/v1/{kind}s", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        assert reply.status_code == HTTPStatus.CREATED, reply.text
        targets[f"{kind}.{name}"] = str(reply.get_json()["id"])
    return targets


PROGRAM = {"name": "a program", "scopes": ["reports"], "team_ids": []}
MARKER = {
    "kind": "policy_change",
    "team_id": None,
    "effective_on": "2026-01-01",
    "confirmed": False,
    "label": "retractable",
}


def _pulse(month: int) -> dict[str, Any]:
    return {"first_opens": f"2050-{month:02}-01T09:00", "every_weeks": 52}


def _wave(year: int) -> dict[str, Any]:
    return {
        "announces_at": f"{year}-05-01T09:00:00Z",
        "opens_at": f"{year}-05-02T09:00:00Z",
        "closes_at": f"{year}-05-03T09:00:00Z",
        "seals_at": f"{year}-05-04T09:00:00Z",
    }


def _kid(agency: Agency, wave: str) -> str:
    tree = agency.service.http.get(f"/v1/waves/{wave}/charter").get_json()["tree"]
    return str(next(node["ballot_key_id"] for node in tree if node["ballot_key_id"]))


def _texts_of(
    agency: Agency, names: Mapping[str, str], owner: str, *waves: str
) -> frozenset[str]:
    """Texts that no reply to the other agency's callers may have."""
    with read_transaction(Door.POLL_BOOK) as session:
        teams = list_recorded_teams(session, agency.id)
    targets = [
        value
        for name, value in names.items()
        if f".{owner}" in name and not name.startswith("person")
    ]
    return frozenset([*(str(team.team_id) for team in teams), *targets, *waves])
