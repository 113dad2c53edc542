"""The sentences about reliability. Codes are a closed list; add, never rename."""

from rapport_service.narrative.sentence import SentenceTemplate

POOLED = SentenceTemplate(
    "pooled",
    "The questions were checked over this many waves: {waves}.",
    "Las preguntas se comprobaron sobre este número de rondas: {waves}.",
)
HOLDS = SentenceTemplate(
    "holds",
    "Each of these has questions that hang together and measure one thing: {names}.",
    "Cada uno de estos temas tiene preguntas que encajan entre sí y miden una sola"
    " cosa: {names}.",
)
DOUBTFUL = SentenceTemplate(
    "doubtful",
    "The questions do not hang together well enough, so read the scores with care:"
    " {names}.",
    "Las preguntas no encajan lo suficiente entre sí; lea las puntuaciones con cautela:"
    " {names}.",
)
TOO_FEW_ANSWERS = SentenceTemplate(
    "too_few_answers",
    "Not checked yet, because some pairs of questions were answered by fewer than 50"
    " people: {names}.",
    "Sin comprobar todavía, porque algunos pares de preguntas los respondieron menos de"
    " 50 personas: {names}.",
)
WEAK = SentenceTemplate(
    "weak_questions",
    "These questions fit the others poorly: {items}.",
    "Estas preguntas encajan mal con las demás: {items}.",
)
TOO_FEW_TEAMS = SentenceTemplate(
    "too_few_teams",
    "Too few teams have a fine score to say how far teams differ.",
    "Muy pocos equipos tienen una puntuación fina para decir cuánto difieren los"
    " equipos.",
)
BETWEEN = SentenceTemplate(
    "between_teams",
    "Of all that people differ in overall, about {percent} percent lies between teams.",
    "De todo lo que difieren las personas en el conjunto, cerca del {percent} por"
    " ciento está entre los equipos.",
)
TEN_PEOPLE = SentenceTemplate(
    "team_of_ten",
    "Of the differences between the scores of teams of ten, about {percent} percent are"
    " real; the rest is chance.",
    "De las diferencias entre las puntuaciones de equipos de diez personas, cerca del"
    " {percent} por ciento son reales; el resto es azar.",
)
FEW_TEAMS = SentenceTemplate(
    "few_teams",
    "Fewer than eight teams could be compared, so these figures are rough.",
    "Se pudieron comparar menos de ocho equipos, así que estas cifras son aproximadas.",
)
AGREE = SentenceTemplate(
    "teams_agree",
    "Teams whose members answer much alike when asked how often the team pulled"
    " together: {clear} of {teams}.",
    "Equipos cuyos miembros responden de forma muy parecida a la pregunta de con qué"
    " frecuencia el equipo trabajó unido: {clear} de {teams}.",
)
CHECKED = SentenceTemplate(
    "checked",
    "The first full cycle has been checked; the scores are no longer a pilot.",
    "Se ha comprobado el primer ciclo completo; las puntuaciones ya no son un piloto.",
)
