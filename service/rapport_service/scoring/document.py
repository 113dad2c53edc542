"""The documents of a release, byte for byte as everybody reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from rapport_service.charter.document import Charter, instant
from rapport_service.disclosure.tiers import Presented
from rapport_service.explanation.reliability import Report
from rapport_service.explanation.reliability import explained as told_of
from rapport_service.explanation.score import Shown, explained, withheld
from rapport_service.measure.series import Window


@dataclass(frozen=True)
class Occasion:
    """What a release is of.

    Attributes:
        wave: the wave's public id.
        window: when it could be answered.
    """

    wave: str
    window: Window


def write(
    occasion: Occasion,
    charter: Charter,
    node: str,
    given: Presented,
    told: Mapping[str, Shown],
    *,
    pilot: bool,
) -> bytes:
    """The score document of one team.

    Args:
        node: the team.
        given: whose figures it gets.
        told: what is shown of each released group.
        pilot: whether nobody has checked the questions over a full cycle yet.
    """
    names = {str(n.team_id): n.name for n in charter.nodes}
    document: dict[str, object] = {
        "status": given.status,
        "team": {"id": node, "name": names[node]},
        **_head(occasion),
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
        document["explanation"] = explained(figures, above, pilot=pilot)
    return _dump(document)


def write_report(occasion: Occasion, report: Report) -> bytes:
    """The organization's reliability report."""
    return _dump({**_head(occasion), **report, "explanation": told_of(report)})


def _head(occasion: Occasion) -> dict[str, object]:
    return {
        "wave": occasion.wave,
        "release": 1,
        "opens_at": instant(occasion.window.opens),
        "closes_at": instant(occasion.window.closes),
    }


def _dump(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
