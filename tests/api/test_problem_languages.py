"""English and Spanish titles, where callers may say which language they read."""

import pytest

from rapport_schemas.problems import Problem
from tests.support.admin import AdminClient

SPANISH = {"Accept-Language": "es-MX, en;q=0.5"}


def test_every_problem_has_a_title_in_both_languages():
    for language in ("en", "es"):
        titles = {problem.title_in(language) for problem in Problem}
        assert len(titles) == len(Problem)
    for problem in Problem:
        assert problem.title_in("es") != problem.title_in("en") == problem.kind.title


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

    assert reply.get_json()["title"] == Problem.UNAUTHENTICATED.title_in(language)
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
        titles = {problem.kind.code: problem.kind.title for problem in Problem}
        assert reply.get_json()["title"] == titles[reply.get_json()["code"]]
        assert "Content-Language" not in reply.headers
        assert "Accept-Language" not in reply.headers.get("Vary", "")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/submissions"), ("POST", "/v1/submission"), ("GET", "/v1/keys/")],
)
def test_possible_misspelling_of_the_ballot_box_is_answered_as_the_ballot_box_is(
    service, method, path
):
    reply = service.http.open(path, method=method, headers=SPANISH)

    assert reply.get_json()["title"].isascii()
    assert "Content-Language" not in reply.headers
    assert "Accept-Language" not in reply.headers.get("Vary", "")


def test_codes_and_what_to_do_about_them_are_the_same_in_every_language(service):
    admin = AdminClient(service.agency({}))

    english, spanish = (
        admin.post(
            "/v1/people/nobody/codes", {"purpose": "reading"}, **language
        ).get_json()
        for language in ({}, SPANISH)
    )

    assert english["code"] == spanish["code"] == "person-not-found"
    assert english["retry"] == spanish["retry"]
    assert spanish["title"] == (
        "Esta persona no está en la plantilla. Compruebe el identificador."
    )
