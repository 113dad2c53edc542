import json

import pytest

from rapport_service.encoding import base64url
from tests.support.lifecycle import advance_past_close, begin_sealing, cancel_wave
from tests.support.submissions import identical_contents, submit_contents


@pytest.fixture
def agency(service):
    return service.agency({"a": 10, "b": 10}, supervises={"director": ["agency"]})


def score(agency, team="a", wave_id=None, headers=(), token=None):
    """The reply to a reader; without a token, the director asks."""
    token = token or agency.reader_token("director")
    return agency.service.http.get(
        f"/v1/teams/{agency.team_id(team)}/score",
        query_string={} if wave_id is None else {"wave_id": wave_id},
        headers={"Authorization": f"Bearer {token}", **dict(headers)},
    )


def reply_summary(reply):
    """Status, wave and, of a problem, its code."""
    document = reply.get_json()
    return document.get("code") or (document["status"], document["wave_id"])


def seal(agency, ballot_factory, value=4):
    """Runs a whole wave that all teams answer; returns its id."""
    wave = agency.announce()
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {"a": identical_contents(10, value), "b": identical_contents(10, value)},
    )
    agency.seal()
    return wave


def test_before_the_first_wave_nothing_has_been_measured(agency):
    planned = agency.plan()

    replies = [score(agency), score(agency, wave_id=planned)]

    assert [reply_summary(reply) for reply in replies] == ["nothing-measured"] * 2
    assert {reply.status_code for reply in replies} == {404}


def test_wave_that_is_not_sealed_is_pending_and_has_the_time_of_its_seal(agency):
    wave = agency.announce()
    states = [score(agency)]
    advance_past_close(agency)
    states.append(score(agency))
    begin_sealing(agency, wave)
    states.append(score(agency, wave_id=wave))

    assert {reply_summary(reply) for reply in states} == {("pending", wave)}
    assert {reply.get_json()["seals_at"] for reply in states} == {
        "2027-03-16T12:00:00Z"
    }
    assert {reply.get_json()["delay"] for reply in states} == {None}
    assert set(states[0].get_json()) == {
        "status",
        "team",
        "wave_id",
        "seals_at",
        "delay",
    }


def test_newest_sealed_wave_is_the_default_while_the_next_is_open(
    agency, ballot_factory
):
    first = seal(agency, ballot_factory, value=2)
    second = seal(agency, ballot_factory, value=4)
    third = agency.announce()
    agency.tick(days=2)

    assert reply_summary(score(agency)) == ("released", second)
    assert reply_summary(score(agency, wave_id=third)) == ("pending", third)
    assert reply_summary(score(agency, wave_id=first)) == ("released", first)
    assert score(agency, wave_id=first).data != score(agency, wave_id=second).data


def test_next_of_several_waves_to_be_sealed_is_pending(agency):
    first = agency.announce()
    agency.service.clock.advance(days=1)
    agency.announce(opens_in=7)

    assert reply_summary(score(agency)) == ("pending", first)


def test_a_team_that_joined_later_waits_for_its_own_first_wave(agency, ballot_factory):
    sealed = seal(agency, ballot_factory)
    agency.put({"a": 10, "b": 10, "c": 10}, {}, {"director": ["agency"]})

    before = reply_summary(score(agency, "c"))
    wave = agency.announce()

    assert before == "nothing-measured"
    assert reply_summary(score(agency, "c")) == ("pending", wave)
    assert reply_summary(score(agency, "c", wave_id=sealed)) == "nothing-measured"
    assert reply_summary(score(agency, "a")) == ("released", sealed)


def test_a_cancelled_wave_measured_nothing(agency, ballot_factory):
    sealed = seal(agency, ballot_factory)
    cancelled = agency.announce()
    cancel_wave(agency, cancelled)

    assert reply_summary(score(agency)) == ("released", sealed)
    assert reply_summary(score(agency, wave_id=cancelled)) == "nothing-measured"


def test_another_organizations_wave_measured_nothing_here(
    service, agency, ballot_factory
):
    seal(agency, ballot_factory)
    other = service.agency({"a": 10})
    theirs = other.announce()

    assert reply_summary(score(agency, wave_id=theirs)) == "nothing-measured"


def test_a_released_document_has_its_digest_as_etag_and_is_not_sent_twice(
    agency, ballot_factory
):
    seal(agency, ballot_factory)

    first = score(agency)
    again = score(agency, headers={"If-None-Match": first.headers["ETag"]})
    other = score(agency, headers={"If-None-Match": '"another"'})

    assert first.headers["ETag"] == f'"{base64url.digest(first.data)}"'
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert (other.status_code, other.data) == (200, first.data)


def test_a_pending_document_has_an_etag_too(agency):
    agency.announce()

    first = score(agency)
    again = score(agency, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304


def test_shared_caches_may_not_keep_a_reply(agency, ballot_factory):
    seal(agency, ballot_factory)

    assert score(agency).headers["Cache-Control"] == "private, no-cache"


def test_replies_stay_the_same_while_answers_arrive(service, agency, ballot_factory):
    wave = agency.announce()
    agency.tick(days=2)

    token, phone, http = agency.admin_token(), agency.phone("a-1"), service.http

    def everything():
        replies = [
            http.get("/v1/teams", headers={"Authorization": f"Bearer {token}"}),
            *(score(agency, team, token=token) for team in ("agency", "a", "b")),
            score(agency, "a", wave, token=token),
            http.get("/v1/sync", headers=phone.authorization),
            http.get(f"/v1/waves/{wave}/charter"),
        ]
        return [(r.status_code, r.data, r.headers.get("ETag")) for r in replies]

    before = everything()
    seen = []
    for people in (1, 4):
        submit_contents(ballot_factory, agency, wave, {"a": identical_contents(people)})
        seen.append(everything())

    assert seen == [before] * 2
    assert all(status == 200 for status, _, _ in before)


def test_a_document_says_no_more_than_its_status_needs(agency, ballot_factory):
    wave = agency.announce()
    submit_contents(
        ballot_factory,
        agency,
        wave,
        {"a": identical_contents(10), "b": identical_contents(3)},
    )
    agency.seal()

    released, rolled_up = (score(agency, team).get_json() for team in ("agency", "b"))

    common = {"format", "status", "team", "wave_id", "release", "opens_at", "closes_at"}
    common |= {"tier", "respondents", "participation", "tipping_point", "constructs"}
    common |= {"agreement", "items", "crisis_percent", "explanation"}
    assert set(released) == common
    assert set(rolled_up) == common | {"source_team"}
    assert rolled_up["source_team"] == released["team"]
    assert rolled_up["team"] == {
        "id": str(agency.team_id("b")),
        "external_id": "b",
        "name": "Team b",
    }
    assert json.dumps(rolled_up["constructs"]) == json.dumps(released["constructs"])
