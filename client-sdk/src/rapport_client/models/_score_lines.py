"""Scores as one line for people, in English and Spanish."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rapport_client._wording import Wording, bilingual_wording

if TYPE_CHECKING:
    from rapport_client.models.scores import (
        ConstructScore,
        Figures,
        GroupHidden,
        Pending,
        RolledUp,
        Withheld,
    )

_FIGURES = bilingual_wording(
    "trust {trust}, communication {communication}, overall {overall};"
    " {respondents} people answered, {participation} %",
    "confianza {trust}, comunicación {communication}, en conjunto {overall};"
    " respondieron {respondents} personas, {participation} %",
)
_ROLLED_UP = bilingual_wording(
    "{team}: no score of its own; these are the figures of {source}: {figures}",
    "{team}: sin resultado propio; estas son las cifras de {source}: {figures}",
)
_GROUP_HIDDEN = bilingual_wording(
    "{team}: no score of its own; you cannot see the group in which it was counted",
    "{team}: sin resultado propio; usted no puede ver el grupo en el que se contó",
)
_WITHHELD = bilingual_wording(
    "{team}: no score in this wave",
    "{team}: sin resultado en esta consulta",
)
_PENDING = bilingual_wording(
    "{team}: no score yet; it comes after {seals_at}",
    "{team}: aún no hay resultado; llega después del {seals_at}",
)
_DELAYED = bilingual_wording(
    "{team}: no score yet; it was due at {seals_at} and is late ({delay})",
    "{team}: aún no hay resultado; debía llegar el {seals_at} y se retrasa ({delay})",
)
_NOT_MEASURED = bilingual_wording(
    "{team}: not asked yet", "{team}: todavía no se le ha preguntado"
)
_INTERVAL = bilingual_wording("{score} ({low} to {high})", "{score} ({low} a {high})")
_LEVEL = bilingual_wording(
    "{level} ({low} to {high}; this wave {score}{change})",
    "{level} ({low} a {high}; esta consulta {score}{change})",
)
_CHANGES = {
    "up": bilingual_wording(", up", ", sube"),
    "down": bilingual_wording(", down", ", baja"),
}
_BOUNDS: Mapping[str | None, Wording] = {
    None: bilingual_wording("", ""),
    "at_most": bilingual_wording("at most ", "como máximo "),
    "at_least": bilingual_wording("at least ", "como mínimo "),
}


def format_released(score: "Figures", language: str = "en") -> str:
    """The line of a team's own figures, its levels first where it has some.

    Such as ``North: trust 68 (63 to 73; this wave 75, up), ...``.
    """
    return f"{score.team.name}: {_figures(score, language)}"


def format_rolled_up(score: "RolledUp", language: str = "en") -> str:
    """The line of a team that has the figures of the team above it."""
    return _ROLLED_UP.in_language(language).format(
        team=score.team.name,
        source=score.source_team.name,
        figures=_figures(score, language),
    )


def format_group_hidden(score: "GroupHidden", language: str = "en") -> str:
    """The line of a team that was rolled up to a group that is not shown."""
    return _GROUP_HIDDEN.in_language(language).format(team=score.team.name)


def format_withheld(score: "Withheld", language: str = "en") -> str:
    """The line of a team without figures."""
    return _WITHHELD.in_language(language).format(team=score.team.name)


def format_pending(score: "Pending", language: str = "en") -> str:
    """The line of a team whose figures are still to come."""
    text = _PENDING if score.delay is None else _DELAYED
    return text.in_language(language).format(
        team=score.team.name,
        seals_at=f"{score.seals_at:%Y-%m-%d %H:%M} UTC",
        delay=score.delay,
    )


def format_not_measured(team: str, language: str = "en") -> str:
    """The line of a team that no wave has asked yet."""
    return _NOT_MEASURED.in_language(language).format(team=team)


def _figures(score: "Figures", language: str) -> str:
    return _FIGURES.in_language(language).format(
        trust=_construct(score.constructs.trust, language),
        communication=_construct(score.constructs.communication, language),
        overall=_construct(score.constructs.overall, language),
        respondents=score.respondents,
        participation=score.participation,
    )


def _construct(figure: "ConstructScore", language: str) -> str:
    prefix = _BOUNDS[figure.bound].in_language(language)
    if figure.level is None:
        return prefix + _INTERVAL.in_language(language).format(
            score=figure.score, low=figure.interval.low, high=figure.interval.high
        )
    ends = figure.level.interval
    return _LEVEL.in_language(language).format(
        level=figure.level.score,
        low=ends.low,
        high=ends.high,
        score=f"{prefix}{figure.score}",
        change=_change(figure, language),
    )


def _change(figure: "ConstructScore", language: str) -> str:
    """The clear change of this wave, or else of the last two; nothing if none is."""
    for change in (figure.change, figure.two_wave_change):
        if change is not None and change.direction in _CHANGES:
            return _CHANGES[change.direction].in_language(language)
    return ""
