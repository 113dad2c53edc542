"""What a series of waves and a row of teams say, sentence by sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport_service.disclosure.rounding import CONSTRUCTS, Construct
from rapport_service.narrative import comparison_sentences as say
from rapport_service.narrative.score import sentences_by_value
from rapport_service.narrative.score_sentences import TREND
from rapport_service.narrative.sentence import Phrase, Sentence, join_phrases

TrendDirections = Mapping[Construct, Mapping[str, Any] | None]
"""Per construct the direction in the newest wave; None where there is none to tell."""


def explain_trend(statuses: Sequence[str], headings: TrendDirections) -> list[Sentence]:
    """What is said of a team's waves.

    Args:
        statuses: what each wave shows, oldest first.
    """
    if not statuses:
        return [say.NO_WAVES()]
    told = [say.OWN_SCORES()]
    if gaps := sum(status != "released" for status in statuses):
        told.append(say.GAPS(gaps=gaps, waves=len(statuses)))
    known = {name: headings[name] or {} for name in CONSTRUCTS}
    if any(known.values()):
        told += sentences_by_value(known, "direction", TREND)
    else:
        told.append(say.NO_TREND_DIRECTION())
    return told


def explain_heatmap(rows: Sequence[tuple[str, str]]) -> list[Sentence]:
    """What is said of teams side by side.

    Args:
        rows: each team's name and what is shown of it.
    """
    told = [say.NO_RANKING()]
    for status, sentence in say.NO_OWN_SCORES.items():
        names = [Phrase(name, name) for name, shown in rows if shown == status]
        if names:
            told.append(sentence(names=join_phrases(names)))
    return told
