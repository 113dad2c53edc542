"""Charter document: built once, frozen as bytes, named by their digest."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from rapport_schemas.enums import DOCUMENT_FORMAT
from rapport_service.charter.plain_language import render_plain_language
from rapport_service.charter.voting_groups import Electorate, TeamNode
from rapport_service.disclosure.bands import (
    PARTICIPATION_BANDS,
    RESPONDENT_BANDS,
    SMALL_TEAM_PARTICIPATION_BANDS,
)
from rapport_service.encoding.timestamps import format_utc


@dataclass(frozen=True)
class WaveDates:
    """Instants of a wave, each after the one before, and how long phones keep answers.

    Attributes:
        keep_seconds: a device keeps what it sent this long, in case the server is
            restored from a backup and asks again.
    """

    announces_at: datetime
    opens_at: datetime
    closes_at: datetime
    seals_at: datetime
    retires_at: datetime
    keep_seconds: int


@dataclass(frozen=True)
class CharterContent:
    """Content of a charter, as values.

    Attributes:
        time_zone: in which the organization says its times; those of the wave are
            instants.
        wave_id: the wave's public id.
        instrument_digest: digest of the instrument, all languages.
        sealing_key: the public key that devices seal answers to, a JSON Web Key.
        min_respondents: the smallest number of respondents that a score may rest on.
        min_pool: the smallest pool that a ballot key may have.
        keys: the ``kid`` held by each node that holds one.
    """

    organization_id: str
    organization_name: str
    time_zone: str
    wave_id: str
    dates: WaveDates
    instrument_digest: str
    sealing_key: str
    min_respondents: int
    min_pool: int
    nodes: tuple[TeamNode, ...]
    electorate: Electorate
    keys: dict[UUID, str]


def write_charter(content: CharterContent) -> bytes:
    """Return the charter's bytes; the same content always gives the same bytes."""
    by_name = sorted(content.nodes, key=lambda node: node.external_id)
    electorate = content.electorate
    document = {
        "format": DOCUMENT_FORMAT,
        "organization": {
            "id": content.organization_id,
            "name": content.organization_name,
            "time_zone": content.time_zone,
        },
        "wave": {"id": content.wave_id, **_format_dates(content.dates)},
        "instrument_digest": content.instrument_digest,
        "sealing_key": json.loads(content.sealing_key),
        "min_respondents": content.min_respondents,
        "min_pool": content.min_pool,
        "bands": {
            "respondents": RESPONDENT_BANDS,
            "participation": PARTICIPATION_BANDS,
            "small_team_participation": SMALL_TEAM_PARTICIPATION_BANDS,
        },
        "tree": [
            {
                "team_id": str(node.team_id),
                "parent_id": str(node.parent_id) if node.parent_id else None,
                "external_id": node.external_id,
                "name": node.name,
                "eligible": electorate.eligible[node.team_id],
                "ballot_key_id": _key_of_node(content, node),
                "pool": electorate.pool.get(node.team_id),
            }
            for node in by_name
        ],
        "plain_language": render_plain_language(content.min_respondents),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class CharterTerms:
    """Terms of a frozen charter for later steps: tree, people, limit, what is sealed.

    Attributes:
        sealing_key: the JSON Web Key, as its bytes stand in the charter.
    """

    nodes: tuple[TeamNode, ...]
    eligible: dict[UUID, int]
    min_respondents: int
    instrument_digest: str
    sealing_key: str


def read_charter(document: bytes) -> CharterTerms:
    """Parse a charter that this service wrote."""
    members = json.loads(document)
    nodes = tuple(
        TeamNode(
            UUID(node["team_id"]),
            UUID(node["parent_id"]) if node["parent_id"] else None,
            node["external_id"],
            node["name"],
        )
        for node in members["tree"]
    )
    return CharterTerms(
        nodes=nodes,
        eligible={UUID(node["team_id"]): node["eligible"] for node in members["tree"]},
        min_respondents=members["min_respondents"],
        instrument_digest=members["instrument_digest"],
        sealing_key=json.dumps(members["sealing_key"], separators=(",", ":")),
    )


class NamedTeam(Protocol):
    """A team with its names, in a charter or in the roster."""

    @property
    def team_id(self) -> UUID:
        """The service's id."""

    @property
    def external_id(self) -> str:
        """The agency's id."""

    @property
    def name(self) -> str:
        """As people know it."""


def team_reference(team: NamedTeam) -> dict[str, str]:
    """Return a team as other documents name it."""
    return {
        "id": str(team.team_id),
        "external_id": team.external_id,
        "name": team.name,
    }


def _format_dates(dates: WaveDates) -> dict[str, object]:
    return {
        "announces_at": format_utc(dates.announces_at),
        "opens_at": format_utc(dates.opens_at),
        "closes_at": format_utc(dates.closes_at),
        "seals_at": format_utc(dates.seals_at),
        "retires_at": format_utc(dates.retires_at),
        "keep_seconds": dates.keep_seconds,
    }


def _key_of_node(content: CharterContent, node: TeamNode) -> str | None:
    """Return the key of a team's own people, or of the teams below if it has none."""
    electorate = content.electorate
    below = node.team_id if node.team_id in electorate.pool else None
    holder = electorate.key_node.get(node.team_id, below)
    return None if holder is None else content.keys[holder]
