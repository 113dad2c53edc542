"""Plain-language section of the charter: what is stored, and who sees what.

The charter is one document for everybody, so the device fills in what depends on the
person's group, and times by its own clock. A device leaves out a sentence whose
placeholder it cannot fill.
"""

PLACEHOLDERS = frozenset(
    {"seals_at", "others", "teams", "group", "eligible", "fingerprint"}
)
"""Values that the device fills in: the time of the seal; how many others share the
person's ballot key, and the teams of these people; the smallest group that could have a
score with the person's answers, and how many people can answer in it; the charter's
fingerprint."""


def render_plain_language(min_respondents: int) -> dict[str, list[str]]:
    """Return the section in English and Spanish, one sentence or two a line.

    Args:
        min_respondents: the smallest number of respondents that a score may rest on.
    """
    k, others = min_respondents, min_respondents - 1
    return {
        "en": [
            "Your answers are locked on this phone before they leave it. They are "
            "unlocked after {seals_at}, all together and without names.",
            "Your ballot cannot be told apart from those of {others} other people in "
            "{teams}.",
            "Until {seals_at}, the people who run the server can see who fetched a "
            "ballot. Everybody's phone fetches one by itself, also if they do not "
            "answer.",
            "Until {seals_at}, the people who run the server can also see how many "
            "answers came from these teams, but not what the answers say. If all of "
            "you answered, or nobody did, they can tell.",
            f"A score of {{group}} is shown only if at least {k} of its {{eligible}} "
            "people answered, so whoever sees one knows that much.",
            "You can read the same score of your team that your supervisor reads.",
            f"Colleagues know their own answers. If only {k} answer, a colleague who "
            f"takes away their own answers still has those of {others} people mixed "
            "together.",
            "A person who watches the network while you send can see your network "
            "address. Backups made before {seals_at} still show who fetched a ballot.",
            "Compare these 12 characters with a colleague's: {fingerprint}. If they "
            "differ, do not answer, and tell the person who gave you your code.",
        ],
        "es": [
            "Sus respuestas se cifran en este teléfono antes de salir de él. Se "
            "descifran después del {seals_at}, todas juntas y sin nombres.",
            "Su papeleta no se puede distinguir de las de otras {others} personas de "
            "{teams}.",
            "Hasta el {seals_at}, quienes administran el servidor pueden ver quién "
            "obtuvo una papeleta. El teléfono de cada persona obtiene una por sí solo, "
            "aunque ella no responda.",
            "Hasta el {seals_at}, quienes administran el servidor también pueden ver "
            "cuántas respuestas llegaron de estos equipos, pero no lo que dicen. Si "
            "respondieron todas las personas, o ninguna, pueden saberlo.",
            f"Una puntuación de {{group}} se muestra solo si respondieron al menos {k} "
            "de sus {eligible} personas, así que quien la ve sabe eso.",
            "Usted puede leer la misma puntuación de su equipo que lee su supervisor.",
            f"Sus colegas conocen sus propias respuestas. Si solo responden {k}, a un "
            f"colega que quita las suyas aún le quedan las de {others} personas, "
            "mezcladas.",
            "Una persona que vigile la red mientras usted envía puede ver su dirección "
            "de red. Las copias de seguridad hechas antes del {seals_at} aún muestran "
            "quién obtuvo una papeleta.",
            "Compare estos 12 caracteres con los de un colega: {fingerprint}. Si no "
            "coinciden, no responda y avise a la persona que le dio su código.",
        ],
    }
