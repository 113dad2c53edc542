"""The service under test: an app, a clock that tests move, agencies of any shape."""

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from rapport_schemas.enums import Purpose, Scope
from rapport_service.agency.administrators import Right, grant_right
from rapport_service.agency.roster import load_roster, preview_roster, put_roster
from rapport_service.agency.roster_rules import Roster, RosterPerson, RosterTeam
from rapport_service.agency.service import (
    create_organization,
    get_person,
    list_recorded_teams,
)
from rapport_service.app import create_app
from rapport_service.charter.clock_leap import TickTimes
from rapport_service.charter.document import WaveDates
from rapport_service.charter.schedule import (
    KEEP_SECONDS,
    retirement_date,
)
from rapport_service.core.db import Door, db, read_transaction, transaction
from rapport_service.core.dependencies import Dependencies, dependencies
from rapport_service.core.installation import Installation
from rapport_service.core.settings import Settings
from rapport_service.lifecycle.organization import advance_organization
from rapport_service.lifecycle.sealing import run_sealing_job
from rapport_service.lifecycle.sealing_site import mark_folders
from rapport_service.lifecycle.vacuum import vacuum_if_due
from rapport_service.migrate import upgrade
from rapport_service.pollbook.clients import create_client
from rapport_service.pollbook.enrolment import mint_code
from rapport_service.registry.models import Wave
from rapport_service.registry.queries import parse_wave_id
from rapport_service.waves.planning import plan_wave
from tests.support.audit import TEST_ACTOR
from tests.support.gunicorn import SECRET
from tests.support.http_phone import Phone
from tests.support.keys import store_keys
from tools.openapi.conformance import ContractClient

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass
class ManualClock:
    """A clock that moves only when a test advances it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def reset(self) -> None:
        self.now = NOON

    def advance(self, **by: float) -> None:
        """Moves the clock on: ``advance(days=8)``."""
        self.now += timedelta(**by)


@dataclass
class ServiceHarness:
    """The running service on one engine."""

    app: Flask
    clock: ManualClock

    @property
    def sealing_folder(self) -> Path:
        """The folder in which its sealing job keeps keys and releases."""
        (folder,) = self.dependencies.sealing_folders
        return folder

    @property
    def dependencies(self) -> Dependencies:
        return dependencies()

    @property
    def http(self) -> FlaskClient:
        """A client that keeps no cookies and follows nothing."""
        return self.app.test_client(use_cookies=False)

    def agency(
        self,
        teams: Mapping[str, int],
        parents: Mapping[str, str] | None = None,
        *,
        min_respondents: int = 5,
        min_pool: int = 8,
        supervises: Mapping[str, Sequence[str]] | None = None,
        organization_id: str | None = None,
        time_zone: str = "UTC",
    ) -> "Agency":
        """An agency with so many people per team, under one root called ``agency``.

        People are called ``<team>-<number>`` from 1. ``parents`` names the parent of a
        team where it is not the root; ``supervises`` adds people to the root who
        supervise the given teams. The organization gets an id of its own, or the one
        that a test needs and no other test uses.
        """
        organization_id = organization_id or f"org{next(_numbers)}"
        if self.dependencies.sealing_folders:
            mark_folders(self.dependencies)
        agency = Agency(self, organization_id)
        with transaction(Door.POLL_BOOK) as session:
            create_organization(
                session,
                organization_id,
                "An agency",
                time_zone,
                min_respondents,
                min_pool,
            )
        agency.put(teams, parents or {}, supervises or {})
        return agency


@contextmanager
def start_service(
    database_url: str,
    ballot_keys: Iterable[RSAPrivateKey],
    sealing_folder: Path | None = None,
) -> Iterator[ServiceHarness]:
    """The service on a database, migrated, with ballot keys that were made before.

    Its sealing job runs in this process, with a folder of its own unless one is given.
    """
    keys, clock = itertools.cycle(ballot_keys), ManualClock()
    with TemporaryDirectory(prefix="rapport-sealing-") as parent:
        folder = sealing_folder or Path(parent, "sealing-keys")
        app = create_app(
            Settings(SECRET, database_url, sealing_folders=(folder,)),
            clock=clock,
            make_key=lambda: next(keys),
            start_seal=FinishedSeal,
        )
        app.test_client_class = ContractClient
        with app.app_context():
            if db.engine.dialect.name == "sqlite":
                event.listen(db.engine, "connect", _skip_fsync)
            upgrade(db.engine)
            store_keys()
            yield ServiceHarness(app, clock)
            db.engine.dispose()


class FinishedSeal:
    """A run of the sealing job in this process, with the clock of the test."""

    def __init__(self) -> None:
        self._status = int(not run_sealing_job(dependencies()))

    def poll(self) -> int:
        return self._status

    def wait(self, _timeout: float | None = None) -> int:
        return self._status

    def terminate(self) -> None:
        """It has ended."""


def _skip_fsync(connection: sqlite3.Connection, _record: object) -> None:
    """Leaves out the wait for the disk, as ``fsync=off`` does on PostgreSQL."""
    connection.execute("PRAGMA synchronous = OFF")


@dataclass
class Agency:
    """One organization of the service under test."""

    service: ServiceHarness
    id: str
    phones: dict[str, Phone] = field(default_factory=dict)
    _reader_tokens: dict[tuple[str, datetime], str] = field(default_factory=dict)

    def put(
        self,
        teams: Mapping[str, int],
        parents: Mapping[str, str],
        supervises: Mapping[str, Sequence[str]],
    ) -> None:
        """Puts a roster: so many people a team; confirms every removal."""
        roster = Roster(
            teams=(
                RosterTeam("agency", "The agency", None),
                *(
                    RosterTeam(team, f"Team {team}", parents.get(team, "agency"))
                    for team in teams
                    if team != "agency"
                ),
            ),
            people=(
                *(
                    RosterPerson(f"{team}-{number}", team)
                    for team, size in teams.items()
                    for number in range(1, size + 1)
                ),
                *(
                    RosterPerson(person, "agency", tuple(over))
                    for person, over in supervises.items()
                ),
            ),
        )
        self._put(roster)

    def change_roster(
        self,
        parents: Mapping[str, str | None] | None = None,
        homes: Mapping[str, str | None] | None = None,
        supervises: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Moves teams and people, or takes them out of the roster, and keeps the rest.

        Args:
            parents: a new parent by team; None for a team that leaves.
            homes: a new team by person; None for a person who leaves.
            supervises: the teams that a person is to supervise, by person.
        """
        parents, homes, supervises = parents or {}, homes or {}, supervises or {}
        with read_transaction(Door.POLL_BOOK) as session:
            roster = load_roster(session, self.id)
        teams = (
            team._replace(parent=parents.get(team.external_id) or team.parent)
            for team in roster.teams
            if team.parent is None or parents.get(team.external_id, "") is not None
        )
        people = (
            person._replace(
                team=homes.get(person.external_id) or person.team,
                supervises=tuple(supervises.get(person.external_id, person.supervises)),
            )
            for person in roster.people
            if homes.get(person.external_id, "") is not None
        )
        self._put(Roster(tuple(teams), tuple(people)))

    def _put(self, roster: Roster) -> None:
        with transaction(Door.POLL_BOOK) as session:
            _, people = preview_roster(session, self.id, roster).counts
            put_roster(session, self.id, roster, confirmed_removals=people.removed)

    def code(self, person: str, purpose: Purpose = Purpose.ANSWERING) -> str:
        """A fresh enrolment code for a person."""
        deps = self.service.dependencies
        with transaction(Door.POLL_BOOK) as session:
            row = get_person(session, self.id, person)
            return mint_code(
                session, deps.keyring, row, purpose, deps.clock(), TEST_ACTOR
            )

    def admin_token(self) -> str:
        """An access token of an administrator."""
        deps = self.service.dependencies
        with transaction(Door.POLL_BOOK) as session:
            person = grant_right(session, self.id, "admin", Right.ADMIN)
            code = mint_code(
                session,
                deps.keyring,
                person,
                Purpose.READING,
                deps.clock(),
                TEST_ACTOR,
            )
        return str(self.enrol_with_code(code)["access_token"])

    def reader_token(self, person: str) -> str:
        """An access token of a person who reads as supervisor."""
        tokens = self.enrol_with_code(self.code(person, Purpose.READING))
        return str(tokens["access_token"])

    def cached_reader_token(self, person: str) -> str:
        """The same token for a person until the clock moves on."""
        key = person, self.service.clock()
        if key not in self._reader_tokens:
            self._reader_tokens[key] = self.reader_token(person)
        return self._reader_tokens[key]

    def enrol_with_code(self, code: str) -> dict[str, Any]:
        """The reply to an enrolment with a code."""
        return Phone(self.service.http).enrol(code)

    def client(self, *teams: str) -> tuple[str, str]:
        """A service client, limited to teams where any are named."""
        ids = [self.team_id(team) for team in teams]
        deps = self.service.dependencies
        scopes = [Scope.REPORTS] if teams else [Scope.REPORTS, Scope.ROSTER]
        with transaction(Door.POLL_BOOK) as session:
            issued = create_client(
                *(session, deps.keyring, self.id, "a program", scopes, ids),
                *(deps.clock(), TEST_ACTOR),
            )
        return issued.client.public_id, issued.secret

    def team_id(self, external_id: str) -> Any:
        """A team's id by the agency's own name for it, also of one that is gone."""
        with read_transaction(Door.REPORTS) as session:
            teams = list_recorded_teams(session, self.id)
        return next(team.team_id for team in teams if team.external_id == external_id)

    def phone(self, person: str) -> Phone:
        """The person's enrolled phone; the same one each time, its tokens fresh."""
        if person in self.phones:
            self.phones[person].refresh()
        else:
            phone = Phone(self.service.http)
            phone.enrol(self.code(person))
            self.phones[person] = phone
        return self.phones[person]

    def plan(self, opens_in: float = 1, grace: float = 7) -> str:
        """Plans a wave: announced now, open from tomorrow for a week, sealed on day 15.

        Args:
            opens_in: days until it opens. No two waves are open at once.
            grace: days from its close to its seal.

        Returns:
            The wave's public id.
        """
        now = self.service.clock()
        opens = now + timedelta(days=opens_in)
        closes = opens + timedelta(days=7)
        dates = WaveDates(
            announces_at=now,
            opens_at=opens,
            closes_at=closes,
            seals_at=closes + timedelta(days=grace),
            retires_at=retirement_date(closes),
            keep_seconds=KEEP_SECONDS,
        )
        with transaction(Door.POLL_BOOK) as session:
            return plan_wave(session, self.id, dates, now, TEST_ACTOR).public_id

    def announce(self, opens_in: float = 1, grace: float = 7) -> str:
        """Plans a wave and announces it."""
        wave = self.plan(opens_in, grace)
        self.tick()
        return wave

    def tick(self, **later: float) -> None:
        """Moves the clock on and runs one tick of the organization and its seals.

        Tests set the clock, so they confirm it.
        """
        self.service.clock.advance(**later)
        deps, now = self.service.dependencies, self.service.clock()
        advance_organization(deps, self.id, TickTimes(now), now)
        assert run_sealing_job(deps, organization_id=self.id)
        advance_organization(deps, self.id, TickTimes(now), now)
        with read_transaction(Door.SEAL) as session:
            is_vacuum_due = session.scalar(select(Installation.everything_due))
        if is_vacuum_due:
            vacuum_if_due(self.service.clock)

    def seal(self) -> None:
        """Lets time pass until the wave that was announced today is sealed."""
        self.tick(days=2)
        self.tick(days=7)
        self.tick(days=7)

    def wave(self, public_id: str) -> Wave:
        """A wave's row as it is now."""
        with read_transaction(Door.SEAL) as session:
            return session.get_one(Wave, parse_wave_id(public_id))

    def score(self, token: str, team: str) -> dict[str, Any]:
        """A team's score document as the bearer of the token reads it."""
        reply = self.service.http.get(
            f"/v1/teams/{self.team_id(team)}/score",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert reply.status_code == 200, reply.text
        document: dict[str, Any] = json.loads(reply.data)
        return document
