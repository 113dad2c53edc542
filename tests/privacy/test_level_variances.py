"""A27: released variances of levels tell no reader the scores of another team.

Everybody with the scope for reports reads it, also who may read one team or none.
"""

import random

import numpy as np
import pytest

from rapport_service.disclosure.rounding import COARSE_STEP
from rapport_service.stats.local_level import ShownSeries, fit_level_variances
from tests.support.submissions import form_content, submit_contents

SUPERVISES = {"of_one": ["a"], "of_none": []}

READERS = {
    "supervisor of one team": lambda agency: agency.reader_token("of_one"),
    "member of one": lambda agency: agency.phone("a-1").tokens["access_token"],
    "member of none": lambda agency: agency.phone("of_none").tokens["access_token"],
}


def published_variances(service, ballot_factory, people, scores):
    """The variances that each reader sees, after waves in which teams answered.

    Args:
        people: by team.
        scores: of each wave, the answer that everybody in a team gives.
    """
    service.clock.reset()
    agency = service.agency(people, supervises=SUPERVISES)
    rng, seen = random.Random(1), []
    for values in scores:
        wave = agency.announce()
        contents = {
            team: [
                form_content(rng.randrange(45), [values[team]] * 5)
                for _ in range(people[team])
            ]
            for team in people
        }
        submit_contents(ballot_factory, agency, wave, contents)
        agency.seal()
        for token_of in READERS.values():
            token = token_of(agency)
            reply = service.http.get(
                f"/v1/waves/{wave}/releases",
                headers={"Authorization": f"Bearer {token}"},
            )
            assert reply.status_code == 200
            seen.append(reply.get_json()["releases"][0]["level_variances"])
    return seen


@pytest.mark.parametrize("people", [{"a": 12}, {"a": 12, "b": 12}])
def test_a27_readers_of_one_team_or_of_none_see_the_same_whatever_was_answered(
    service, ballot_factory, people
):
    low = [dict.fromkeys(people, 2), dict.fromkeys(people, 2)]
    high = [dict.fromkeys(people, 4), dict.fromkeys(people, 5)]

    seen = [
        published_variances(service, ballot_factory, people, scores)
        for scores in (low, high)
    ]

    assert seen[0] == seen[1]
    assert len({str(each) for each in seen[0]}) == 1


def releases_of(scores):
    """The variances of each release, where teams were shown with these scores."""
    scores = np.array(scores, dtype=np.float64)
    people, rounding = np.full_like(scores, 12), np.full_like(scores, 1 / 12)
    elapsed = np.array([0.0, *[1.0] * (len(scores) - 1)])
    series = ShownSeries(scores, scores, scores, people, rounding, elapsed)
    return [fit_level_variances(series.until(n + 1)) for n in range(len(scores))]


def test_a27_supervisor_of_four_of_five_learns_no_score_of_the_fifth():
    """Over two releases each of its scores stays open by more than a coarse step."""
    rng = np.random.default_rng(1)
    candidates = np.arange(24, 97, 3.0)
    for _ in range(12):
        levels = 60 + 8 * rng.normal(size=5)
        scores = np.round(levels + 5 * rng.normal(size=(2, 5)))
        seen = releases_of(scores)
        possible = [
            (first, second)
            for first in candidates
            for second in candidates
            if releases_of(np.column_stack([scores[:, :4], [first, second]])) == seen
        ]
        firsts, seconds = ({each[place] for each in possible} for place in (0, 1))
        for known in (firsts, seconds):
            assert max(known) - min(known) > COARSE_STEP
