"""Simulated answers of the sample agency, random around a mean of each team."""

from random import Random

from demo.agency import CASEWORKERS, TEAMS
from demo.fleet import get_open_pulse
from rapport_client import Answer, FieldDevice

RESPONDENT_COUNTS = dict(zip(TEAMS, (10, 10, 10, 9, 9, 3), strict=True))
MEAN_ANSWERS = dict(zip(TEAMS, (4, 3, 5, 2, 4, 3), strict=True))
"""By team, the mean of its answers, from 1 to 5."""

NOT_APPLICABLE_RATE = 0.04
CONTEXTS = ("normal", "stretched", "crisis", None)

RESPONDENTS = {
    person: MEAN_ANSWERS[team]
    for team, people in CASEWORKERS.items()
    for person in people[: RESPONDENT_COUNTS[team]]
}
"""Every person who answers, with the mean answer of their team."""


def answer(person: str, device: FieldDevice) -> None:
    """Answers the pulse that is open on a respondent's device, which may be offline."""
    rng = Random(person)
    pulse = get_open_pulse(device)
    answers = {
        question.id: _draw_answer(rng, RESPONDENTS[person])
        for question in pulse.questions
    }
    device.answer(pulse, answers, rng.choice(CONTEXTS))


def _draw_answer(rng: Random, mean: int) -> Answer:
    if rng.random() < NOT_APPLICABLE_RATE:
        return "na"
    return min(5, max(1, round(rng.gauss(mean, 0.9))))
