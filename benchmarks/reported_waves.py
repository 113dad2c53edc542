"""Two agencies with sealed waves, alike but for the number of people who answered."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from benchmarks import bulk_insert
from benchmarks.simulated_people import SimulatedAnswers, simulate_people
from rapport_schemas.enums import WaveState
from rapport_service.ballotbox.models import StoredStatus
from rapport_service.core.db import Door, db, transaction
from rapport_service.core.installation import get_epoch
from rapport_service.disclosure.bands import invalid_band
from rapport_service.encoding import base64url
from rapport_service.envelope.hpke import envelope_info, seal_envelope
from rapport_service.envelope.sealing_key import parse_public_jwk
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.registry.models import Charter, Wave
from rapport_service.registry.queries import list_ballot_keys, lock_wave, parse_wave_id
from rapport_service.releases.history import (
    comparable_waves,
    load_sealed_answers,
    poolable_waves,
)
from rapport_service.releases.publish import load_charter_terms
from rapport_service.releases.scoring.aggregation import aggregate_answers
from rapport_service.releases.scoring.presentation import ReleaseContext
from rapport_service.releases.scoring.release import compute_release
from rapport_service.releases.sealed_release import (
    SealedRelease,
    digest_counted_ballots,
    insert_release,
)
from rapport_service.stats.trend import Window
from tests.support.lifecycle import advance_past_close, begin_sealing
from tests.support.service import Agency

SECTIONS, TEAMS_EACH, PEOPLE_EACH = 4, 4, 125
TEAM = "s1-t1"
ACCEPTED = StoredStatus.ACCEPTED.value

SUBMISSION_COLUMNS = (
    *("organization_id", "kid", "ballot_hash", "digest", "envelope", "status"),
)
ANSWER_COLUMNS = (
    "organization_id",
    "wave_id",
    "answer_id",
    "team_id",
    "form",
    "answers",
)
SPENT_BALLOT_COLUMNS = (
    *("organization_id", "wave_id", "ballot_hash", "digest", "status"),
)


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
        row = agency.wave(wave)
        seal_answers = _open_seal(session, row)
        for team in _voting_teams(session, row, number, factor=1):
            bulk_insert.copy_rows(
                session,
                "submissions",
                SUBMISSION_COLUMNS,
                (
                    (
                        *(agency.id, team.kid, person.ballot_hash, person.digest),
                        seal_answers(team.kid, person),
                        ACCEPTED,
                    )
                    for person in team.simulate()
                ),
            )
    agency.seal()


def _open_seal(
    session: Session, wave: Wave
) -> Callable[[str, SimulatedAnswers], bytes]:
    """A function that puts a person's answers into an envelope of this wave."""
    charter = session.get_one(Charter, (wave.organization_id, wave.wave_id))
    key = parse_public_jwk(wave.sealing_key or "")
    digest = base64url.decode(charter.digest)

    def seal_answers(kid: str, person: SimulatedAnswers) -> bytes:
        answers = Answers.load(person.form, person.text)
        info = envelope_info(kid, person.ballot_hash, digest)
        return seal_envelope(key, answers.plaintext(CURRENT_INSTRUMENT), info)

    return seal_answers


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
            in_wave = (agency.id, row.wave_id)
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
                "spent_ballots",
                SPENT_BALLOT_COLUMNS,
                (
                    (*in_wave, person.ballot_hash, person.digest, ACCEPTED)
                    for person in people
                ),
            )
            hashes += (person.ballot_hash for person in people)
        _publish(session, row, hashes)
        row.state = WaveState.SEALED


def _publish(session: Session, wave: Wave, hashes: list[bytes]) -> None:
    """Compute a wave's release from its sealed answers, and store it."""
    terms = load_charter_terms(session, wave)
    earlier = comparable_waves(session, wave, CURRENT_INSTRUMENT)
    root = next(str(node.team_id) for node in terms.nodes if node.parent_id is None)
    result = compute_release(
        ReleaseContext(wave.public_id, Window(wave.opens_at, wave.closes_at)),
        terms,
        CURRENT_INSTRUMENT,
        aggregate_answers(CURRENT_INSTRUMENT, load_sealed_answers(session, wave)),
        earlier,
        poolable_waves(session, wave, CURRENT_INSTRUMENT, root, earlier),
    )
    release = SealedRelease(
        wave_id=wave.public_id,
        retires_at=wave.retires_at,
        epoch=str(get_epoch(session)),
        counted_ballots_digest=digest_counted_ballots(hashes),
        invalid_band=invalid_band(0),
        level_variances=result.level_variances,
        figures=result.figures,
        teams=result.teams,
        reliability=result.reliability,
        spent=(),  # they are stored already
    )
    insert_release(session, wave, release)


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
