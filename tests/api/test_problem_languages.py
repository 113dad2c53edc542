"""English and Spanish titles, where somebody may tell which language they read."""

import pytest

from rapport_schemas.problem_titles import SPANISH_TITLES, title_of
from rapport_schemas.problems import Problem
from tests.support.admin import AdminClient

SPANISH = {"Accept-Language": "es-MX, en;q=0.5"}


def test_every_problem_has_a_title_in_both_languages():
    assert set(SPANISH_TITLES) == set(Problem)
    assert len(set(SPANISH_TITLES.values())) == len(Problem)
    for problem in Problem:
        assert title_of(problem, "es") != title_of(problem, "en") == problem.kind.title


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("es", "es"),
        ("es-419", "es"),
        ("es-MX, en;q=0.5", "es"),
        ("es;q=0.1, en", "en"),
        ("fr", "en"),
        ("es;q=0", "en"),
        ("ES-es", "es"),
        ("fr, es;q=0.2", "es"),
        ("*", "en"),
        ("\u00f1;q=x,,;", "en"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/sync", "/v1/teams", "/v1/clients"])
def test_the_poll_book_and_the_reports_speak_the_callers_language(
    service, path, accepted, language
):
    headers = {} if accepted is None else {"Accept-Language": accepted}

    reply = service.http.get(path, headers=headers)

    assert reply.get_json()["title"] == title_of(Problem.UNAUTHENTICATED, language)
    assert reply.headers["Content-Language"] == language
    assert "Accept-Language" in reply.headers["Vary"]


def test_the_ballot_box_never_asks_for_a_language(service):
    replies = [
        service.http.get("/v1/keys/none", headers=SPANISH),
        service.http.post("/v1/submissions", data=b"{", headers=SPANISH),
        service.http.post("/v1/submissions", json={}, headers=SPANISH),
        service.http.get("/v1/keys/none", headers=SPANISH | {"Cookie": "a=b"}),
    ]

    for reply in replies:
        problem = next(
            one for one in Problem if one.kind.code == reply.get_json()["code"]
        )
        assert reply.get_json()["title"] == problem.kind.title
        assert "Content-Language" not in reply.headers
        assert "Accept-Language" not in reply.headers.get("Vary", "")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/submissions"), ("POST", "/v1/submission"), ("GET", "/v1/keys/")],
)
def test_what_could_be_a_misspelt_ballot_box_is_answered_as_the_ballot_box_is(
    service, method, path
):
    reply = service.http.open(path, method=method, headers=SPANISH)

    assert reply.get_json()["title"].isascii()
    assert "Content-Language" not in reply.headers
    assert "Accept-Language" not in reply.headers.get("Vary", "")


def test_codes_and_what_to_do_about_them_are_the_same_in_every_language(service):
    admin = AdminClient(service.agency({}))

    one, other = (
        admin.post("/v1/people/nobody/codes", {"purpose": "reading"}, **language)
        for language in ({}, SPANISH)
    )

    assert one.get_json()["code"] == other.get_json()["code"] == "person-not-found"
    assert one.get_json()["retry"] == other.get_json()["retry"]
    assert other.get_json()["title"] == "Esa persona no figura en la plantilla."
