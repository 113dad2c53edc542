"""Readers of reports: every role, and every document that it may get."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient

from rapport_schemas.enums import CLIENT_SCOPES, Scope
from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.clients import create_client
from tests.support.audit import TEST_ACTOR
from tests.support.service import Agency
from tools.attack.agency import FEW_PHONES, ROOT, AgencyPlan, Member

JSON, CSV = "application/json", "text/csv"
VOLATILE = {"date", "x-request-id"}

ADMIN_PATHS = (
    "/v1/organization",
    "/v1/organization/reliability",
    "/v1/roster",
    "/v1/people",
    "/v1/clients",
    "/v1/pulses",
    "/v1/waves",
    "/v1/markers",
    "/v1/audit",
)


_REQUEST_ID = re.compile(rb'"request_id": ?"[0-9a-f]+"')


def without_request_id(body: bytes) -> bytes:
    """Return a body without the random number of its request."""
    return _REQUEST_ID.sub(b"", body)


@dataclass(frozen=True)
class Reply:
    """Reply to a reader.

    Attributes:
        status: of HTTP.
        headers: those that do not change with each request.
        body: its bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> dict[str, Any]:
        """The body as JSON."""
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed


@dataclass
class ReportReader:
    """Person or program that reads reports.

    Attributes:
        role: name of the role.
        agency: of the reader.
        person: external id; None for a program.
        scopes: of a program.
        teams: that a program is limited to.
    """

    role: str
    agency: Agency
    person: str | None = None
    scopes: Sequence[Scope] = ()
    teams: Sequence[str] = ()
    _secret: tuple[str, str] | None = None
    _token: tuple[object, str] | None = field(default=None, repr=False)

    @property
    def http(self) -> FlaskClient:
        """A client that keeps no cookies."""
        return self.agency.service.http

    @property
    def authorization(self) -> dict[str, str]:
        """The header of a request by this reader."""
        return {"Authorization": f"Bearer {self._access_token()}"}

    def get(self, path: str, accept: str = JSON) -> Reply:
        """Read one document."""
        reply = self.http.get(path, headers={**self.authorization, "Accept": accept})
        headers = {
            name.lower(): value
            for name, value in reply.headers.items()
            if name.lower() not in VOLATILE
        }
        return Reply(reply.status_code, headers, without_request_id(reply.data))

    def _access_token(self) -> str:
        now = self.agency.service.clock()
        if self._token is None or self._token[0] != now:
            self._token = now, self._log_in()
        return self._token[1]

    def _log_in(self) -> str:
        if self.role == "admin":
            return self.agency.admin_token()
        if self.role == "caseworker" and self.person is not None:
            return str(self.agency.phone(self.person).tokens["access_token"])
        if self.person is not None:
            return self.agency.reader_token(self.person)
        if self._secret is None:
            self._secret = self._create_client()
        name, secret = self._secret
        reply = self.http.post(
            "/v1/token",
            data={
                "grant_type": "client_credentials",
                "client_id": name,
                "client_secret": secret,
            },
        )
        return str(reply.get_json()["access_token"])

    def _create_client(self) -> tuple[str, str]:
        deps = self.agency.service.dependencies
        ids = [self.agency.team_id(team) for team in self.teams]
        with transaction(Door.POLL_BOOK) as session:
            issued = create_client(
                *(session, deps.keyring, self.agency.id, self.role, self.scopes, ids),
                *(deps.clock(), TEST_ACTOR),
            )
        return issued.client.public_id, issued.secret


def hire_readers(agency: Agency, plan: AgencyPlan) -> list[ReportReader]:
    """Return a reader of each role, of each level where it has levels."""
    readers = [
        ReportReader("admin", agency),
        ReportReader("integrator", agency, scopes=CLIENT_SCOPES),
        ReportReader("auditor", agency, scopes=(Scope.AUDIT,)),
        ReportReader(
            "reporting client", agency, scopes=(Scope.REPORTS,), teams=("section-0",)
        ),
    ]
    names = {ROOT: "director", "section": "section supervisor"}
    levels: dict[str, str] = {}
    for member in plan.members.values():
        if member.supervises:
            level = member.supervises[0].split("-")[0]
            levels.setdefault(names.get(level, "unit supervisor"), member.name)
    levels["caseworker"] = pick_bystander(plan).name
    return readers + [
        ReportReader(role, agency, person=name) for role, name in levels.items()
    ]


def pick_bystander(plan: AgencyPlan) -> Member:
    """Return a person who reads and does not answer: so far without a phone."""
    staff = [
        each
        for each in plan.members.values()
        if not each.has_phone and not each.supervises
    ]
    return min(staff, key=lambda each: (each.team == FEW_PHONES, each.name))


@dataclass(frozen=True)
class Library:
    """Documents that one reader got at one time, by path and media type."""

    role: str
    replies: Mapping[tuple[str, str], Reply]

    def documents(self, ending: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the good JSON documents whose path has an ending, without query."""
        for (path, accept), reply in self.replies.items():
            is_wanted = accept == JSON and path.partition("?")[0].endswith(ending)
            if is_wanted and reply.status == 200:
                yield path, reply.document()


THOROUGH_ROLES = {"admin", "auditor", "section supervisor", "caseworker"}
"""Roles that read everything; the others see the same documents, and read scores."""


def read_everything(
    reader: ReportReader,
    team_ids: Iterable[str],
    waves: Sequence[str],
    markers: Iterable[str] = (),
) -> Library:
    """Read every report of every team and wave, as JSON and as CSV, and the rest.

    Of teams that the reader may not see, the newest score alone is asked for.
    """
    replies: dict[tuple[str, str], Reply] = {}

    def read(path: str, *accepted: str) -> None:
        for accept in accepted:
            replies[path, accept] = reader.get(path, accept)

    is_thorough = reader.role in THOROUGH_ROLES
    read("/v1/teams", JSON)
    if is_thorough:
        read("/v1/teams", CSV)
        for path in (
            *(f"/v1/waves/{wave}/releases" for wave in waves),
            *(f"/v1/waves/{wave}" for wave in waves),
            *("/v1/sync", *ADMIN_PATHS),
        ):
            read(path, JSON)
    for team in team_ids:
        path = f"/v1/teams/{team}"
        read(f"{path}/score?wave_id={waves[-1]}", JSON)
        if replies[f"{path}/score?wave_id={waves[-1]}", JSON].status == 404:
            continue
        for wave in waves[:-1]:
            read(f"{path}/score?wave_id={wave}", JSON)
        if is_thorough:
            read(f"{path}/score?wave_id={waves[-1]}", CSV)
            read(f"{path}/heatmap?wave_id={waves[-1]}", JSON, CSV)
            read(f"{path}/trend", JSON, CSV)
            for marker in markers:
                read(f"{path}/sustainment?marker_id={marker}", JSON, CSV)
    return Library(reader.role, replies)
