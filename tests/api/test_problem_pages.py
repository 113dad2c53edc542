"""Pages of problems: each ``type`` leads to an explanation, for people or programs."""

import re

import pytest

from rapport_schemas.problem_explanations import RETRY_SENTENCES, load_texts
from rapport_schemas.problems import Problem, ProblemSchema, Retry
from rapport_service.api.docs_page import CONTENT_SECURITY_POLICY
from rapport_service.api.problem_pages import LABELS
from tests.api import problem_checks
from tests.api.test_api_document import Page

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LANGUAGES = ("en", "es")
COMMON_MEMBERS = {"type", "title", "status", "code", "retry", "request_id"}


def get(service, path, language="en", accept="application/json"):
    headers = {"Accept": accept, "Accept-Language": language}
    return service.http.get(path, headers=headers)


@pytest.mark.parametrize("problem", Problem, ids=lambda p: p.kind.code)
def test_type_leads_to_a_page_in_the_readers_language(service, problem):
    path = f"/problems/{problem.kind.code}"
    for language in LANGUAGES:
        reply = get(service, path, language, BROWSER)
        document = get(service, path, language).get_json()

        assert (reply.status_code, reply.mimetype) == (200, "text/html")
        assert f'<html lang="{language}">' in reply.text
        for text in (document["title"], document["meaning"], document["action"]):
            assert text in reply.text.replace("&#39;", "'")
        assert f"<code>{problem.kind.code}</code>" in reply.text


@pytest.mark.parametrize("problem", Problem, ids=lambda p: p.kind.code)
def test_type_leads_to_a_document_for_programs(service, problem):
    for language in LANGUAGES:
        document = get(service, f"/problems/{problem.kind.code}", language).get_json()

        assert document["type"] == f"/problems/{problem.kind.code}"
        assert document["code"] == problem.kind.code
        assert document["status"] == problem.kind.status
        assert document["retry"] == problem.kind.retry
        assert document["title"] == problem.title_in(language)


def test_type_of_a_real_problem_leads_to_its_explanation(service):
    problem = service.http.get("/v1/teams").get_json()

    assert get(service, problem["type"]).get_json()["title"] == problem["title"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("application/problem+json, application/json", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("text/csv", "application/json"),
        ("text/html", "text/html"),
        (BROWSER, "text/html"),
        ("text/*", "text/html"),
    ],
)
@pytest.mark.parametrize("path", ["/problems", "/problems/invalid"])
def test_accept_decides_between_page_and_document(service, path, accept, media):
    reply = service.http.get(path, headers={} if accept is None else {"Accept": accept})

    assert reply.mimetype == media
    assert {"Accept", "Accept-Language"} <= set(reply.vary)


@pytest.mark.parametrize(
    ("wanted", "language"),
    [(None, "en"), ("fr", "en"), ("es-MX, en;q=0.5", "es"), ("en, es", "en")],
)
@pytest.mark.parametrize("accept", ["application/json", BROWSER])
def test_accept_language_decides_and_english_is_the_default(
    service, accept, wanted, language
):
    headers = {"Accept": accept} | ({"Accept-Language": wanted} if wanted else {})

    reply = service.http.get("/problems/invalid", headers=headers)

    assert reply.headers["Content-Language"] == language
    assert Problem.INVALID.title_in(language) in reply.text


def test_each_form_and_language_has_an_etag_of_its_own(service):
    replies = {
        (language, accept): get(service, "/problems/busy", language, accept)
        for language in LANGUAGES
        for accept in ("application/json", BROWSER)
    }
    tags = {reply.headers["ETag"] for reply in replies.values()}

    assert len(tags) == 4
    for (language, accept), reply in replies.items():
        headers = {
            "Accept": accept,
            "Accept-Language": language,
            "If-None-Match": reply.headers["ETag"],
        }
        again = service.http.get("/problems/busy", headers=headers)
        assert again.status_code == 304


def test_list_has_every_problem_as_its_page_has_it(service):
    for language in LANGUAGES:
        listed = get(service, "/problems", language).get_json()["problems"]

        assert [each["code"] for each in listed] == [p.kind.code for p in Problem]
        for each in listed:
            assert get(service, each["type"], language).get_json() == each


@pytest.mark.parametrize("code", ["nothing", "INVALID", "Invalid", "%00", "invalid.es"])
@pytest.mark.parametrize("accept", ["application/json", BROWSER])
def test_unknown_code_is_not_found(service, code, accept):
    reply = get(service, f"/problems/{code}", accept=accept)

    assert problem_checks.read_problem(reply) is Problem.NOT_FOUND


@pytest.mark.parametrize("path", ["/problems", "/problems/invalid"])
def test_page_is_as_strict_as_the_document_page(service, path):
    reply = get(service, path, accept=BROWSER)
    shown = Page(reply.text)

    assert reply.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert not {"script", "img", "iframe", "style", "form"} & set(shown.tags)
    assert shown.inline == []
    for link in shown.links:
        assert service.http.get(link).status_code == 200, link


def sentences(text):
    return re.split(r"(?<=[.?]) ", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_explanation_is_short_sentences(language):
    texts = load_texts()
    explained = texts["problems"].values()
    for text in (
        *(each[part][language] for each in explained for part in ("meaning", "action")),
        *(member[language] for member in texts["members"].values()),
        *(sentence[language] for sentence in RETRY_SENTENCES.values()),
    ):
        assert text.endswith("."), text
        for sentence in sentences(text):
            assert len(sentence.split()) <= 25, sentence


def unexplained(texts):
    """Codes and members without an explanation, and explanations of nothing."""
    codes = {problem.kind.code for problem in Problem}
    members = ProblemSchema().fields.keys() - COMMON_MEMBERS
    listed = {m for each in texts["problems"].values() for m in each["members"]}
    return (
        (codes ^ texts["problems"].keys())
        | (members ^ texts["members"].keys())
        | (listed ^ members)
    )


def test_every_problem_and_every_member_is_explained():
    assert unexplained(load_texts()) == set()
    assert RETRY_SENTENCES.keys() == set(Retry)
    assert LABELS["en"].keys() == LABELS["es"].keys()


def test_planted_gap_in_the_explanations_is_detected():
    texts = load_texts()
    problems = {k: v for k, v in texts["problems"].items() if k != "busy"}

    assert unexplained(texts | {"problems": problems}) == {"busy"}


def test_the_two_languages_differ():
    texts = load_texts()
    for explained in texts["problems"].values():
        for part in ("meaning", "action"):
            assert explained[part]["en"] != explained[part]["es"]
