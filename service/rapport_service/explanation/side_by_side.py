"""What a series of waves and a row of teams say, sentence by sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapport_service.disclosure.presentation import CONSTRUCTS, Construct
from rapport_service.explanation import side_by_side_sentences as say
from rapport_service.explanation.score import by_word
from rapport_service.explanation.sentence import Told, Words, listed
from rapport_service.explanation.sentences import TREND

Headings = Mapping[Construct, Mapping[str, Any] | None]
"""Per construct the direction in the newest wave; None where there is none to tell."""


def trend_explained(statuses: Sequence[str], headings: Headings) -> list[Told]:
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
        told += by_word(known, "direction", TREND)
    else:
        told.append(say.NO_HEADING())
    return told


def heatmap_explained(rows: Sequence[tuple[str, str]]) -> list[Told]:
    """What is said of teams side by side.

    Args:
        rows: each team's name and what is shown of it.
    """
    told = [say.NO_RANKING()]
    for status, sentence in say.INSTEAD.items():
        names = [Words(name, name) for name, shown in rows if shown == status]
        if names:
            told.append(sentence(names=listed(names)))
    return told
