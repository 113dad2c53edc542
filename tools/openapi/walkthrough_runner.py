"""One agency's year in requests: every operation, and every outcome worth an example.

The walkthrough runs once to write the examples, and in every test run, where
the service must still answer as it did.
"""

from tools.openapi.steps.administration import (
    issue_codes,
    manage_clients,
    manage_markers,
    plan_waves,
    read_audit,
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
    read_gone_team,
    read_later_waves,
    read_reliability,
    read_reports,
    read_scores,
    read_withheld_score,
)
from tools.openapi.steps.sustainment import read_sustainment, read_withheld_sustainment
from tools.openapi.walkthrough import Walkthrough


def run_walkthrough(walkthrough: Walkthrough) -> None:
    """Plays the whole walkthrough."""
    set_up_agency(walkthrough)
    manage_clients(walkthrough)
    issue_codes(walkthrough)
    plan_waves(walkthrough)
    manage_markers(walkthrough)
    read_audit(walkthrough)
    enrol_people(walkthrough)
    wave = announce_wave(walkthrough)
    ballots = draw_ballots(walkthrough, wave)
    send_answers(walkthrough, ballots)
    read_scores(walkthrough, wave)
    read_reports(walkthrough, wave)
    read_reliability(walkthrough)
    read_cancelled_wave(walkthrough)
    read_revoked_device(walkthrough)
    read_withheld_score(walkthrough)
    read_withheld_sustainment(walkthrough)
    read_sustainment(walkthrough)
    read_gone_team(walkthrough)
    read_later_waves(walkthrough)
