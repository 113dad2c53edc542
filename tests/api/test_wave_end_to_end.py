"""The main job through HTTP, on both engines."""

import jwt

from tests.support.http_phone import content, item, submit


def test_people_answer_and_the_supervisor_reads_what_the_design_allows(service):
    agency = service.agency(
        {"a": 10, "b": 10, "north": 0, "c": 10},
        {"a": "north", "b": "north"},
        supervises={"director": ["agency"]},
    )
    wave = agency.announce()
    ballots = {
        person: agency.phone(person).draw(wave)
        for person in [f"{team}-{n}" for team in "abc" for n in range(1, 11)]
    }
    results = submit(
        service.http,
        *(item(ballot, content(form)) for form, ballot in enumerate(ballots.values())),
    )
    assert {result["status"] for result in results} == {"accepted"}
    before = agency.score(agency.reader_token("director"), "a")

    agency.seal()

    score = agency.score(agency.reader_token("director"), "a")
    assert before["status"] == "pending"
    assert score["status"] == "released"
    assert score["tier"] == "fine"
    assert score["respondents"] == "10-19"
    assert score["participation"] == "70+"


def test_a_ballot_is_an_ordinary_jwt(service):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    phone = agency.phone("a-1")
    ballot = phone.draw(wave)
    key = phone.key(phone.kid(wave)).public_key

    claims = jwt.decode(ballot, key, algorithms=["PS384"])

    assert list(claims) == ["jti"]
