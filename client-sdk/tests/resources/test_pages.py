"""Lists that come in pages: the client asks for all of them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from fake_service.documents import TEAM
from fake_service.faults import drop_request
from fake_service.service import reply

from rapport_client import TransportFailure

NORTH = {"id": TEAM, "external_id": "north", "name": "North"}
NONE_CLEAR = dict.fromkeys(("trust", "communication", "overall"))


def team(number):
    return {**NORTH, "external_id": f"team-{number}", "parent_id": None, "gone": False}


def point(number):
    return {
        "wave_id": f"acme.{number}",
        "opens_at": "2026-12-01T08:00:00Z",
        "closes_at": "2026-12-08T08:00:00Z",
        "release": 1,
        "status": "withheld",
    }


def serve_pages(service, path, pages):
    """Serves documents as pages: ``next`` is the number of the one that follows."""

    def interfere(request, answer):
        url = urlsplit(request.url)
        if url.path != path:
            return answer()
        (after,) = parse_qs(url.query).get("after", ["0"])
        following = int(after) + 1
        more = str(following) if following < len(pages) else None
        return reply({**pages[int(after)], "next": more})

    service.intercept = interfere


def test_a_list_is_read_to_its_end(client, service):
    pages = [{"teams": [team(1), team(2)]}, {"teams": [team(3)]}, {"teams": []}]
    serve_pages(service, "/v1/teams", pages)

    teams = client.teams.list()

    assert [each.external_id for each in teams] == ["team-1", "team-2", "team-3"]
    asked = [parse_qs(urlsplit(request.url).query) for request in service.log[1:]]
    assert asked == [
        {"limit": ["500"]},
        {"limit": ["500"], "after": ["1"]},
        {"limit": ["500"], "after": ["2"]},
    ]


def test_a_trend_is_whole_and_its_heading_is_of_the_newest_wave(client, service):
    rising = {"direction": "rising", "per_four_weeks": 3, "detectable": 2}
    shared = {"team": NORTH, "explanation": []}
    pages = [
        {**shared, "waves": [point(3)], "heading": {**NONE_CLEAR, "trust": rising}},
        {**shared, "waves": [point(2), point(1)], "heading": NONE_CLEAR},
    ]
    serve_pages(service, f"/v1/teams/{TEAM}/trend", pages)

    trend = client.teams.trend(TEAM)

    assert [each.wave_id for each in trend.points] == ["acme.3", "acme.2", "acme.1"]
    assert trend.heading.trust.direction == "rising"


def test_half_a_list_is_no_list(client, service):
    serve_pages(service, "/v1/teams", [{"teams": [team(1)]}, {"teams": [team(2)]}])
    give_page = service.intercept
    service.intercept = lambda request, answer: (
        drop_request(request, answer)
        if "after" in request.url
        else give_page(request, answer)
    )

    with pytest.raises(TransportFailure):
        client.teams.list()
