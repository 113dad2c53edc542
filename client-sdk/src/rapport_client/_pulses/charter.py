"""The charter of a wave, and the checks before a ballot is drawn under it.

The charter is the defence against tagging. All people in a wave have the same one, it
is fetched without credentials, and it lists every ballot key with the number of people
who vote under it. So a service that gave one person a key of their own would have to
show that person another charter, and two colleagues can compare fingerprints.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from rapport_client._ballots.envelope import SealingKey, parse_sealing_key
from rapport_client._ballots.test_key import TEST_KEY
from rapport_client._json import JsonObject
from rapport_client._protocol import base64url
from rapport_client.errors import CharterRefused

FORMAT = 2
MIN_POOL = 5
"""The smallest pool that this device accepts, whatever the charter says."""

V = TypeVar("V")
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Group:
    """A node of the reporting tree.

    Attributes:
        name: as people know it.
        ballot_key_id: the key that the node's own people vote under; None if it has
            none.
        parent_id: the node above; None at the top.
        eligible: how many people can answer at it and below it.
    """

    name: str
    ballot_key_id: str | None
    parent_id: str | None
    eligible: int


@dataclass(frozen=True)
class Charter:
    """A charter whose digest is the one that the poll book named.

    Attributes:
        digest: the SHA-256 of its bytes, base64url.
        wave_id: the wave's public id.
        announces_at: from when the charter is public.
        opens_at: from when the wave may be answered.
        closes_at: from when it may not.
        seals_at: from when its answers are unlocked and counted.
        retires_at: from when its ballots are worthless.
        keep_seconds: how long a device keeps settled items, to offer them again.
        instrument_digest: the digest of its questions.
        sealing_key: the key that its answers are encrypted to.
        min_respondents: the fewest people whose answers a score may rest on.
        min_pool: the fewest people who may vote under one key.
        groups: every node of the reporting tree, by team id.
        pools: how many people vote under each key, by its id.
        plain_language: sentences about who can see what, by language, with gaps for
            what depends on the person.
    """

    digest: str
    wave_id: str
    announces_at: datetime
    opens_at: datetime
    closes_at: datetime
    seals_at: datetime
    retires_at: datetime
    keep_seconds: int
    instrument_digest: str
    sealing_key: SealingKey
    min_respondents: int
    min_pool: int
    groups: Mapping[str, Group]
    pools: Mapping[str, int]
    plain_language: Mapping[str, tuple[str, ...]]

    @property
    def fingerprint(self) -> str:
        """Twelve characters that two colleagues can compare, in fours."""
        return fingerprint(self.digest)

    def key_for(self, team_id: str) -> str:
        """The id of the key under which a group votes.

        Args:
            team_id: the id of the group.

        Raises:
            CharterRefused: the group is not in the tree, has no key, has a key that
                is not listed, or shares it with fewer than ``min_pool`` people.
        """
        group = self.groups.get(team_id)
        if group is None:
            raise CharterRefused("the charter does not list this group")
        if group.ballot_key_id is None or group.ballot_key_id not in self.pools:
            raise CharterRefused("the charter lists no key for this group")
        if self.pools[group.ballot_key_id] < self.min_pool:
            raise CharterRefused(
                f"fewer than {self.min_pool} people would vote under this group's key"
            )
        return group.ballot_key_id


def parse_charter(body: bytes, digest: str, wave_id: str) -> Charter:
    """Reads a charter that came through the ballot-box door.

    Args:
        body: its bytes as served.
        digest: the one that the poll book named.
        wave_id: the wave that was asked for.

    Raises:
        CharterRefused: names the check that failed.
    """
    if base64url.digest(body) != digest:
        raise CharterRefused("the charter is not the one that the poll book named")
    charter = _parse_document(body, digest)
    if charter.wave_id != wave_id:
        raise CharterRefused("the charter is of another wave")
    if charter.sealing_key == TEST_KEY:
        raise CharterRefused("the charter has the published test key")
    if charter.min_pool < MIN_POOL:
        raise CharterRefused(f"the charter allows fewer than {MIN_POOL} to a key")
    return charter


def fingerprint(digest: str) -> str:
    """The first 12 Crockford base32 digits of a digest's bytes, in fours."""
    bits = int.from_bytes(base64url.decode(digest)[:8])
    digits = "".join(_CROCKFORD[bits >> shift & 31] for shift in range(59, 0, -5))
    return "-".join(digits[start : start + 4] for start in (0, 4, 8))


def _parse_document(body: bytes, digest: str) -> Charter:
    members = JsonObject.from_json(body, "the charter", CharterRefused)
    if members.integer("format") != FORMAT:
        raise CharterRefused("the charter is of a format that this device cannot read")
    wave, words = members.nested("wave"), members.nested("plain_language")
    return Charter(
        digest=digest,
        wave_id=wave.text("id"),
        announces_at=wave.instant("announces_at"),
        opens_at=wave.instant("opens_at"),
        closes_at=wave.instant("closes_at"),
        seals_at=wave.instant("seals_at"),
        retires_at=wave.instant("retires_at"),
        keep_seconds=wave.integer("keep_seconds"),
        instrument_digest=members.text("instrument_digest"),
        sealing_key=parse_sealing_key(members.nested("sealing_key")),
        min_respondents=members.integer("min_respondents"),
        min_pool=members.integer("min_pool"),
        groups=_unique_mapping(
            (
                node.text("team_id"),
                Group(
                    node.text("name"),
                    node.text_or_none("ballot_key_id"),
                    node.text_or_none("parent_id"),
                    node.integer("eligible"),
                ),
            )
            for node in members.objects("tree")
        ),
        pools=_unique_mapping(
            (node.text("ballot_key_id"), node.integer("pool"))
            for node in members.objects("tree")
            if node.raw.get("pool") is not None
        ),
        plain_language={
            language: words.list_of_texts(language) for language in words.raw
        },
    )


def _unique_mapping(pairs: Iterable[tuple[str, V]]) -> dict[str, V]:
    """A mapping of pairs; refuses a name that is listed twice."""
    mapping: dict[str, V] = {}
    for name, value in pairs:
        if name in mapping:
            raise CharterRefused(f"the charter lists {name} twice")
        mapping[name] = value
    return mapping
