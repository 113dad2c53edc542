"""Accelerated? Sustained? The sentences; their codes are a closed list, for good."""

from rapport_service.narrative.sentence import SentenceTemplate

SUSTAINED = SentenceTemplate(
    "sustained",
    "{span}, trust and communication rose by about {points} points. In the {waves}"
    " waves after it ended, {kept} was still there: it was sustained.",
    "{span}, la confianza y la comunicación subieron unos {points} puntos. En las"
    " {waves} rondas posteriores a su fin, {kept} seguía ahí: se ha sostenido.",
)
FADED = SentenceTemplate(
    "faded",
    "{span}, trust and communication rose by about {points} points. In the {waves}"
    " waves after it ended, that was lost again: it was not sustained.",
    "{span}, la confianza y la comunicación subieron unos {points} puntos. En las"
    " {waves} rondas posteriores a su fin, eso se había perdido: no se ha sostenido.",
)
ACCELERATED = SentenceTemplate(
    "accelerated",
    "{span}, trust and communication rose by about {points} points. In the {waves}"
    " waves after it ended, that was neither clearly kept nor clearly lost: whether it"
    " was sustained cannot be said.",
    "{span}, la confianza y la comunicación subieron unos {points} puntos. En las"
    " {waves} rondas posteriores a su fin, eso ni se había mantenido ni se había"
    " perdido con claridad: no se puede decir si se ha sostenido.",
)
NOT_OVER = SentenceTemplate(
    "accelerated_not_over",
    "{span}, trust and communication have risen by about {points} points. The crisis is"
    " not over, so nobody can say yet whether that will be sustained.",
    "{span}, la confianza y la comunicación han subido unos {points} puntos. La crisis"
    " no ha terminado, así que nadie puede decir aún si eso se sostendrá.",
)
JUST_OVER = SentenceTemplate(
    "accelerated_just_over",
    "{span}, trust and communication rose by about {points} points. It takes"
    " {more} to say whether that is sustained.",
    "{span}, la confianza y la comunicación subieron unos {points} puntos. Para decir"
    " si eso se sostiene {more}.",
)
WITHOUT_END = SentenceTemplate(
    "accelerated_without_end",
    "{span}, trust and communication have risen by about {points} points. A change like"
    " this has no end, so there is no time after it to compare with.",
    "{span}, la confianza y la comunicación han subido unos {points} puntos. Un cambio"
    " así no tiene fin, así que no hay un después con que comparar.",
)
NO_ACCELERATION = SentenceTemplate(
    "no_acceleration",
    "Trust and communication show no clear rise {span}: there was no gain that could be"
    " sustained.",
    "La confianza y la comunicación no muestran una subida clara {span}: no hubo mejora"
    " que pudiera sostenerse.",
)
TOO_EARLY = SentenceTemplate(
    "too_early",
    "It is too early to tell what became of trust and communication {span}: it takes"
    " {more}.",
    "Es pronto para saber qué fue de la confianza y la comunicación {span}: {more}.",
)
TOO_EARLY_NOT_OVER = SentenceTemplate(
    "too_early_not_over",
    "It is too early to tell what became of trust and communication {span}: it takes"
    " {more}, two of them after the crisis is over.",
    "Es pronto para saber qué fue de la confianza y la comunicación {span}: {more}, dos"
    " de ellas cuando la crisis haya terminado.",
)
TOO_EARLY_CHANCE = SentenceTemplate(
    "too_early_chance",
    "Trust and communication look higher {span}, but it is too early to tell that from"
    " chance: it takes more waves.",
    "La confianza y la comunicación parecen más altas {span}, pero es pronto para"
    " distinguirlo del azar: hacen falta más rondas.",
)
NEVER_TO_TELL = SentenceTemplate(
    "never_to_tell",
    "What became of trust and communication {span} cannot be told, now or later: fewer"
    " than two waves could be counted before it, or while it lasted.",
    "No se puede saber, ni ahora ni más adelante, qué fue de la confianza y la"
    " comunicación {span}: se pudieron contar menos de dos rondas antes, o mientras"
    " duraba.",
)

CONSTRUCTS_DIFFER = SentenceTemplate(
    "constructs_differ",
    "Trust and communication did not go the same way: look at each of them.",
    "La confianza y la comunicación no fueron por el mismo camino: mire cada una.",
)
EXPLORATORY = SentenceTemplate(
    "exploratory",
    "A date was declared after results that it would explain were known: take this as a"
    " question for next time, not as an answer.",
    "Una fecha se declaró cuando ya se conocían resultados que explicaría: tome esto"
    " como una pregunta para la próxima vez, no como una respuesta.",
)
NOT_FELT = SentenceTemplate(
    "not_felt",
    "People did not call their weeks a crisis more often during it than before: the"
    " dates may not be those of what they lived through.",
    "La gente no llamó crisis a sus semanas más a menudo durante ella que antes: puede"
    " que las fechas no sean las de lo que vivió.",
)
TURNOVER = SentenceTemplate(
    "turnover",
    "From wave to wave the number of people changed by {percent} percent in all: part"
    " of what changed may be who answered.",
    "De ronda en ronda el número de personas cambió un {percent} por ciento en total:"
    " parte de lo que cambió puede ser quién respondió.",
)
ROLLED_UP = SentenceTemplate(
    "rolled_up",
    "This is about {group}, which this team is part of: of the team alone it cannot be"
    " said.",
    "Esto se refiere a {group}, que incluye a este equipo: del equipo solo no se puede"
    " decir.",
)
WITHHELD = SentenceTemplate(
    "withheld",
    "Nothing can be said of this team, or of a group around it, without telling too"
    " much of the few who answered.",
    "No se puede decir nada de este equipo, ni de un grupo que lo incluya, sin contar"
    " demasiado de las pocas personas que respondieron.",
)
PROVISIONAL = SentenceTemplate(
    "provisional",
    "This date is provisional. It is looked into once it is declared as confirmed.",
    "Esta fecha es provisional. Se analizará cuando se declare confirmada.",
)
OVERLAPPING = SentenceTemplate(
    "overlapping",
    "This overlaps with {earlier}, and the effects of the two cannot be told apart:"
    " only the earlier one is looked into.",
    "Esto coincide con {earlier}, y los efectos de ambos no se pueden separar: solo se"
    " analiza lo que empezó antes.",
)
ENDS_NOTHING = SentenceTemplate(
    "ends_nothing",
    "This marks the end of a crisis, but no crisis that began before it is on record.",
    "Esto marca el fin de una crisis, pero no consta ninguna que empezara antes.",
)
PENDING = SentenceTemplate(
    "pending",
    "This has not been worked out yet. The service does so within minutes, once a wave"
    " that asked this team is sealed.",
    "Esto aún no se ha calculado. El servicio lo hace en unos minutos, cuando se selle"
    " una ronda que preguntó a este equipo.",
)
