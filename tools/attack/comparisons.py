"""Comparisons of documents: between roles, forms and reports of the same figures."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.attack.findings import Finding, Kind
from tools.attack.readers import CSV, JSON, Library, Reply
from tools.attack.reports import READING


def compare_roles(libraries: Sequence[Library]) -> Iterator[Finding]:
    """Look for a document that depends on its reader, or a report that adds figures."""
    seen: dict[tuple[str, str], tuple[str, bytes]] = {}
    for library in libraries:
        for (path, accept), reply in library.replies.items():
            if "/score" not in path or "wave_id" not in path or reply.status != 200:
                continue
            if is_cut(reply, accept):
                continue
            role, body = seen.setdefault((path, accept), (library.role, reply.body))
            if body != reply.body:
                yield Finding(
                    "documents of other roles",
                    Kind.ROLE_ADVANTAGE,
                    READING,
                    f"a score looks different as {role} and as {library.role}",
                )
        yield from _compare_tables(library)
        yield from _compare_reports(library)


def is_cut(reply: Reply, accept: str) -> bool:
    """Return whether a roll-up stops before the figures, which others may read."""
    if accept != JSON:
        return b",rolled_up," in reply.body
    document = reply.document()
    return document["status"] == "rolled_up" and not document.get("constructs")


def _compare_tables(library: Library) -> Iterator[Finding]:
    for (path, accept), reply in library.replies.items():
        if accept != CSV or reply.status != 200:
            continue
        whole = library.replies[path, JSON].body.decode()
        known = set(re.findall(r"\d+", whole))
        for row in csv.DictReader(io.StringIO(reply.body.decode(), newline="")):
            numbers = set(re.findall(r"\d+", " ".join(filter(None, row.values()))))
            if not numbers <= known:
                report = path.partition("?")[0].rpartition("/")[2]
                yield Finding(
                    "tables",
                    Kind.ROLE_ADVANTAGE,
                    READING,
                    f"the table of {report} has numbers that its document has not",
                )


def _compare_reports(library: Library) -> Iterator[Finding]:
    """Trends and heat maps must repeat the scores of their waves."""
    scores = {
        (document["team"]["id"], document["wave_id"]): document
        for _, document in library.documents("/score")
    }
    yield from _compare_findings(library, scores)
    for path, document in library.documents("/trend"):
        team = document["team"]["id"]
        for point in document["waves"]:
            score = scores.get((team, point["wave_id"]))
            if score is not None and _adds(point, score, own=True):
                yield _added(path)
    for path, document in library.documents("/heatmap"):
        for row in document.get("rows", ()):
            score = scores.get((row["team"]["id"], document["wave_id"]))
            if score is not None and _adds(row, score, own=False):
                yield _added(path)


def _compare_findings(
    library: Library, scores: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterator[Finding]:
    """Findings on markers must rest on fine scores, and on contexts that are shown."""
    for path, document in library.documents("/sustainment"):
        source = document.get("source_team") or document.get("team", {})
        used: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for wave in document.get("waves", ()):
            score = scores.get((source["id"], wave["wave_id"]))
            if wave["included"] and score is not None:
                used[wave["phase"]].append(score)
        if any(score.get("tier") != "fine" for own in used.values() for score in own):
            yield _added(path.partition("?")[0])
        for phase, own in used.items():
            share = document["phases"][phase]["crisis_percent"]
            shown = [score.get("crisis_percent") for score in own]
            if share is not None and not any(each is not None for each in shown):
                yield _added(path.partition("?")[0])


def _adds(row: Mapping[str, Any], score: Mapping[str, Any], *, own: bool) -> bool:
    for name in ("tier", "respondents", "participation", "constructs"):
        value = row.get(name)
        if value is None:
            continue
        if own and score["status"] != "released":
            return True
        if name != "constructs":
            if value != score.get(name):
                return True
            continue
        for construct, figure in value.items():
            known = (score.get("constructs") or {}).get(construct, {})
            if any(known.get(key) != own_value for key, own_value in figure.items()):
                return True
    return False


def _added(path: str) -> Finding:
    report = path.rpartition("/")[2]
    return Finding(
        "reports that add figures",
        Kind.ROLE_ADVANTAGE,
        READING,
        f"a {report} has figures that the scores of its waves have not",
    )
