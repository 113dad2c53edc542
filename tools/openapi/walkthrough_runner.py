"""One agency's year in requests: every operation, and every outcome worth an example.

The walkthrough runs once to write the examples, and in every test run, where
the service must still answer as it did.
"""

from tools.openapi.steps.administration import (
    issue_codes,
    manage_clients,
    manage_markers,
    plan_waves,
    set_up_agency,
)
from tools.openapi.steps.participation import (
    announce_wave,
    draw_ballots,
    enrol_people,
    read_cancelled_wave,
    read_revoked_device,
    send_answers,
)
from tools.openapi.steps.reports import (
    read_reliability,
    read_reports,
    read_scores,
    read_withheld_score,
)
from tools.openapi.steps.sustainment import read_sustainment, read_withheld_sustainment
from tools.openapi.walkthrough import Walkthrough


def run_walkthrough(story: Walkthrough) -> None:
    """Plays the whole story."""
    set_up_agency(story)
    manage_clients(story)
    issue_codes(story)
    plan_waves(story)
    manage_markers(story)
    enrol_people(story)
    wave = announce_wave(story)
    ballots = draw_ballots(story, wave)
    send_answers(story, ballots)
    read_scores(story, wave)
    read_reports(story, wave)
    read_reliability(story)
    read_cancelled_wave(story)
    read_revoked_device(story)
    read_withheld_score(story)
    read_withheld_sustainment(story)
    read_sustainment(story)
