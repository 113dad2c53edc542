"""Tables of reports as people read them: a row for each team, wave or construct.

Their cells are the members of the documents, in fewer columns than in CSV, and in the
language of the sentences below them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from rapport_service.narrative.sentence import Phrase
from rapport_service.tables.table import CellReader, Column, Row, Table

Document = Mapping[str, Any]
Language = Literal["en", "es"]

WAVE = Phrase("Wave", "Ronda")
DAYS = Phrase("open from {} to {}", "abierta del {} al {}")
TEAM = Phrase("team", "equipo")
OPENED = Phrase("opened", "apertura")
ABOUT = Phrase("about", "sobre")
VERDICT = Phrase("verdict", "resultado")
SCORE_OF = Phrase("score of", "cifras de")
ANSWERED = Phrase("answered", "respondieron")
SHARE = Phrase("share", "parte")
OWN = Phrase("the team", "el equipo")
CONSTRUCTS = {
    "trust": Phrase("trust", "confianza"),
    "communication": Phrase("communication", "comunicación"),
    "overall": Phrase("overall", "conjunto"),
}
ESTIMATES = {
    "accel": Phrase("gain", "mejora"),
    "sustain": Phrase("gain after", "mejora después"),
    "fade": Phrase("since the end", "desde el fin"),
}
KEPT = Phrase("kept", "queda")
STATUSES = {
    "withheld": Phrase("withheld", "no se muestra"),
    "pending": Phrase("pending", "pendiente"),
    "not_analysed": Phrase("not analysed", "sin análisis"),
}
VERDICTS = {
    "sustained": Phrase("sustained", "sostenida"),
    "faded": Phrase("faded", "perdida"),
    "accelerated": Phrase("accelerated", "acelerada"),
    "no_acceleration": Phrase("no acceleration", "sin aceleración"),
    "too_early_to_tell": Phrase("too early to tell", "es pronto"),
}
BOUNDS = {None: "", "at_most": "<= ", "at_least": ">= "}
ARROWS = {"up": " ↑", "down": " ↓"}
LEGEND = Phrase(
    "Before the stroke is the level by all waves, after it the score of the wave, with"
    " the favourable share in brackets. The arrows ↑ and ↓ mean a clear change.",
    "Antes de la barra está el nivel según todas las rondas; después, la puntuación de"
    " la ronda, con la parte favorable entre paréntesis. Las flechas ↑ y ↓ indican un"
    " cambio claro.",
)


def scores_table(language: Language) -> Table:
    """The table of scores and heat maps: a row for each team."""
    team = Column(choose(TEAM, language), "team.name")
    return Table(_team_rows, (team, *_figure_columns(language)))


def trend_table(language: Language) -> Table:
    """The table of a trend: a row for each wave, by the day on which it opened."""
    opened = Column(choose(OPENED, language), lambda row: row["shown"]["opens_at"][:10])
    return Table(_wave_rows, (opened, *_figure_columns(language)))


def sustainment_table(language: Language) -> Table:
    """The table of a sustainment document: a row for each construct and question."""
    return Table(
        _effect_rows,
        (
            Column(choose(ABOUT, language), lambda row: _about(row, language)),
            Column(choose(VERDICT, language), lambda row: _verdict(row, language)),
            *(
                Column(choose(name, language), _estimate_cell(member, "points"))
                for member, name in ESTIMATES.items()
            ),
            Column(choose(KEPT, language), _estimate_cell("retention", "percent")),
        ),
    )


def wave_title(document: Document, language: Language) -> str:
    """The wave of a document, with its days if it is sealed."""
    wave = f"{choose(WAVE, language)} {document['wave_id']}"
    if "opens_at" not in document:
        return wave
    opens, closes = document["opens_at"][:10], document["closes_at"][:10]
    return f"{wave}, {choose(DAYS, language).format(opens, closes)}"


def legend(documents: Iterable[Document], language: Language) -> list[str]:
    """The meaning of the cells of scores, if some document shows a level."""
    shows_level = any(
        figure.get("level")
        for document in documents
        for shown in document.get("rows", document.get("waves", [document]))
        for figure in (shown.get("constructs") or {}).values()
    )
    return [choose(LEGEND, language)] if shows_level else []


def choose(phrase: Phrase, language: Language) -> str:
    """The phrase in a language."""
    return phrase.es if language == "es" else phrase.en


def _team_rows(document: Document) -> Iterator[Row]:
    """The team of a score, or the teams of a heat map below the first."""
    for number, shown in enumerate(document.get("rows", [document])):
        depth = document.get("depth", min(number, 1))
        yield {"team": shown["team"], "shown": shown, "depth": depth}


def _wave_rows(document: Document) -> Iterator[Row]:
    for wave in document["waves"]:
        yield {"shown": wave}


def _effect_rows(document: Document) -> Iterator[Row]:
    if not document.get("constructs"):
        yield {"status": document["status"], "effect": {}}
        return
    for part in ("constructs", "ingredients", "strategies"):
        for about, effect in (document[part] or {}).items():
            yield {"about": about, "effect": effect}


def _figure_columns(language: Language) -> tuple[Column, ...]:
    return (
        Column(choose(SCORE_OF, language), lambda row: _source(row, language)),
        *(
            Column(choose(name, language), _score_cell(construct))
            for construct, name in CONSTRUCTS.items()
        ),
        Column(choose(ANSWERED, language), "shown.respondents"),
        Column(choose(SHARE, language), _share_cell),
    )


def _source(row: Row, language: Language) -> str:
    """The group that the figures are of, or why there are none."""
    status = row["shown"]["status"]
    if status in STATUSES:
        return choose(STATUSES[status], language)
    source = row["shown"].get("source_team")
    return source["name"] if source else choose(OWN, language)


def _score_cell(construct: str) -> CellReader:
    def read(row: Row) -> str:
        figures = row["shown"].get("constructs")
        if not figures:
            return ""
        figure = figures[construct]
        favourable = figure.get("favourable")
        share = "" if favourable is None else f" ({favourable}%)"
        return f"{_level_part(figure)}{BOUNDS[figure['bound']]}{figure['score']}{share}"

    return read


def _level_part(figure: Document) -> str:
    """The level with an arrow where some change is clear, if there is a level."""
    level = figure.get("level")
    if level is None:
        return ""
    arrows = [
        ARROWS.get(change["direction"], "")
        for change in (figure.get("change"), figure.get("two_wave_change"))
        if change
    ]
    return f"{level['score']}{next(filter(None, arrows), '')} / "


def _share_cell(row: Row) -> str:
    participation = row["shown"].get("participation")
    return "" if participation is None else f"{participation}%"


def _about(row: Row, language: Language) -> str:
    about = row.get("about", "")
    return choose(CONSTRUCTS[about], language) if about in CONSTRUCTS else about


def _verdict(row: Row, language: Language) -> str:
    if "status" in row:
        return choose(STATUSES[row["status"]], language)
    return choose(VERDICTS[row["effect"]["verdict"]], language)


def _estimate_cell(member: str, unit: str) -> CellReader:
    """Reads an estimate, with its interval if it has one."""
    sign, end = ("+", "") if unit == "points" else ("", "%")

    def read(row: Row) -> str:
        estimate = row["effect"].get(member)
        if estimate is None:
            return ""
        if not isinstance(estimate, Mapping):
            return f"{estimate:{sign}}{end}"
        text = f"{estimate[unit]:{sign}}{end}"
        ends = estimate["interval"]
        return text if ends is None else f"{text} ({ends['low']}..{ends['high']})"

    return read
