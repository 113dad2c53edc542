"""Sample agency: two sections, six teams, sixty caseworkers."""

import json
from dataclasses import dataclass

from demo.installation import Installation
from rapport_client import Roster, RosterPerson, RosterTeam

ROOT = "acme"
DIRECTOR = "irene.castillo"
SECTIONS = {"north": "North", "south": "South"}
TEAMS = {
    "north-intake": ("Intake North", "north"),
    "north-family": ("Family Support North", "north"),
    "north-foster": ("Foster Care North", "north"),
    "south-intake": ("Intake South", "south"),
    "south-family": ("Family Support South", "south"),
    "south-foster": ("Foster Care South", "south"),
}
FIRST_NAMES = (
    *("ana", "beth", "carlos", "dana", "elena"),
    *("frank", "grace", "hugo", "ines", "james"),
)
LAST_NAMES = ("reyes", "miller", "ortega", "brooks", "navarro", "hayes")
CASEWORKERS = {
    team: tuple(f"{first}.{last}" for first in FIRST_NAMES)
    for team, last in zip(TEAMS, LAST_NAMES, strict=True)
}
ALL_CASEWORKERS = tuple(person for people in CASEWORKERS.values() for person in people)


@dataclass(frozen=True)
class Credentials:
    """The id and the secret with which a program reads scores."""

    client_id: str
    secret: str


def roster() -> Roster:
    """The agency's teams and people, and a director who supervises it all."""
    teams: list[RosterTeam] = [
        {"external_id": ROOT, "name": "Acme Family Services", "parent": None},
        *(
            RosterTeam(external_id=section, name=name, parent=ROOT)
            for section, name in SECTIONS.items()
        ),
        *(
            RosterTeam(external_id=team, name=name, parent=section)
            for team, (name, section) in TEAMS.items()
        ),
    ]
    people: list[RosterPerson] = [
        {"external_id": DIRECTOR, "team": ROOT, "supervises": [ROOT]},
        *(
            RosterPerson(external_id=person, team=team)
            for team, members in CASEWORKERS.items()
            for person in members
        ),
    ]
    return {"teams": teams, "people": people}


def create_agency(
    installation: Installation, organization: str, people: Roster | None = None
) -> Credentials:
    """Creates the agency with its roster, and a client that reads all its scores."""
    installation.rapport(
        *("organization", "create", organization),
        *("--name", "Acme Family Services", "--time-zone", "America/New_York"),
    )
    listing = installation.folder / "roster.json"
    listing.write_text(json.dumps(people or roster()))
    installation.rapport("roster", "put", organization, str(listing))
    return create_client(installation, organization, "director's dashboard")


def create_client(
    installation: Installation, organization: str, name: str
) -> Credentials:
    """Creates a client that puts the roster and reads every score."""
    line = installation.rapport(
        *("client", "create", organization, "--name", name),
        *("--scope", "reports", "--scope", "roster"),
    )
    client_id, secret = line.split("\t")
    return Credentials(client_id, secret)


def mint_codes(
    installation: Installation, organization: str, *people: str
) -> dict[str, str]:
    """New enrolment codes by person; without names, for the whole roster."""
    lines = installation.rapport(
        "codes", "mint", organization, *(people or ["--all"])
    ).splitlines()
    return dict(line.split("\t") for line in lines)
