import pytest

from rapport_service.ballotbox.models import SpentBallot
from rapport_service.encoding import base64url
from rapport_service.envelope.sealing_key import parse_public_jwk, thumbprint
from rapport_service.releases.sealed_release import digest_counted_ballots
from tests.reports.report_requests import get_as, request_report, seal_answered_wave
from tests.support.lifecycle import cancel_wave
from tests.support.rows import rows_of

TEAMS = ("a", "agency", "b", "north")


@pytest.fixture
def agency(service):
    return service.agency(
        {"north": 0, "a": 12, "b": 12},
        {"a": "north"},
        supervises={"director": ["agency"], "lead": ["a"]},
    )


def releases(agency, wave, token=""):
    return get_as(agency, f"/v1/waves/{wave}/releases", token=token)


def test_a_release_commits_to_the_ballots_that_it_counted(agency, ballot_factory):
    wave = seal_answered_wave(ballot_factory, agency, a=10, b=10)

    document = releases(agency, wave).get_json()

    hashes = [row.ballot_hash for row in rows_of(SpentBallot, agency)]
    (release,) = document["releases"]
    assert (document["wave_id"], release["number"]) == (wave, 1)
    assert release["counted_ballots_digest"] == digest_counted_ballots(hashes)
    assert document["charter_digest"] == base64url.digest(
        agency.service.http.get(f"/v1/waves/{wave}/charter").data
    )


def test_release_names_the_key_that_opened_it_and_how_much_did_not_count(
    agency, ballot_factory
):
    wave = seal_answered_wave(ballot_factory, agency, a=10, b=10)

    document = releases(agency, wave).get_json()

    key = parse_public_jwk(agency.wave(wave).sealing_key)
    assert document["sealing_key_thumbprint"] == thumbprint(key)
    assert document["releases"][0]["invalid_band"] == "under 10"


def test_documents_are_named_by_the_etags_of_the_scores(agency, ballot_factory):
    wave = seal_answered_wave(ballot_factory, agency, a=10, b=10)

    (release,) = releases(agency, wave).get_json()["releases"]

    tags = [
        {
            "team_id": str(agency.team_id(team)),
            "digest": request_report(agency, "score", team).headers["ETag"].strip('"'),
        }
        for team in TEAMS
    ]
    assert release["documents"] == tags


def test_digest_of_a_team_that_the_reader_may_not_see_is_left_out(
    agency, ballot_factory
):
    wave = seal_answered_wave(ballot_factory, agency, a=10, b=10)

    document = releases(agency, wave, agency.reader_token("lead")).get_json()

    (release,) = document["releases"]
    assert [each["team_id"] for each in release["documents"]] == [
        str(agency.team_id("a"))
    ]


def test_release_is_missing_before_the_seal_and_of_a_cancelled_wave(agency):
    wave = agency.announce()
    before = releases(agency, wave).get_json()["releases"]
    cancel_wave(agency, wave)

    assert before == releases(agency, wave).get_json()["releases"] == []


def test_wave_that_is_not_announced_is_not_found(agency):
    reply = releases(agency, agency.plan())

    assert (reply.status_code, reply.get_json()["code"]) == (404, "not-found")


def test_wave_of_another_organization_is_not_found(service, agency, ballot_factory):
    theirs = seal_answered_wave(ballot_factory, service.agency({"a": 12}), a=10)
    service.clock.reset()

    replies = [releases(agency, wave) for wave in (theirs, "x", f"{agency.id}.x")]

    assert [reply.status_code for reply in replies] == [404] * 3
