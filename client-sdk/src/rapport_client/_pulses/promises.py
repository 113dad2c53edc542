"""Plain words of a charter, filled in for one person: their group, and their clock.

The charter is the same for everybody, so its sentences have placeholders for what
depends on the person's group. Times are by the clock of this device.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from rapport_client._pulses.charter import Charter
from rapport_client._status_messages import format_local
from rapport_client._wording import (
    FALLBACK_LANGUAGE,
    bilingual_wording,
    look_up_language,
)

MAX_NAMES = 5
"""Teams that a sentence names; of more, some are named and the others counted."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")

_EN_DAYS = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
]
_ES_DAYS = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
_EN_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ES_MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]


def build_promises(charter: Charter, team_id: str, language: str) -> tuple[str, ...]:
    """The sentences of a charter for a person.

    A line with a placeholder that this device cannot fill is left out: a newer service
    may have others, and no group may be large enough for a score.

    Args:
        charter: of the wave.
        team_id: the id of the person's group.
        language: such as ``en`` or ``es``; English where there is no other.
    """
    language = look_up_language(language, charter.plain_language) or FALLBACK_LANGUAGE
    lines = charter.plain_language.get(language, ())
    values = dict(_list_values(charter, team_id, language))
    return tuple(
        _PLACEHOLDER.sub(lambda match: values[match[1]], line)
        for line in lines
        if values.keys() >= set(_PLACEHOLDER.findall(line))
    )


def describe_time(at: datetime, language: str) -> str:
    """An instant in words, by the clock of this device.

    Args:
        at: the instant.
        language: ``en`` or ``es``; in digits alone in any other.
    """
    local = at.astimezone()
    language = look_up_language(language, ("en", "es")) or ""
    day, month = local.weekday(), local.month - 1
    if language == "en":
        date = f"{_EN_DAYS[day]}, {_EN_MONTHS[month]} {local.day}, {local.year}"
        return f"{date}, {local:%H:%M}"
    if language == "es":
        date = f"{_ES_DAYS[day]} {local.day} de {_ES_MONTHS[month]} de {local.year}"
        return f"{date}, {local:%H:%M}"
    return format_local(at)


def _list_values(
    charter: Charter, team_id: str, language: str
) -> Iterator[tuple[str, str]]:
    key = charter.key_for(team_id)
    yield "seals_at", describe_time(charter.seals_at, language)
    yield "others", str(charter.pools[key] - 1)
    yield "teams", _join_names(_list_teams(charter, team_id, key), language)
    yield "fingerprint", charter.fingerprint
    # The ballot counts for every group from the one that holds the key upwards.
    above = list(_walk_up(charter, team_id))
    first = max(
        at for at, each in enumerate(above) if charter.groups[each].ballot_key_id == key
    )
    for each in above[first:]:
        group = charter.groups[each]
        if group.eligible >= charter.min_respondents:
            yield "group", group.name
            yield "eligible", str(group.eligible)
            return


def _walk_up(charter: Charter, team_id: str) -> Iterator[str]:
    """A group and those above it; each once, whatever the charter says."""
    seen = set()
    at: str | None = team_id
    while at is not None and at in charter.groups and at not in seen:
        seen.add(at)
        yield at
        at = charter.groups[at].parent_id


def _list_teams(charter: Charter, team_id: str, key: str) -> list[str]:
    """Names of the teams with people of their own who vote under a key, own first."""
    below = dict.fromkeys(charter.groups, 0)
    for group in charter.groups.values():
        if group.parent_id in below:
            below[group.parent_id] += group.eligible
    sharing = [
        (each != team_id, group.name)
        for each, group in charter.groups.items()
        if group.ballot_key_id == key and group.eligible > below[each]
    ]
    return [name for _, name in sorted(sharing)]


_AND = bilingual_wording("and", "y")
_MORE = bilingual_wording("{} more teams", "{} equipos más")


def _join_names(names: Sequence[str], language: str) -> str:
    parts = list(names)
    if len(parts) > MAX_NAMES:
        shown = MAX_NAMES - 1
        more = _MORE.in_language(language)
        parts = [*parts[:shown], more.format(len(names) - shown)]
    if len(parts) < 2:
        return "".join(parts)
    *first, last = parts
    word = _AND.in_language(language)
    if word == "y" and re.match(r"h?i(?!e)", last, re.IGNORECASE):
        word = "e"
    return f"{', '.join(first)} {word} {last}"
