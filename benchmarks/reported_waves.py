"""Two agencies with sealed waves, alike but for the number of people who answered."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from benchmarks import bulk_insert
from benchmarks.simulated_people import SimulatedAnswers, simulate_people
from rapport_schemas.enums import WaveState
from rapport_service.ballotbox.models import StoredStatus
from rapport_service.core.db import Door, db, transaction
from rapport_service.encoding import base64url
from rapport_service.registry.models import Charter, Wave
from rapport_service.registry.queries import list_ballot_keys, lock_wave, parse_wave_id
from rapport_service.releases.history import load_sealed_answers
from rapport_service.releases.publish import publish
from tests.support.lifecycle import advance_past_close, begin_sealing
from tests.support.service import Agency

SECTIONS, TEAMS_EACH, PEOPLE_EACH = 4, 4, 125
TEAM = "s1-t1"
ACCEPTED = StoredStatus.ACCEPTED.value
ACCEPTED_VALUES = (ACCEPTED, b"")
"""An accepted submission; what was frozen is gone after the seal in any case."""

SUBMISSION_COLUMNS = (
    *("organization_id", "kid", "ballot_hash", "digest", "status"),
    *("content", "form", "answers"),
)
ANSWER_COLUMNS = (
    "organization_id",
    "wave_id",
    "answer_id",
    "team_id",
    "form",
    "answers",
)
COUNTED_BALLOT_COLUMNS = ("organization_id", "kid", "ballot_hash", "digest", "status")


@dataclass(frozen=True)
class VotingTeam:
    """Team of a wave: its key, its number of people, the mean of their answers."""

    team_id: UUID
    kid: str
    people: int
    mean_answer: float
    seed: tuple[int, ...]

    def simulate(self) -> Iterator[SimulatedAnswers]:
        """Yield the answers of its people."""
        return simulate_people(self.people, self.mean_answer, self.seed)


def teams() -> dict[str, int]:
    """Return the people by team: sixteen teams in four sections; sections have none."""
    sections = {f"s{section}": 0 for section in range(1, SECTIONS + 1)}
    leaves = {
        f"{section}-t{team}": PEOPLE_EACH
        for section in sections
        for team in range(1, TEAMS_EACH + 1)
    }
    return sections | leaves


def parents() -> dict[str, str]:
    """Return the section of each team."""
    return {team: team.partition("-")[0] for team in teams() if "-" in team}


def seal_small(agency: Agency, number: int) -> None:
    """Seal a wave of 2,000 people from its submissions in the ballot box."""
    wave = agency.announce()
    with transaction(Door.BALLOT_BOX) as session:
        for team in _voting_teams(session, agency.wave(wave), number, factor=1):
            under = (agency.id, team.kid)
            bulk_insert.copy_rows(
                session,
                "submissions",
                SUBMISSION_COLUMNS,
                (
                    (
                        *under,
                        person.ballot_hash,
                        person.digest,
                        *ACCEPTED_VALUES,
                        person.form,
                        person.text,
                    )
                    for person in team.simulate()
                ),
            )
    agency.seal()


def seal_large(agency: Agency, number: int, factor: int) -> None:
    """Seal a wave of `factor` times as many people from rows as a seal leaves them.

    The rows are written where a seal leaves them, without having been submissions; the
    release is computed and stored by what the seal computes and stores it with, from
    the answers read back. The charter's numbers of people are multiplied as well.
    """
    wave = agency.announce()
    _enlarge(wave, factor)
    advance_past_close(agency)
    begin_sealing(agency, wave)
    with transaction(Door.SEAL) as session:
        row = lock_wave(session, *parse_wave_id(wave))
        hashes: list[bytes] = []
        for team in _voting_teams(session, row, number, factor):
            people = list(team.simulate())
            in_wave, under = (agency.id, row.wave_id), (agency.id, team.kid)
            bulk_insert.copy_rows(
                session,
                "answers",
                ANSWER_COLUMNS,
                (
                    (*in_wave, person.key, team.team_id, person.form, person.text)
                    for person in people
                ),
            )
            bulk_insert.copy_rows(
                session,
                "counted_ballots",
                COUNTED_BALLOT_COLUMNS,
                (
                    (*under, person.ballot_hash, person.digest, ACCEPTED)
                    for person in people
                ),
            )
            hashes += (person.ballot_hash for person in people)
        publish(session, row, load_sealed_answers(session, row), hashes)
        row.state = WaveState.SEALED


def _voting_teams(
    session: Session, wave: Wave, number: int, factor: int
) -> list[VotingTeam]:
    return [
        VotingTeam(
            key.team_id,
            key.kid,
            PEOPLE_EACH * factor,
            mean_answer=3.2 + 0.1 * number + 0.03 * place,
            seed=(number, place, factor),
        )
        for place, key in enumerate(list_ballot_keys(session, wave))
    ]


def _enlarge(wave: str, factor: int) -> None:
    """Multiply the people in a charter that has no answers yet."""
    key = parse_wave_id(wave)
    with Session(db.engine) as session, session.begin():
        charter = json.loads(session.get_one(Charter, key).document)
        for node in charter["tree"]:
            node["eligible"] *= factor
            node["pool"] = node["pool"] and node["pool"] * factor
        document = json.dumps(charter, separators=(",", ":")).encode()
        session.execute(
            update(Charter)
            .where(Charter.organization_id == key[0], Charter.wave_id == key[1])
            .values(document=document, digest=base64url.digest(document))
        )
