"""The documents of a release, byte for byte as everybody reads them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from rapport_service.charter.document import CharterTerms, format_utc
from rapport_service.disclosure.tiers import PresentedGroup
from rapport_service.narrative.reliability import ReliabilityReport
from rapport_service.narrative.reliability import explain as told_of
from rapport_service.narrative.score import ScoreContent, explain, explain_withheld
from rapport_service.stats.series import Window


@dataclass(frozen=True)
class ReleaseContext:
    """What a release is of.

    Attributes:
        wave: the wave's public id.
        window: when it could be answered.
    """

    wave: str
    window: Window


def write_score_document(
    context: ReleaseContext,
    charter: CharterTerms,
    node: str,
    presented: PresentedGroup,
    contents: Mapping[str, ScoreContent],
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
        "status": presented.status,
        "team": {"id": node, "name": names[node]},
        **_release_header(context),
    }
    if presented.source is None:
        document["explanation"] = explain_withheld()
    else:
        above = None
        if presented.source != node:
            above = names[presented.source]
            document["from"] = {"id": presented.source, "name": above}
        figures = contents[presented.source]
        document |= figures
        document["explanation"] = explain(figures, above, pilot=pilot)
    return _dump(document)


def write_reliability_report(
    context: ReleaseContext, report: ReliabilityReport
) -> bytes:
    """The organization's reliability report."""
    return _dump({**_release_header(context), **report, "explanation": told_of(report)})


def _release_header(occasion: ReleaseContext) -> dict[str, object]:
    return {
        "wave": occasion.wave,
        "release": 1,
        "opens_at": format_utc(occasion.window.opens_at),
        "closes_at": format_utc(occasion.window.closes_at),
    }


def _dump(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
