"""One agency's year in requests: every operation, and every outcome worth an example.

The story is told twice: once to write the examples down, and in every test run, where
the service must still answer as it did.
"""

from tests.contract.administering import (
    an_agency_is_set_up,
    codes_are_made,
    markers_are_set,
    programs_are_let_in,
    waves_are_planned,
)
from tests.contract.answering import (
    a_device_is_revoked,
    a_wave_is_announced,
    a_wave_is_cancelled,
    answers_are_sent,
    ballots_are_drawn,
    people_get_in,
)
from tests.contract.looking_back import sustainment_is_read, too_few_answered
from tests.contract.reporting import (
    questions_are_checked,
    reports_are_read,
    scores_are_read,
    too_few_answer,
)
from tests.contract.telling import Story


def tell(story: Story) -> None:
    """Plays the whole story."""
    an_agency_is_set_up(story)
    programs_are_let_in(story)
    codes_are_made(story)
    waves_are_planned(story)
    markers_are_set(story)
    people_get_in(story)
    wave = a_wave_is_announced(story)
    ballots = ballots_are_drawn(story, wave)
    answers_are_sent(story, ballots)
    scores_are_read(story, wave)
    reports_are_read(story, wave)
    questions_are_checked(story)
    a_wave_is_cancelled(story)
    a_device_is_revoked(story)
    too_few_answer(story)
    too_few_answered(story)
    sustainment_is_read(story)
