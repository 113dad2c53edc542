"""Reports as people read them at a terminal: a title, a table and sentences."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rapport_service.cli.output import Section
from rapport_service.narrative.comparison import explain_heatmap
from rapport_service.narrative.score import explain_pending
from rapport_service.tables.readable_columns import (
    Language,
    legend,
    scores_table,
    sustainment_table,
    trend_table,
    wave_title,
)

Document = Mapping[str, Any]


def score_sections(
    shown: Sequence[tuple[Document, int]], language: Language
) -> list[Section]:
    """Scores with the depth of their teams: a section for each of their waves."""
    by_wave: dict[str, list[tuple[Document, int]]] = {}
    for document, depth in shown:
        by_wave.setdefault(document["wave_id"], []).append((document, depth))
    return [_scores_of_wave(group, language) for group in by_wave.values()]


def heatmap_section(document: Document, language: Language) -> Section:
    """A heat map."""
    return Section(
        scores_table(language),
        [document],
        wave_title(document, language),
        [*legend([document], language), *_explain_score(document, language)],
    )


def trend_section(document: Document, language: Language) -> Section:
    """A trend."""
    return Section(
        trend_table(language),
        [document],
        document["team"]["name"],
        [*legend([document], language), *_sentences(document["explanation"], language)],
    )


def sustainment_section(document: Document, language: Language) -> Section:
    """A team around its markers, which the title names with their dates."""
    events = [
        f"{marker['label']} ({marker['effective_on']})"
        for marker in document.get("markers", ())
    ]
    return Section(
        sustainment_table(language),
        [document],
        ": ".join(filter(None, [document["team"]["name"], ", ".join(events)])),
        _sentences(document["explanation"], language),
    )


def _scores_of_wave(
    group: Sequence[tuple[Document, int]], language: Language
) -> Section:
    """A single score has sentences of its own; of several, they say who has none."""
    first, _ = group[0]
    names = [(document["team"]["name"], document["status"]) for document, _ in group]
    sentences = (
        _explain_score(first, language)
        if len(group) == 1
        else _sentences(explain_heatmap(names), language)
    )
    return Section(
        scores_table(language),
        [{**document, "depth": depth} for document, depth in group],
        wave_title(first, language),
        [*legend([document for document, _ in group], language), *sentences],
    )


def _explain_score(document: Document, language: Language) -> list[str]:
    """The sentences of a score or a heat map; a pending one has none of its own."""
    if document["status"] != "pending":
        return _sentences(document["explanation"], language)
    seals_at = datetime.fromisoformat(document["seals_at"])
    return _sentences(explain_pending(seals_at, document["delay"]), language)


def _sentences(
    explanation: Sequence[Mapping[str, Any]], language: Language
) -> list[str]:
    return [sentence[language] for sentence in explanation]
