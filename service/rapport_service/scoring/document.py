"""The score document of one team, byte for byte as every role reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from rapport_service.charter.document import Charter, instant
from rapport_service.disclosure.tiers import Presented
from rapport_service.explanation.score import Shown, explained, withheld
from rapport_service.measure.series import Window


@dataclass(frozen=True)
class Occasion:
    """What a release is of.

    Attributes:
        wave: the wave's public id.
        window: when it could be answered.
        pilot: whether nobody has checked the questions over a full cycle yet.
    """

    wave: str
    window: Window
    pilot: bool


def write(
    occasion: Occasion,
    charter: Charter,
    node: str,
    given: Presented,
    told: Mapping[str, Shown],
) -> bytes:
    """The document of one team.

    Args:
        node: the team.
        given: whose figures it gets.
        told: what is shown of each released group.
    """
    names = {str(n.team_id): n.name for n in charter.nodes}
    document: dict[str, object] = {
        "status": given.status,
        "team": {"id": node, "name": names[node]},
        "wave": occasion.wave,
        "release": 1,
        "opens_at": instant(occasion.window.opens),
        "closes_at": instant(occasion.window.closes),
    }
    if given.source is None:
        document["explanation"] = withheld()
    else:
        above = None
        if given.source != node:
            above = names[given.source]
            document["from"] = {"id": given.source, "name": above}
        figures = told[given.source]
        document |= figures
        document["explanation"] = explained(figures, above, pilot=occasion.pilot)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
