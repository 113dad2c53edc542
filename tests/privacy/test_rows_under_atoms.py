"""Rows that stay after the seal are grouped no finer than the release."""

from collections import Counter

from rapport_service.ballotbox.models import Answer
from tests.privacy.attacker import DIRECTOR, ScoreReader
from tests.support.rows import rows_of
from tests.support.submissions import form_content, identical_contents, submit_contents


def test_a17_few_who_skipped_everything_are_not_alone_under_a_team(
    service, ballot_factory
):
    """Planned on those who answered, the agency less its teams holds none of these."""
    agency = service.agency({"agency": 8, "a": 12, "b": 12}, supervises=DIRECTOR)
    skipping = [form_content(form, ["skip"] * 5, "crisis") for form in range(2)]
    answered = {
        "agency": skipping,
        "a": identical_contents(11),
        "b": [*identical_contents(11), *skipping[:1]],
    }
    submit_contents(ballot_factory, agency, agency.announce(), answered)

    agency.seal()

    statuses = {doc["status"] for doc in ScoreReader(agency).everything().values()}
    assert statuses == {"released"}
    counts = Counter(row.team_id for row in rows_of(Answer, agency))
    assert counts == {agency.team_id("a"): 11, agency.team_id("b"): 11}
