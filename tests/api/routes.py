"""Every route of the service, and a good request for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID as UUID4
from uuid import uuid4

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from rapport_schemas.enums import Purpose, Scope
from rapport_service.agency.administrators import Right, grant_right
from rapport_service.agency.models import Organization
from rapport_service.agency.service import create_organization
from rapport_service.api.problems import BALLOT_BOX
from rapport_service.app import create_app
from rapport_service.core.db import Door, transaction
from rapport_service.core.dependencies import dependencies
from rapport_service.core.settings import Settings
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.pollbook.models import Device
from rapport_service.pollbook.tokens import Bearer, sign_access_token
from tests.support.http_phone import item
from tests.support.service import ServiceHarness

UUID = "00000000-0000-4000-8000-000000000000"
KID = f"acme.{'A' * 43}"
NOT_PUBLIC = {"HEAD", "OPTIONS"}

HEALTH = {"health.get_health", "health.get_readiness"}
"""Routes for machines that ask every few seconds; they hold no data."""

PROBLEM_PAGES = {"problem_pages.list_problems", "problem_pages.get_problem"}

PUBLIC = {
    "enrolment.create_enrolment",
    "enrolment.create_token",
    *HEALTH,
    "enrolment.get_jwks",
    "enrolment.get_well_known_jwks",
    "docs_page.get_openapi",
    "docs_page.get_docs",
    "docs_page.get_style",
    *PROBLEM_PAGES,
}
"""Routes without an access token: enrolment and login, and public documents."""

VALUES = {
    "wave_id": f"acme.{UUID}",
    "instrument_digest": CURRENT_INSTRUMENT.digest,
    "ballot_key_id": KID,
    "team_id": UUID,
    "external_id": "e-1001",
    "client_id": f"acme.{UUID}",
    "pulse_id": UUID,
    "marker_id": UUID,
    "code": "invalid",
}

BODIES: dict[str, dict[str, Any]] = {
    "enrolment.create_enrolment": {
        "json": {"code": "acme-7QFM-29XK-T4WD", "device": "A" * 43}
    },
    "enrolment.create_token": {"data": {"grant_type": "refresh_token"}},
    "codes.create_code": {"json": {"purpose": "answering"}},
    "clients.create_client": {
        "json": {"name": "a program", "scopes": ["reports"], "team_ids": []}
    },
    "pulses.create_pulse": {
        "json": {
            "first_opens": "2041-01-07T09:00",
            "every_weeks": 2,
            "open_days": 7,
            "announce_days": 7,
            "grace_days": 7,
        }
    },
    "waves.plan_wave": {
        "json": {
            "announces_at": "2029-03-01T13:00:00Z",
            "opens_at": "2029-03-02T13:00:00Z",
            "closes_at": "2029-03-03T13:00:00Z",
            "seals_at": "2029-03-04T13:00:00Z",
        }
    },
    "organization.update_organization": {"json": {"min_pool": 9}},
    "waves.cancel_wave": {"json": {"reason": "a mistake"}},
    "markers.declare_marker": {
        "json": {
            "kind": "policy_change",
            "team_id": None,
            "effective_on": "2027-03-01",
            "confirmed": True,
            "label": "New policy",
        }
    },
    "ballots.draw_ballots": {
        "json": {
            "requests": [
                {"wave_id": f"acme.{UUID}", "ballot_key_id": KID, "blinded": "A" * 342}
            ]
        }
    },
    "ballot_box.create_submissions": {
        "json": {
            "protocol": 1,
            "batch": "b",
            "items": [item("e30.e30.e30", "A" * 450)],
        }
    },
    "ballot_box.check_envelope": {
        "json": {
            "envelope": "A" * 450,
            "ballot_key_id": KID,
            "ballot_hash": "A" * 43,
            "charter_digest": "A" * 43,
            "instrument_digest": CURRENT_INSTRUMENT.digest,
        }
    },
    "roster.put_roster": {
        "json": {
            "teams": [{"external_id": "all", "name": "All", "parent": None}],
            "people": [{"external_id": "p", "team": "all", "supervises": []}],
        }
    },
}


@dataclass(frozen=True)
class Route:
    """One method of one route."""

    endpoint: str
    method: str
    path: str
    view: Any = field(repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"

    @property
    def body(self) -> dict[str, Any]:
        return BODIES.get(self.endpoint, {})

    @property
    def is_ballot_box(self) -> bool:
        return self.endpoint.startswith(f"{BALLOT_BOX}.")

    @property
    def scopes(self) -> frozenset[Scope] | None:
        """The scopes that the view requires; None where it requires none."""
        scopes: frozenset[Scope] | None = getattr(self.view, "required_scopes", None)
        return scopes


def routes(app: Flask) -> Iterator[Route]:
    """Every route of an app, each of its own methods."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - NOT_PUBLIC):
            yield Route(
                rule.endpoint,
                method,
                _path(rule),
                app.view_functions[rule.endpoint],
            )


def unprotected_routes(app: Flask) -> set[str]:
    """Routes that neither require a scope nor are public."""
    return {
        str(route)
        for route in routes(app)
        if not (route.is_ballot_box or route.endpoint in PUBLIC or route.scopes)
    }


def _path(rule: Rule) -> str:
    _, path = rule.build({name: VALUES[name] for name in rule.arguments}) or ("", "")
    assert path, rule
    return path


def token(
    scopes: Iterable[Scope], organization_id: str = "acme", subject: UUID4 | None = None
) -> dict[str, str]:
    """The header of a fresh access token with any scopes, of an unknown device."""
    return _header(
        Bearer(organization_id, subject or uuid4(), frozenset(scopes), uuid4())
    )


def token_on_record(
    scopes: Iterable[Scope],
    organization_id: str = "anyagency",
    subject: UUID4 | None = None,
    *,
    revoked: bool = False,
) -> dict[str, str]:
    """The same of a device on record, of the given person or of an administrator."""
    with transaction(Door.POLL_BOOK) as session:
        if session.get(Organization, organization_id) is None:
            create_organization(session, organization_id, "An agency", "UTC", 5, 8)
        grant_right(session, organization_id, "somebody", Right.AUDITOR)
        administrator = grant_right(session, organization_id, "somebody", Right.ADMIN)
        device = Device(
            organization_id=organization_id,
            device_id=uuid4(),
            person_id=subject or administrator.person_id,
            purpose=Purpose.READING,
            device_hash=bytes(32),
            generation=0,
            refresh_hash=None,
            used_week="2027-W09",
            confirmed=True,
            revoked=revoked,
        )
        session.add(device)
    person = device.person_id
    return _header(Bearer(organization_id, person, frozenset(scopes), device.device_id))


def _header(bearer: Bearer) -> dict[str, str]:
    deps = dependencies()
    written = sign_access_token(deps.keyring, bearer, deps.clock())
    return {"Authorization": f"Bearer {written}"}


def call(service: ServiceHarness, route: Route, **kwargs: Any) -> TestResponse:
    """Calls a route, with a token where it requires one."""
    headers = token_on_record(route.scopes) if route.scopes else {}
    return service.http.open(route.path, method=route.method, headers=headers, **kwargs)


ROUTES = list(routes(create_app(Settings(bytes(32), "sqlite:////nowhere/none.db"))))
"""The routes of the service as it is."""

JSON_ROUTES = [route for route in ROUTES if "json" in route.body]
"""Those that take a JSON document."""
