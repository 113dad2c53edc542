"""Sentences about the reliability of the questions."""

from rapport_service.narrative import reliability


def scale(verdict="holds", weak=()):
    return {"verdict": verdict, "weak_items": list(weak)}


def report(trust, communication, **more):
    scales = {"trust": trust, "communication": communication, "overall": None}
    return {
        "wave_ids": ["w1", "w2"],
        "checked": reliability.is_checked(scales),
        "scales": scales,
        "teams": {"overall": None},
        "agreement": {"anchor": None},
        **more,
    }


def english_by_code(report):
    return {
        sentence["code"]: sentence["en"] for sentence in reliability.explain(report)
    }


def last_code(report):
    return reliability.explain(report)[-1]["code"]


def test_scores_are_a_pilot_until_both_constructs_hold():
    assert last_code(report(scale(), scale())) == "checked"
    assert last_code(report(scale(), scale("doubtful", ["T5R"]))) == "pilot"
    assert last_code(report(scale(), None)) == "pilot"


def test_weak_questions_are_named():
    sentences = reliability.explain(report(scale("doubtful", ["T5R", "T6"]), scale()))

    (weak,) = [
        sentence for sentence in sentences if sentence["code"] == "weak_questions"
    ]
    assert "T5R, T6" in weak["es"]


def test_team_reliability_is_in_percent():
    team = {"icc1": 0.08, "by_people": {"10": 0.47}, "small_sample": True}
    sentences = english_by_code(report(None, None, teams={"overall": team}))

    assert "8 percent" in sentences["between_teams"]
    assert "47 percent" in sentences["team_of_ten"]
    assert "few_teams" in sentences


def test_negative_share_between_teams_reads_as_zero():
    team = {"icc1": -0.03, "by_people": {"10": 0.0}, "small_sample": False}
    sentences = english_by_code(report(None, None, teams={"overall": team}))

    assert "0 percent lies" in sentences["between_teams"]
