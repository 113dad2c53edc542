import json

import pytest

from rapport_service.registry.models import Release, Score
from tests.support.http_phone import content
from tests.support.rows import rows_of
from tests.support.submissions import form_content, identical_contents, submit_contents

SECTIONS = {"n1": "north", "n2": "north", "n3": "north"} | {
    "s1": "south", "s2": "south", "s3": "south"
}  # fmt: skip
TEAMS = dict.fromkeys(SECTIONS, 10) | {"north": 0, "south": 0}


def sealed(
    service, ballot_factory, contents_by_team, teams=None, parents=None, **rules
):
    """An agency that has answered one wave, sealed."""
    teams = teams or {
        team: max(10, len(texts)) for team, texts in contents_by_team.items()
    }
    agency = service.agency(
        teams, parents, supervises={"director": ["agency"]}, **rules
    )
    wave = agency.announce()
    assert set(submit_contents(ballot_factory, agency, wave, contents_by_team)) <= {
        "accepted"
    }
    agency.seal()
    return agency


def shown(agency):
    """Every team's document, by the agency's name of the team."""
    token = agency.reader_token("director")
    authorization = {"Authorization": f"Bearer {token}"}
    http = agency.service.http
    teams = http.get("/v1/teams", headers=authorization).get_json()["teams"]
    return {
        team["external_id"]: http.get(
            f"/v1/teams/{team['id']}/score", headers=authorization
        ).get_json()
        for team in teams
    }


def statuses(agency):
    return {team: document["status"] for team, document in shown(agency).items()}


def offsets_of(agency):
    (release,) = rows_of(Release, agency)
    return json.loads(release.figures)["offsets"]


# Which groups


def test_two_sections_of_three_teams_release_four_and_roll_up_two(
    service, ballot_factory
):
    answered = {"n1": 10, "n2": 10, "n3": 10, "s1": 9, "s2": 9, "s3": 3}
    agency = sealed(
        service,
        ballot_factory,
        {t: identical_contents(n) for t, n in answered.items()},
        TEAMS,
        SECTIONS,
    )

    documents = shown(agency)

    assert {team: document["status"] for team, document in documents.items()} == {
        **dict.fromkeys(["agency", "north", "south"], "released"),
        **dict.fromkeys(["n1", "n2", "n3", "s2"], "released"),
        **dict.fromkeys(["s1", "s3"], "rolled_up"),
    }
    for team in ("s1", "s3"):
        assert documents[team]["source_team"]["name"] == "Team south"
        assert documents[team]["constructs"] == documents["south"]["constructs"]
    tiers = {team: document["tier"] for team, document in documents.items()}
    assert {team for team, tier in tiers.items() if tier == "coarse"} == {"s2"}


def test_an_agency_may_ask_for_larger_groups(service, ballot_factory):
    everybody = {"a": identical_contents(9), "b": identical_contents(20)}

    usual = sealed(service, ballot_factory, everybody)
    service.clock.reset()
    careful = sealed(service, ballot_factory, everybody, min_respondents=10)

    assert statuses(usual) == dict.fromkeys(["a", "b", "agency"], "released")
    assert statuses(careful) == {
        "a": "rolled_up", "b": "rolled_up", "agency": "released"
    }  # fmt: skip


def test_people_who_share_a_key_with_a_larger_group_are_counted_in_that_group(
    service, ballot_factory
):
    agency = sealed(
        service,
        ballot_factory,
        {"small": identical_contents(6), "large": identical_contents(12)},
        {"small": 6, "other": 2, "large": 12},
    )

    documents = shown(agency)

    assert documents["large"]["status"] == "released"
    assert documents["small"]["status"] == "rolled_up"
    assert documents["small"]["source_team"]["name"] == "The agency"
    assert documents["agency"]["respondents"] == "10-19"


def test_four_people_anywhere_are_withheld_everywhere(service, ballot_factory):
    agency = sealed(
        service,
        ballot_factory,
        {"a": identical_contents(2), "b": identical_contents(2)},
    )

    assert set(statuses(agency).values()) == {"withheld"}


def test_a_wave_without_answers_is_withheld(service, ballot_factory):
    agency = sealed(service, ballot_factory, {"a": [], "b": []})

    assert set(statuses(agency).values()) == {"withheld"}


# All three constructs or none


@pytest.mark.parametrize("construct", ["trust", "communication"])
def test_a_group_in_which_few_answered_one_construct_shows_none_of_them(
    service, ballot_factory, construct
):
    quiet = [without(construct, form) for form in range(6)]
    agency = sealed(
        service,
        ballot_factory,
        {"a": [*quiet, *identical_contents(4)], "b": identical_contents(20)},
    )

    documents = shown(agency)

    # b goes too: the whole agency is shown, and the agency less b would be those four
    assert documents["a"]["status"] == documents["b"]["status"] == "rolled_up"
    assert documents["agency"]["status"] == "released"


def without(construct, form):
    """Content that marks every item of a construct as not applicable."""
    letter = construct[0].upper()
    names = list(json.loads(content(form).plaintext)["answers"])
    return form_content(
        form, ["na" if name.startswith(letter) else 4 for name in names]
    )


def test_five_people_who_all_saw_the_same_two_items_are_too_few_answers(
    service, ballot_factory
):
    same_form = [content(0) for _ in range(12)]

    agency = sealed(
        service, ballot_factory, {"a": same_form, "b": identical_contents(20)}
    )

    assert statuses(agency)["a"] == "rolled_up"
    assert statuses(agency)["b"] == "released"


def test_nine_answers_are_too_few_for_a_score(service, ballot_factory):
    one_trust_answer = [form_content(form, [3, *only_one(form)]) for form in range(9)]

    agency = sealed(
        service, ballot_factory, {"a": one_trust_answer, "b": identical_contents(20)}
    )

    assert statuses(agency)["a"] == "rolled_up"


def only_one(form):
    """Both communication items answered, and one of the two about trust."""
    names = list(json.loads(content(form).plaintext)["answers"])[1:]
    first = next(name for name in names if name.startswith("T"))
    return [4 if name == first or name.startswith("C") else "skip" for name in names]


# What is said of a group


def test_nine_people_are_shown_coarsely(service, ballot_factory):
    agency = sealed(
        service,
        ballot_factory,
        {"a": [*identical_contents(4, 4), *identical_contents(5, 3)]},
    )

    document = shown(agency)["a"]

    assert (document["tier"], document["respondents"]) == ("coarse", "5-9")
    figures = document["constructs"].values()
    assert {figure["score"] % 5 for figure in figures} == {0}
    assert {figure["favourable"] for figure in figures} == {None}


def test_ten_people_are_shown_finely(service, ballot_factory):
    agency = sealed(
        service,
        ballot_factory,
        {"a": [*identical_contents(4, 4), *identical_contents(6, 3)]},
    )

    document = shown(agency)["a"]

    assert (document["tier"], document["respondents"]) == ("fine", "10-19")
    figures = document["constructs"].values()
    assert any(figure["score"] % 5 for figure in figures)
    assert {type(figure["favourable"]) for figure in figures} == {int}
    assert {figure["bound"] for figure in figures} == {None}


def test_participation_is_a_band_of_the_roster_as_it_was_frozen(
    service, ballot_factory
):
    answered = {"a": 9, "b": 9, "c": 9, "d": 14, "e": 17}
    eligible = {"a": 19, "b": 18, "c": 13, "d": 20, "e": 20}
    agency = sealed(
        service,
        ballot_factory,
        {t: identical_contents(n) for t, n in answered.items()},
        eligible,
    )
    agency.put(dict.fromkeys(answered, 50), {}, {"director": ["agency"]})

    bands = {
        team: document["participation"] for team, document in shown(agency).items()
    }

    assert bands.pop("agency") == "50-69"
    assert list(bands.values()) == ["<50", "50-69", "50-69", "70-84", "85+"]


def test_figures_for_later_waves_are_kept_of_released_groups_alone(
    service, ballot_factory
):
    agency = sealed(
        service,
        ballot_factory,
        {
            "a": identical_contents(12),
            "b": identical_contents(12),
            "c": identical_contents(3),
        },
    )

    kept = {str(row.team_id): row.figures for row in rows_of(Score, agency)}

    documents = shown(agency)
    released = {team for team, d in documents.items() if d["status"] == "released"}
    assert {str(agency.team_id(team)) for team in released} == {
        team for team, figures in kept.items() if figures is not None
    }
    figures_of_b = json.loads(kept[str(agency.team_id("b"))])
    assert figures_of_b.keys() == {
        "tier",
        "n",
        "eligible",
        "constructs",
        "items",
        "crisis_share",
    }
    assert (
        figures_of_b["tier"],
        figures_of_b["n"]["any"],
        figures_of_b["eligible"],
    ) == ("fine", 12, 12)
    assert set(figures_of_b["constructs"]) == {"trust", "communication", "overall"}
    assert set(figures_of_b["constructs"]["trust"]) == {
        *("n", "answers", "theta", "se", "moderated_se", "favourable")
    }


# Offsets


def everyone_on_every_form(times):
    """Each of the 45 forms so many times; T1 is easy, all else is not."""
    return [
        form_content(
            form,
            [
                5 if name == "T1" else 3
                for name in json.loads(content(form).plaintext)["answers"]
            ],
        )
        for _ in range(times)
        for form in range(45)
    ]


def test_offsets_are_computed_once_with_thirty_answers_to_every_item(
    service, ballot_factory
):
    agency = sealed(service, ballot_factory, {"a": everyone_on_every_form(2)})

    offsets = offsets_of(agency)

    assert offsets["trust"]["T1"] == pytest.approx(5 - (5 + 5 * 3) / 6)
    assert offsets["trust"]["T2"] == pytest.approx(3 - (5 + 5 * 3) / 6)
    assert set(offsets) == {"trust", "communication", "overall"}


def test_offsets_are_all_zero_with_an_answer_less_to_a_single_item(
    service, ballot_factory
):
    *others, last = everyone_on_every_form(2)
    names = json.loads(last.plaintext)["answers"]
    omitted = next(name for name in names if name.startswith("C"))
    quieter = form_content(44, ["na" if name == omitted else 3 for name in names])

    agency = sealed(service, ballot_factory, {"a": [*others, quieter]})

    offsets = offsets_of(agency)
    assert {value for items in offsets.values() for value in items.values()} == {0.0}
    assert len(offsets["overall"]) == 12
