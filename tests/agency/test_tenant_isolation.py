"""Tenancy is the database's own rule: no key, no reference leaves an organization."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import Column, ForeignKeyConstraint, Integer, MetaData, String, Table
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rapport_schemas.enums import Purpose
from rapport_service.agency.models import ClientTeam, Person, Supervision, Team
from rapport_service.core.db import db
from rapport_service.pollbook.models import (
    ClientSecret,
    Device,
    Draw,
    Elector,
    EnrolmentCode,
    PrivateKey,
)
from rapport_service.registry.models import BallotKey, Charter
from tests.support.rows import rows_of
from tests.support.service import NOON

GLOBAL_TABLES = {"installation", "data_keys"}
"""The one table that is no organization's."""


def unscoped_keys(metadata):
    """Every key and reference that does not begin with the organization."""
    for table in metadata.tables.values():
        if table.name in GLOBAL_TABLES:
            continue
        unique = [c for c in table.constraints if hasattr(c, "columns")]
        for constraint in [table.primary_key, *unique]:
            names = list(constraint.columns.keys())
            if names and names[0] != "organization_id":
                yield f"{table.name}: {names}"
        for key in table.foreign_key_constraints:
            if key.elements[0].column.name != "organization_id":
                yield f"{table.name} refers to {key.referred_table.name}"


def test_every_key_and_every_reference_begins_with_the_organization():
    assert list(unscoped_keys(db.metadata)) == []


def test_a_key_or_a_reference_without_the_organization_is_noticed():
    planted = MetaData()
    Table(
        "people",
        planted,
        Column("person_id", Integer, primary_key=True),
        Column("organization_id", String),
    )
    Table(
        "devices",
        planted,
        Column("organization_id", String, primary_key=True),
        Column("person_id", Integer),
        ForeignKeyConstraint(["person_id"], ["people.person_id"]),
    )

    assert list(unscoped_keys(planted)) == [
        "people: ['person_id']",
        "people: ['person_id']",
        "devices: ['person_id']",
        "devices refers to people",
    ]


def handles(agency):
    """A team, a person, a client and a wave of an agency."""
    return {
        "team_id": agency.team_id("a"),
        "person_id": rows_of(Person, agency)[0].person_id,
        "client_id": UUID(agency.client()[0].partition(".")[2]),
        "wave_id": agency.wave(agency.announce()).wave_id,
    }


@pytest.fixture(scope="module")
def two(service_session):
    """Two agencies, each in the midst of a wave: us and them."""
    with service_session.app.app_context():
        ours, theirs = (service_session.agency({"a": 8}) for _ in range(2))
        yield ours.id, handles(ours), handles(theirs)


ROWS = {
    "a team under their team": lambda _, theirs: Team(
        team_id=uuid4(),
        external_id="x",
        name="x",
        listed=True,
        parent_id=theirs["team_id"],
    ),
    "a person in their team": lambda _, theirs: Person(
        person_id=uuid4(),
        external_id="x",
        admin=False,
        listed=True,
        team_id=theirs["team_id"],
    ),
    "a supervisor of their team": lambda ours, theirs: Supervision(
        person_id=ours["person_id"], team_id=theirs["team_id"]
    ),
    "their supervisor": lambda ours, theirs: Supervision(
        person_id=theirs["person_id"], team_id=ours["team_id"]
    ),
    "a client limited to their team": lambda ours, theirs: ClientTeam(
        client_id=ours["client_id"], team_id=theirs["team_id"]
    ),
    "a secret of their client": lambda _, theirs: ClientSecret(
        client_id=theirs["client_id"], secret_hash=bytes(32)
    ),
    "a code of their person": lambda _, theirs: EnrolmentCode(
        code_id=uuid4(),
        code_hash=bytes(32),
        purpose=Purpose.ANSWERING,
        expires_at=NOON,
        person_id=theirs["person_id"],
    ),
    "a device of their person": lambda _, theirs: Device(
        device_id=uuid4(),
        purpose=Purpose.ANSWERING,
        used_week="2027-W09",
        device_hash=bytes(32),
        generation=0,
        confirmed=False,
        revoked=False,
        person_id=theirs["person_id"],
    ),
    "an elector of their wave": lambda ours, theirs: Elector(
        wave_id=theirs["wave_id"],
        person_id=ours["person_id"],
        team_id=ours["team_id"],
        kid="x",
    ),
    "their person in our wave": lambda ours, theirs: Elector(
        wave_id=ours["wave_id"],
        person_id=theirs["person_id"],
        team_id=ours["team_id"],
        kid="x",
    ),
    "a draw from their wave": lambda _, theirs: Draw(
        wave_id=theirs["wave_id"], person_id=theirs["person_id"]
    ),
    "a private key of their wave": lambda _, theirs: PrivateKey(
        wave_id=theirs["wave_id"], kid="x", encrypted=b"x"
    ),
    "a public key of their wave": lambda ours, theirs: BallotKey(
        wave_id=theirs["wave_id"], kid="x", team_id=ours["team_id"]
    ),
    "a charter of their wave": lambda _, theirs: Charter(
        wave_id=theirs["wave_id"], digest="x", document=b"{}"
    ),
}


@pytest.mark.parametrize("what", ROWS)
def test_database_refuses_a_row_of_one_organization_about_another(two, what):
    us, ours, theirs = two
    row = ROWS[what](ours, theirs)
    row.organization_id = us

    with Session(db.engine) as session:
        session.add(row)
        with pytest.raises(IntegrityError) as refused:
            session.flush()

    assert "foreign key" in str(refused.value).lower()
