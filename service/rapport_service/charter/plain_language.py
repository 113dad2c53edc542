"""Plain-language section of the charter: what is stored, and who sees what."""


def render_plain_language(min_respondents: int) -> dict[str, list[str]]:
    """Return the section in English and Spanish, one sentence a line.

    Args:
        min_respondents: the smallest number of respondents that a score may rest on.
    """
    return {
        "en": [
            "Your answers travel without your name, your device or the time.",
            "The service knows that you may answer. It cannot know whether you did, "
            "or what you said.",
            "Nobody sees any score before the wave is sealed, and no score ever "
            f"rests on fewer than {min_respondents} people.",
            "You may read exactly the score of your team that your supervisor reads.",
            "If fewer people of your team answer, the score of a larger group that "
            "includes your team is shown instead.",
            "We protect the answers that are stored. A person who watches the network "
            "while you send can still see your network address.",
        ],
        "es": [
            "Sus respuestas viajan sin su nombre, su dispositivo ni la hora.",
            "El servicio sabe que usted puede responder. No puede saber si respondió "
            "ni qué dijo.",
            "Nadie ve ninguna puntuación antes de que se selle la ronda, y ninguna "
            f"puntuación se basa en menos de {min_respondents} personas.",
            "Usted puede leer exactamente la puntuación de su equipo que lee su "
            "supervisor.",
            "Si responde menos gente de su equipo, se muestra en su lugar la "
            "puntuación de un grupo mayor que incluye a su equipo.",
            "Protegemos las respuestas guardadas. Una persona que vigile la red "
            "mientras usted envía aún puede ver su dirección de red.",
        ],
    }
