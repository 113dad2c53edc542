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
            "You share your ballot with {others} other people. All of you are in: "
            "{teams}.",
            "Until {seals_at}, the people who run the server can see who fetched a "
            "ballot. They can also see how many answers came from these teams, but not "
            "what the answers say. If all of you answered, or nobody did, they can "
            "tell.",
            f"A score needs the answers of at least {k} people. You can read the same "
            "score of your team that your supervisor reads.",
            f"If {{group}} shows a score, readers know that at least {k} of its "
            "{eligible} people answered.",
            "Colleagues know their own answers. In a group of "
            f"{k}, each of them still does not know the answers of {others} people.",
            "A person who watches the network while you send can see your network "
            "address. Copies of the server from before {seals_at} still show who "
            "fetched a ballot.",
            "Compare these 12 characters with a colleague's: {fingerprint}",
        ],
        "es": [
            "Sus respuestas se cierran con llave en este teléfono antes de salir de "
            "él. Se abren después del {seals_at}, todas juntas y sin nombres.",
            "Usted comparte su papeleta con {others} personas más. Todas están en: "
            "{teams}.",
            "Hasta el {seals_at}, quienes administran el servidor pueden ver quién "
            "obtuvo una papeleta. También pueden ver cuántas respuestas llegaron de "
            "estos equipos, pero no lo que dicen. Si respondieron todas las personas, "
            "o ninguna, pueden saberlo.",
            f"Una puntuación necesita las respuestas de al menos {k} personas. Usted "
            "puede leer la misma puntuación de su equipo que lee su supervisor.",
            "Si {group} muestra una puntuación, quienes la leen saben que "
            f"respondieron al menos {k} de sus {{eligible}} personas.",
            "Sus colegas conocen sus propias respuestas. En un grupo de "
            f"{k}, a cada colega le quedan {others} personas cuyas respuestas no "
            "conoce.",
            "Una persona que vigile la red mientras usted envía puede ver su dirección "
            "de red. Las copias del servidor anteriores al {seals_at} aún muestran "
            "quién obtuvo una papeleta.",
            "Compare estos 12 caracteres con los de un colega: {fingerprint}",
        ],
    }
