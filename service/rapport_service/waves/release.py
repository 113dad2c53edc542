"""From a sealed wave's answers to what is released. No database, no clock.

Counts decide what is released; answers decide only the figures inside.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from operator import add
from uuid import UUID

from rapport_service import b64
from rapport_service.charter.document import Charter
from rapport_service.disclosure.presentation import (
    Construct,
    Figure,
    constructs,
    participation_band,
    respondents_band,
)
from rapport_service.disclosure.tiers import MEASURES, Presented, presented, tiers
from rapport_service.disclosure.tree import Node, Tree
from rapport_service.instrument.answers import Answers
from rapport_service.instrument.bank import Instrument
from rapport_service.instrument.key import keyed_row
from rapport_service.measure.block import Block, Layout
from rapport_service.measure.scores import (
    Score,
    favourable,
    hundred,
    offsets,
    ratio,
    reportable,
)

CONSTRUCTS: tuple[Construct, ...] = ("trust", "communication", "overall")
MINIMUM_PER_ITEM = 30


@dataclass(frozen=True)
class TeamRelease:
    """What a release says of one team.

    Attributes:
        document: the score document, as presented to every role.
        figures: per construct n, theta, SE and favourable, for later waves; None where
            the team itself is not released.
    """

    document: bytes
    figures: str | None


@dataclass(frozen=True)
class WaveRelease:
    """A whole release: one document a team, and the offsets that every score used."""

    teams: Mapping[UUID, TeamRelease]
    figures: str


def layout(instrument: Instrument) -> Layout:
    """The instrument as the statistics see it."""
    bank = instrument.items
    groups = {
        "trust": tuple(item.id for item in bank if item.construct == "trust"),
        "communication": tuple(
            item.id for item in bank if item.construct == "communication"
        ),
        "overall": tuple(item.id for item in bank),
        "any": (instrument.anchor.id, *(item.id for item in bank)),
    }
    return Layout(groups["any"], instrument.scale, groups, instrument.contexts)


def blocks(
    instrument: Instrument, answers: Iterable[tuple[UUID, Answers]]
) -> dict[UUID, Block]:
    """The additive statistics of each key-holding node's own ballots."""
    shape = layout(instrument)
    by_node: dict[UUID, list[Answers]] = defaultdict(list)
    for node, given in answers:
        by_node[node].append(given)
    return {
        node: Block.from_rows(
            shape,
            shape.encode(keyed_row(instrument, one) for one in given),
            [one.context for one in given],
        )
        for node, given in by_node.items()
    }


def release(
    wave: str, charter: Charter, instrument: Instrument, own: Mapping[UUID, Block]
) -> WaveRelease:
    """Plans, computes and presents release 1 of a wave.

    Args:
        wave: the wave's public id.
        charter: the tree, N per node and k, as promised.
        own: the statistics of each node's own ballots.
    """
    tree = Tree(
        Node(str(n.team_id), str(n.parent_id) if n.parent_id else None, n.external_id)
        for n in charter.nodes
    )
    shape = layout(instrument)
    nobody = Block.from_rows(shape, shape.encode([]), [])
    total = {
        node: reduce(
            add, (own[UUID(n)] for n in tree.subtree(node) if UUID(n) in own), nobody
        )
        for node in tree
    }
    counts = {
        measure: {str(n): block.respondents_of(measure) for n, block in own.items()}
        for measure in MEASURES
    }
    unreportable = [
        node
        for node, block in total.items()
        if not reportable(block, "trust", "communication")
    ]
    shown = tiers(tree, counts, charter.k, unreportable)
    shift = _offsets(total[tree.root], released=tree.root in shown.coarse)
    scores = {
        node: {name: ratio(total[node], name, shift[name]) for name in CONSTRUCTS}
        for node in shown.coarse
    }
    documents = {}
    for node, given in presented(tree, shown).items():
        figures = None
        document = _head(charter, node, given, wave)
        if given.source is not None:
            source = UUID(given.source)
            block = total[given.source]
            respondents = block.respondents_of("any")
            tier = shown.tier_of(given.source)
            document |= {
                "tier": tier,
                "respondents": respondents_band(respondents),
                "participation": participation_band(
                    respondents, charter.eligible[source]
                ),
                "constructs": constructs(
                    tier, _shown_figures(block, scores[given.source])
                ),
            }
        if given.status == "released":
            figures = _stored_figures(total[node], scores[node])
        documents[UUID(node)] = TeamRelease(_dump(document), figures)
    return WaveRelease(documents, json.dumps({"offsets": shift}))


def commitment(hashes: Iterable[bytes]) -> str:
    """Commits to the counted ballots: SHA-256 over their hashes in ascending order."""
    return b64.encode(hashlib.sha256(b"".join(sorted(hashes))).digest())


def _offsets(root: Block, *, released: bool) -> dict[Construct, dict[str, float]]:
    """Each construct's item offsets, from the released root alone, computed once.

    All are 0 where any item of the bank has fewer than 30 answers at the root.
    """
    rarest = root.pairs.diagonal()[root.layout.columns("overall")].min()
    if released and rarest >= MINIMUM_PER_ITEM:
        return {name: offsets(root, name) for name in CONSTRUCTS}
    return {name: dict.fromkeys(root.layout.groups[name], 0.0) for name in CONSTRUCTS}


def _head(
    charter: Charter, node: str, given: Presented, wave: str
) -> dict[str, object]:
    names = {str(n.team_id): n.name for n in charter.nodes}
    head: dict[str, object] = {
        "status": given.status,
        "team": {"id": node, "name": names[node]},
        "wave": wave,
        "release": 1,
    }
    if given.status == "rolled_up" and given.source is not None:
        head["from"] = {"id": given.source, "name": names[given.source]}
    return head


def _shown_figures(
    block: Block, scores: Mapping[Construct, Score]
) -> dict[Construct, Figure]:
    return {
        name: Figure(
            hundred(score.theta, block.layout.categories), favourable(block, name)
        )
        for name, score in scores.items()
        if score.theta is not None
    }


def _stored_figures(block: Block, scores: Mapping[Construct, Score]) -> str:
    return json.dumps(
        {
            name: asdict(score) | {"favourable": favourable(block, name)}
            for name, score in scores.items()
        }
    )


def _dump(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
