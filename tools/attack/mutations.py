"""Mutations: ways to weaken the service or the SDK, which attacks must notice.

A mutation is patched in from outside, in the process of the service, before it starts;
the products know nothing of it.
"""
# ruff: noqa: PLC0415

import base64
import itertools
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from tools.chaos.mutations import replace_attribute


@dataclass(frozen=True)
class Mutation:
    """One way to weaken a product.

    Attributes:
        apply: patches the product, in the program that calls it.
        attacks: beginnings of the names of the attacks that it opens the door to; one
            of them has to notice it.
    """

    apply: Callable[[], None]
    attacks: tuple[str, ...]


def sealing_key_in_the_database() -> None:
    """The private half of the sealing key is written to the database as well."""
    from rapport_service.envelope.sealing_key import make_sealing_key
    from rapport_service.lifecycle import sealing
    from rapport_service.registry.models import Wave
    from rapport_service.releases import seal

    made: list[Any] = []
    record = seal.record_key

    def make_and_keep() -> Any:
        made.append(make_sealing_key())
        return made[-1]

    def record_both(session: Any, wave: Any, jwk: str) -> bool:
        is_first = record(session, wave, jwk)
        scalar = made[-1].private_numbers().private_value.to_bytes(32)
        row = session.get_one(Wave, (wave.organization_id, wave.wave_id))
        row.cancel_reason = base64.b64encode(scalar).decode()
        return is_first

    replace_attribute(sealing, "make_sealing_key", make_and_keep)
    replace_attribute(seal, "record_key", record_both)


def draws_kept() -> None:
    """Draws stay when the wave is sealed, and so do the keys of the electorate."""
    from rapport_service.lifecycle import organization

    replace_attribute(organization, "purge_ended", lambda *_, **__: None)


def rows_under_voting_teams() -> None:
    """Answers lie under the team that voted, not under a released one."""
    from rapport_service.releases import publish

    original = publish.find_atoms

    def keep_team(terms: Any, released: Any) -> dict[UUID, UUID | None]:
        atoms = original(terms, released)
        return {team: atom and team for team, atom in atoms.items()}

    replace_attribute(publish, "find_atoms", keep_team)


def key_in_spent_ballots() -> None:
    """A spent ballot names its ballot key."""
    from rapport_service.releases import publish
    from rapport_service.releases.sealed_release import SpentHash

    def name_keys(stored: Iterable[Any]) -> list[SpentHash]:
        return [
            SpentHash(each.ballot_hash, each.kid.partition(".")[2]) for each in stored
        ]

    replace_attribute(publish, "spent_hashes", name_keys)


def one_sealing_key() -> None:
    """All waves have one sealing key; what a sealed wave names is overwritten."""
    from sqlalchemy import select

    from rapport_schemas.enums import WaveState
    from rapport_service.envelope.sealing_key import make_sealing_key, public_jwk
    from rapport_service.lifecycle import sealing
    from rapport_service.registry.models import Wave
    from rapport_service.releases import seal

    key, record = make_sealing_key(), seal.record_key

    def record_again(session: Any, wave: Any, jwk: str) -> bool:
        for sealed in session.scalars(select(Wave).filter_by(state=WaveState.SEALED)):
            sealed.sealing_key = public_jwk(make_sealing_key().public_key())
        session.flush()
        return record(session, wave, jwk)

    replace_attribute(sealing, "make_sealing_key", lambda: key)
    replace_attribute(seal, "record_key", record_again)


def info_without_charter() -> None:
    """Envelopes are not bound to the charter that the phone was shown."""
    from rapport_client._ballots import envelope as sdk
    from rapport_client._protocol import base64url
    from rapport_client._sync import account
    from rapport_service.releases import opening

    original, original_sdk = vars(opening)["envelope_info"], sdk.envelope_info
    none = bytes(32)

    def unbound(kid: str, ballot_hash: bytes, _digest: bytes) -> Any:
        return original(kid, ballot_hash, none)

    def unbound_sdk(kid: str, ballot_hash: str, _digest: str) -> Any:
        return original_sdk(kid, ballot_hash, base64url.encode(none))

    replace_attribute(opening, "envelope_info", unbound)
    replace_attribute(sdk, "envelope_info", unbound_sdk)
    replace_attribute(account, "envelope_info", unbound_sdk)


def rows_in_order_of_arrival() -> None:
    """Answers are stored in the order in which they arrived, with counted ids."""
    from rapport_service.ballotbox import repository
    from rapport_service.releases import publish

    arrived: list[bytes] = []
    numbers = itertools.count(1)
    insert, write = repository.insert_first, vars(publish)["_answer_rows"]

    def note_arrival(session: Any, firsts: Any) -> Any:
        arrived.extend(item.ballot.hash for item in firsts.values())
        return insert(session, firsts)

    def write_in_order(wave: Any, terms: Any, release: Any, opened: Any) -> Any:
        ordered = sorted(opened, key=lambda ballot: arrived.index(ballot.ballot_hash))
        return write(wave, terms, release, ordered)

    replace_attribute(repository, "insert_first", note_arrival)
    replace_attribute(publish, "_answer_rows", write_in_order)
    replace_attribute(publish, "uuid4", lambda: UUID(int=next(numbers)))


def planner_without_loop() -> None:
    """The planner releases every large group and takes none back."""
    from rapport_service.disclosure import planner

    replace_attribute(planner._Planning, "atom", lambda *_: 0)


def respondents_not_planned() -> None:
    """The planner counts who answered on trust and on communication, not anything."""
    from rapport_service.releases.scoring import release_plan

    original = vars(release_plan)["plan_tiers"]

    def plan_two(tree: Any, counts: Mapping[Any, Any], *rest: Any) -> Any:
        return original(tree, {**counts, "any": counts["trust"]}, *rest)

    replace_attribute(release_plan, "plan_tiers", plan_two)


def live_counts() -> None:
    """Every reply says how many answers have arrived."""
    from flask import Flask

    from rapport_service.ballotbox import repository

    arrived: list[Any] = []
    insert, wsgi_app = repository.insert_first, Flask.process_response

    def count(session: Any, firsts: Any) -> Any:
        arrived.extend(firsts)
        return insert(session, firsts)

    def add_count(app: Flask, response: Any) -> Any:
        response.headers["X-Answers"] = str(len(arrived))
        return wsgi_app(app, response)

    replace_attribute(repository, "insert_first", count)
    replace_attribute(Flask, "process_response", add_count)


def interval_around_the_hidden_score() -> None:
    """The interval of a coarse score lies around the score before rounding."""
    from rapport_service.releases.scoring import presentation
    from rapport_service.stats.scores import to_points

    original = vars(presentation)["_present_coarse"]

    def present_coarse(figures: Any, name: Any, *others: Any) -> Any:
        figure = original(figures, name, *others)
        hidden = round(to_points(figures.constructs[name].theta, others[-1]))
        ends = {
            end: min(max(value + hidden - figure["score"], 0), 100)
            for end, value in figure["interval"].items()
        }
        return {**figure, "interval": ends}

    replace_attribute(presentation, "_present_coarse", present_coarse)


def form_by_rank() -> None:
    """A phone's form follows from its person's place in the roster."""
    from rapport_client import FieldDevice

    def choose_by_name(device: Any, forms: int) -> int:
        name = Path(device._file.database._path).stem
        return int(name, 16) * forms >> 32

    replace_attribute(FieldDevice, "_choose_form", choose_by_name)


def folder_without_marker() -> None:
    """Any folder counts as a sealing folder, marked or not."""
    from rapport_service.releases.sealing_keys import SealingFolder

    replace_attribute(SealingFolder, "problem", lambda *_: None)


def plaintext_in_the_log() -> None:
    """The sealing job logs what it opens."""
    import logging

    from rapport_service.releases import opening

    original = vars(opening)["parse_plaintext"]
    log = logging.getLogger("rapport_service")

    def log_and_parse(instrument: Any, plaintext: bytes) -> Any:
        log.info("opened", extra={"plaintext": plaintext.decode("ascii", "replace")})
        return original(instrument, plaintext)

    replace_attribute(opening, "parse_plaintext", log_and_parse)


def ballots_in_the_log() -> None:
    """The ballot box writes a line for each item that it stores."""
    import logging

    from rapport_service.ballotbox import repository

    log = logging.getLogger("rapport_service")
    insert = repository.insert_first

    def insert_and_log(session: Any, firsts: Any) -> Any:
        for _, _, ballot_hash in firsts:
            log.info("stored", extra={"ballot": ballot_hash.hex()})
        return insert(session, firsts)

    replace_attribute(repository, "insert_first", insert_and_log)


def no_rewrite() -> None:
    """Tables are never rewritten."""
    from rapport_service.lifecycle import vacuum

    replace_attribute(vacuum, "vacuum", lambda *_: None)


def envelope_left_open() -> None:
    """A phone sends its answers as they are, as long as an envelope."""
    from rapport_client._sync import account

    def leave_open(_key: Any, plaintext: bytes, _info: bytes) -> bytes:
        return plaintext.ljust(337)

    replace_attribute(account, "make_envelope", leave_open)


def digest_of_the_answers() -> None:
    """A spent ballot keeps a digest of the answers, not of the envelope."""
    from rapport_client._protocol import base64url
    from rapport_service.releases import publish

    reckon = vars(publish)["_open_ballots"]
    spent = publish.spent_hashes
    texts: dict[bytes, bytes] = {}

    def open_and_note(*arguments: Any) -> Any:
        for ballot in reckon(*arguments):
            texts[ballot.ballot_hash] = ballot.answers.dump_values().encode()
            yield ballot

    def hash_answers(stored: Iterable[Any]) -> list[Any]:
        rows = []
        for row in spent(stored):
            with suppress(KeyError):
                digest = base64url.digest(texts[row.ballot_hash])
                rows.append(replace(row, digest=digest))
        return rows

    replace_attribute(publish, "_open_ballots", open_and_note)
    replace_attribute(publish, "spent_hashes", hash_answers)


def overlapping_waves() -> None:
    """Two waves of an agency may be open at the same time."""
    from rapport_service.waves import planning

    replace_attribute(planning, "require_free_window", lambda *_: None)


ORDER_OF_ARRIVAL = "arrival by arrival"

MUTATIONS: Mapping[str, Mutation] = {
    "sealing key in the database": Mutation(
        sealing_key_in_the_database, ("search for sealing keys",)
    ),
    "draws kept": Mutation(draws_kept, ("draws that are kept",)),
    "rows under voting teams": Mutation(
        rows_under_voting_teams,
        ("few rows under a team", "groups by answers.team_id"),
    ),
    "key in spent ballots": Mutation(
        key_in_spent_ballots, ("groups by spent_ballots.digest",)
    ),
    "one sealing key for two waves": Mutation(
        one_sealing_key, ("sealing keys of all waves",)
    ),
    "info without the charter": Mutation(
        info_without_charter, ("envelopes that do not fit",)
    ),
    "rows in order of arrival": Mutation(
        rows_in_order_of_arrival, (f"{ORDER_OF_ARRIVAL}, answers by answers.",)
    ),
    "planner without loop": Mutation(
        planner_without_loop, ("linear system of a wave",)
    ),
    "overall without its own count": Mutation(
        respondents_not_planned, ("linear system of a wave",)
    ),
    "live counts": Mutation(live_counts, ("polling of both doors",)),
    "interval around the hidden score": Mutation(
        interval_around_the_hidden_score, ("digits that rounding hides",)
    ),
    "form by rank": Mutation(
        form_by_rank, ("people by people.external_id, answers by answers.form",)
    ),
    "folder without a marker": Mutation(
        folder_without_marker, ("a sealing folder without a marker",)
    ),
    "plaintext in the log": Mutation(plaintext_in_the_log, ("plaintext search",)),
    "ballots in the log": Mutation(ballots_in_the_log, ("search of text logs",)),
    "overlapping waves": Mutation(overlapping_waves, ("waves that overlap",)),
    "no rewrite": Mutation(no_rewrite, (ORDER_OF_ARRIVAL,)),
    "envelope left open": Mutation(envelope_left_open, ("plaintext search",)),
    "digest of the answers": Mutation(
        digest_of_the_answers, ("brute force of digests",)
    ),
}
