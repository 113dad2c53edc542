"""Sixteen real waves around a crisis, in which three teams go three different ways."""

from tests.support.submissions import keyed_alike, submit_contents
from tests.sustainment.planted_releases import plant_marker
from tests.sustainment.sustainment_requests import codes, request_sustainment

WAVES = {"before": 5, "during": 5, "after": 6}
HAPPIER = {
    "kept": {"before": 2, "during": 11, "after": 8},
    "lost": {"before": 2, "during": 10, "after": 2},
    "same": {"before": 5, "during": 5, "after": 5},
}
"""By team and phase, how many of twelve answer 4 where the others answer 3."""


def texts(wave, happier):
    """Contents of a team of twelve, one person more or less happy from wave to wave."""
    happy = happier + (wave % 3 == 0) - (wave % 4 == 1)
    context = "crisis" if happier > 6 else "normal"
    return [
        keyed_alike((12 * wave + person) % 45, 4 if person < happy else 3, context)
        for person in range(12)
    ]


def run_crisis(agency, ballot_factory):
    """All the waves, each drawn, answered and sealed; a crisis in between."""
    wave = 0
    for phase, count in WAVES.items():
        if phase != "before":
            kind = "crisis_start" if phase == "during" else "crisis_end"
            today = agency.service.clock().date()
            plant_marker(agency, kind, today, declared_at=agency.service.clock())
        for _ in range(count):
            open_wave = agency.announce()
            contents = {
                team: texts(wave, levels[phase]) for team, levels in HAPPIER.items()
            }
            assert {*submit_contents(ballot_factory, agency, open_wave, contents)} == {
                "accepted"
            }
            agency.seal()
            wave += 1


def test_gain_that_was_kept_is_sustained_and_a_lost_one_has_faded(
    service, ballot_factory
):
    agency = service.agency(dict.fromkeys(HAPPIER, 12))
    run_crisis(agency, ballot_factory)

    documents = {team: request_sustainment(agency, team).get_json() for team in HAPPIER}

    assert {team: codes(document)[0] for team, document in documents.items()} == {
        "kept": "sustained",
        "lost": "faded",
        "same": "no_acceleration_detectable",
    }
    for document in documents.values():
        assert document["status"] == "released"
        assert not document["exploratory"]
        assert len(document["waves"]) == 16
        assert all(wave["included"] for wave in document["waves"])
    assert documents["kept"]["phases"]["during"]["crisis_percent"] == 90
    assert documents["kept"]["ingredients"] is None  # too few to be shown one by one
