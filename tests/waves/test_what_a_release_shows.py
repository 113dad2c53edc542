import json

import pytest

from rapport_service.record.models import Release, Score
from tests.casting import cast, crowd
from tests.phone import content
from tests.said import said
from tests.stored import rows_of

SECTIONS = {"n1": "north", "n2": "north", "n3": "north"} | {
    "s1": "south", "s2": "south", "s3": "south"
}  # fmt: skip
TEAMS = dict.fromkeys(SECTIONS, 10) | {"north": 0, "south": 0}


def sealed(house, press, said_by_team, teams=None, parents=None, **rules):
    """An agency that has answered one wave, sealed."""
    teams = teams or {team: max(10, len(texts)) for team, texts in said_by_team.items()}
    agency = house.agency(teams, parents, supervises={"director": ["agency"]}, **rules)
    wave = agency.announce()
    assert set(cast(press, agency, wave, said_by_team)) <= {"accepted"}
    agency.seal()
    return agency


def shown(agency):
    """Every team's document, by the agency's name of the team."""
    token = agency.reader_token("director")
    authorization = {"Authorization": f"Bearer {token}"}
    http = agency.house.http
    teams = http.get("/v1/teams", headers=authorization).get_json()["teams"]
    return {
        team["external_id"]: http.get(
            f"/v1/teams/{team['id']}/scores", headers=authorization
        ).get_json()
        for team in teams
    }


def statuses(agency):
    return {team: document["status"] for team, document in shown(agency).items()}


def offsets_of(agency):
    (release,) = rows_of(Release, agency)
    return json.loads(release.figures)["offsets"]


# Which groups


def test_of_two_sections_of_three_teams_four_are_released_and_two_rolled_up(
    house, press
):
    answered = {"n1": 10, "n2": 10, "n3": 10, "s1": 9, "s2": 9, "s3": 3}
    agency = sealed(
        house, press, {t: crowd(n) for t, n in answered.items()}, TEAMS, SECTIONS
    )

    documents = shown(agency)

    assert {team: document["status"] for team, document in documents.items()} == {
        **dict.fromkeys(["agency", "north", "south"], "released"),
        **dict.fromkeys(["n1", "n2", "n3", "s2"], "released"),
        **dict.fromkeys(["s1", "s3"], "rolled_up"),
    }
    for team in ("s1", "s3"):
        assert documents[team]["from"]["name"] == "Team south"
        assert documents[team]["constructs"] == documents["south"]["constructs"]
    tiers = {team: document["tier"] for team, document in documents.items()}
    assert {team for team, tier in tiers.items() if tier == "coarse"} == {"s2"}


def test_an_agency_may_ask_for_larger_groups(house, press):
    everybody = {"a": crowd(9), "b": crowd(20)}

    usual = sealed(house, press, everybody)
    house.clock.reset()
    careful = sealed(house, press, everybody, smallest_score=10)

    assert statuses(usual) == dict.fromkeys(["a", "b", "agency"], "released")
    assert statuses(careful) == {
        "a": "rolled_up", "b": "rolled_up", "agency": "released"
    }  # fmt: skip


def test_people_who_share_a_key_with_a_larger_group_are_counted_in_that_group(
    house, press
):
    agency = sealed(
        house,
        press,
        {"small": crowd(6), "large": crowd(12)},
        {"small": 6, "other": 2, "large": 12},
    )

    documents = shown(agency)

    assert documents["large"]["status"] == "released"
    assert documents["small"]["status"] == "rolled_up"
    assert documents["small"]["from"]["name"] == "The agency"
    assert documents["agency"]["respondents"] == "10-19"


def test_four_people_anywhere_are_withheld_everywhere(house, press):
    agency = sealed(house, press, {"a": crowd(2), "b": crowd(2)})

    assert set(statuses(agency).values()) == {"withheld"}


def test_nobody_at_all_is_withheld(house, press):
    agency = sealed(house, press, {"a": [], "b": []})

    assert set(statuses(agency).values()) == {"withheld"}


# All three constructs or none


@pytest.mark.parametrize("construct", ["trust", "communication"])
def test_a_group_in_which_few_answered_one_construct_shows_none_of_them(
    house, press, construct
):
    quiet = [without(construct, form) for form in range(6)]
    agency = sealed(house, press, {"a": [*quiet, *crowd(4)], "b": crowd(20)})

    documents = shown(agency)

    # b goes too: the whole agency is shown, and the agency less b would be those four
    assert documents["a"]["status"] == documents["b"]["status"] == "rolled_up"
    assert documents["agency"]["status"] == "released"


def without(construct, form):
    """Somebody who says of every item of a construct that it does not apply."""
    letter = construct[0].upper()
    names = list(json.loads(content(form))["answers"])
    return said(form, ["na" if name.startswith(letter) else 4 for name in names])


def test_five_people_who_all_saw_the_same_two_items_are_too_few_answers(house, press):
    same_form = [content(0) for _ in range(12)]

    agency = sealed(house, press, {"a": same_form, "b": crowd(20)})

    assert statuses(agency)["a"] == "rolled_up"
    assert statuses(agency)["b"] == "released"


def test_nine_answers_are_too_few_for_a_score(house, press):
    one_trust_answer = [said(form, [3, *only_one(form)]) for form in range(9)]

    agency = sealed(house, press, {"a": one_trust_answer, "b": crowd(20)})

    assert statuses(agency)["a"] == "rolled_up"


def only_one(form):
    """Both communication items answered, and one of the two about trust."""
    names = list(json.loads(content(form))["answers"])[1:]
    first = next(name for name in names if name.startswith("T"))
    return [4 if name == first or name.startswith("C") else "skip" for name in names]


# What is said of a group


def test_nine_people_are_shown_coarsely(house, press):
    agency = sealed(house, press, {"a": [*crowd(4, 4), *crowd(5, 3)]})

    document = shown(agency)["a"]

    assert (document["tier"], document["respondents"]) == ("coarse", "5-9")
    figures = document["constructs"].values()
    assert {figure["score"] % 5 for figure in figures} == {0}
    assert {figure["favourable"] for figure in figures} == {None}


def test_ten_people_are_shown_finely(house, press):
    agency = sealed(house, press, {"a": [*crowd(4, 4), *crowd(6, 3)]})

    document = shown(agency)["a"]

    assert (document["tier"], document["respondents"]) == ("fine", "10-19")
    figures = document["constructs"].values()
    assert any(figure["score"] % 5 for figure in figures)
    assert {type(figure["favourable"]) for figure in figures} == {int}
    assert {figure["bound"] for figure in figures} == {None}


def test_participation_is_a_band_of_the_roster_as_it_was_frozen(house, press):
    answered = {"a": 9, "b": 9, "c": 9, "d": 14, "e": 17}
    eligible = {"a": 19, "b": 18, "c": 13, "d": 20, "e": 20}
    agency = sealed(house, press, {t: crowd(n) for t, n in answered.items()}, eligible)
    agency.put(dict.fromkeys(answered, 50), {}, {"director": ["agency"]})

    bands = {team: one["participation"] for team, one in shown(agency).items()}

    assert bands.pop("agency") == "50-69"
    assert list(bands.values()) == ["<50", "50-69", "50-69", "70-84", "85+"]


def test_figures_for_later_waves_are_kept_of_released_groups_alone(house, press):
    agency = sealed(house, press, {"a": crowd(12), "b": crowd(12), "c": crowd(3)})

    kept = {str(row.team_id): row.figures for row in rows_of(Score, agency)}

    documents = shown(agency)
    released = {team for team, d in documents.items() if d["status"] == "released"}
    assert {str(agency.team_id(team)) for team in released} == {
        team for team, figures in kept.items() if figures is not None
    }
    one = json.loads(kept[str(agency.team_id("b"))])
    assert one.keys() == {"tier", "n", "eligible", "constructs", "items", "dose"}
    assert (one["tier"], one["n"]["any"], one["eligible"]) == ("fine", 12, 12)
    assert set(one["constructs"]) == {"trust", "communication", "overall"}
    assert set(one["constructs"]["trust"]) == {
        *("n", "answers", "theta", "se", "moderated_se", "favourable")
    }


# Offsets


def everyone_on_every_form(times):
    """Each of the 45 forms so many times; T1 is easy, all else is not."""
    return [
        said(
            form,
            [5 if name == "T1" else 3 for name in json.loads(content(form))["answers"]],
        )
        for _ in range(times)
        for form in range(45)
    ]


def test_with_thirty_answers_to_every_item_offsets_are_computed_once_for_all(
    house, press
):
    agency = sealed(house, press, {"a": everyone_on_every_form(2)})

    offsets = offsets_of(agency)

    assert offsets["trust"]["T1"] == pytest.approx(5 - (5 + 5 * 3) / 6)
    assert offsets["trust"]["T2"] == pytest.approx(3 - (5 + 5 * 3) / 6)
    assert set(offsets) == {"trust", "communication", "overall"}


def test_with_an_answer_less_to_a_single_item_all_offsets_are_zero(house, press):
    *others, last = everyone_on_every_form(2)
    names = json.loads(last)["answers"]
    one = next(name for name in names if name.startswith("C"))
    quieter = said(44, ["na" if name == one else 3 for name in names])

    agency = sealed(house, press, {"a": [*others, quieter]})

    offsets = offsets_of(agency)
    assert {value for items in offsets.values() for value in items.values()} == {0.0}
    assert len(offsets["overall"]) == 12
