"""Two agencies alike but for the number of people who answered, with sealed waves."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from benchmarks import bulk
from benchmarks.people import Said, crowd
from rapport_service import b64
from rapport_service.ballotbox.models import Standing
from rapport_service.db import Door, db, transaction
from rapport_service.record.models import Charter, Wave, WaveState
from rapport_service.record.service import lock_wave, wave_key, wave_keys
from rapport_service.waves.past import sealed_answers
from rapport_service.waves.publish import publish
from tests.house_under_test import Agency
from tests.sealing import begin, pass_the_close

SECTIONS, TEAMS_EACH, PEOPLE_EACH = 4, 4, 125
TEAM = "s1-t1"
ACCEPTED = Standing.ACCEPTED.value
KEPT = (ACCEPTED, b"")
"""An accepted submission; what was frozen is gone after the seal in any case."""

SUBMISSIONS = (
    *("organization_id", "kid", "ballot_hash", "digest", "standing"),
    *("content", "form", "answers"),
)
ANSWERS = ("organization_id", "wave_id", "answer_id", "team_id", "form", "answers")
SPENT = ("organization_id", "kid", "ballot_hash", "digest", "standing")


@dataclass(frozen=True)
class Voting:
    """A team of a wave: whose key, how many people answer, around what."""

    team_id: UUID
    kid: str
    people: int
    middle: float
    seed: tuple[int, ...]

    def said(self) -> Iterator[Said]:
        """What its people say."""
        return crowd(self.people, self.middle, self.seed)


def teams() -> dict[str, int]:
    """People by team: sixteen teams in four sections; sections have none."""
    sections = {f"s{section}": 0 for section in range(1, SECTIONS + 1)}
    leaves = {
        f"{section}-t{team}": PEOPLE_EACH
        for section in sections
        for team in range(1, TEAMS_EACH + 1)
    }
    return sections | leaves


def parents() -> dict[str, str]:
    """The section of each team."""
    return {team: team.partition("-")[0] for team in teams() if "-" in team}


def seal_small(agency: Agency, number: int) -> None:
    """A wave of 2,000 people: submissions as they lie in the box, then the seal."""
    wave = agency.announce()
    with transaction(Door.BALLOT_BOX) as session:
        for team in _voting(session, agency.wave(wave), number, factor=1):
            under = (agency.id, team.kid)
            bulk.insert(
                session,
                "submissions",
                SUBMISSIONS,
                (
                    (*under, one.ballot_hash, one.digest, *KEPT, one.form, one.text)
                    for one in team.said()
                ),
            )
    agency.seal()


def seal_large(agency: Agency, number: int, factor: int) -> None:
    """A wave of so many times as many people: answers as they lie after the seal.

    The rows are written where a seal leaves them, without having been submissions; the
    release is computed and stored by what the seal computes and stores it with, from
    the answers read back. The charter's numbers of people are multiplied as well.
    """
    wave = agency.announce()
    _enlarge(wave, factor)
    pass_the_close(agency)
    begin(agency, wave)
    with transaction(Door.SEAL) as session:
        row = lock_wave(session, *wave_key(wave))
        hashes: list[bytes] = []
        for team in _voting(session, row, number, factor):
            said = list(team.said())
            of, under = (agency.id, row.wave_id), (agency.id, team.kid)
            bulk.insert(
                session,
                "answers",
                ANSWERS,
                ((*of, one.key, team.team_id, one.form, one.text) for one in said),
            )
            bulk.insert(
                session,
                "spent",
                SPENT,
                ((*under, one.ballot_hash, one.digest, ACCEPTED) for one in said),
            )
            hashes += (one.ballot_hash for one in said)
        publish(session, row, sealed_answers(session, row), hashes)
        row.state = WaveState.SEALED


def _voting(session: Session, wave: Wave, number: int, factor: int) -> list[Voting]:
    return [
        Voting(
            key.team_id,
            key.kid,
            PEOPLE_EACH * factor,
            middle=3.2 + 0.1 * number + 0.03 * place,
            seed=(number, place, factor),
        )
        for place, key in enumerate(wave_keys(session, wave))
    ]


def _enlarge(wave: str, factor: int) -> None:
    """Multiplies the people in a charter that nobody has answered yet."""
    key = wave_key(wave)
    with Session(db.engine) as session, session.begin():
        charter = json.loads(session.get_one(Charter, key).document)
        for node in charter["tree"]:
            node["N"] *= factor
            node["pool"] = node["pool"] and node["pool"] * factor
        document = json.dumps(charter, separators=(",", ":")).encode()
        session.execute(
            update(Charter)
            .where(Charter.organization_id == key[0], Charter.wave_id == key[1])
            .values(document=document, digest=b64.digest(document))
        )
