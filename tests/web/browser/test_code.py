"""The code: how it is typed, and every way in which it can be wrong."""

import pytest

from demo.agency import ALL_CASEWORKERS
from tests.web.browser.phones import MAY_KEEP, new_context, phone_on


@pytest.fixture
def code(agency):
    """Another code of a person who may have used one; these tests answer nothing."""
    return agency.new_code_of(ALL_CASEWORKERS[0])


@pytest.mark.parametrize(
    "typed",
    [str.upper, str.lower, lambda code: code.replace("-", " "), lambda c: f"  {c} "],
    ids=["capitals", "small", "spaces", "around"],
)
def test_code_is_accepted_as_people_type_it(phone, code, typed):
    phone.open()
    phone.page.get_by_label("I have a code").fill(typed(code))
    phone.tap("Continue")

    phone.is_on("home")


def test_code_of_a_link_is_filled_in_and_leaves_the_address(phone, signal, code):
    phone.open(code)

    assert phone.page.get_by_label("I have a code").input_value() == code
    assert phone.page.url == f"{signal.url}/"
    assert all(code not in each.path for each in signal.asked)


@pytest.mark.parametrize(
    ("code", "says", "then"),
    [
        ("acme-7QFM", "This is not a whole code", "Compare each group"),
        ("", "This is not a whole code", "Compare each group"),
        ("acme-0000-0000-0000", "Nobody has this code", "letter by letter"),
    ],
)
def test_wrong_code_says_what_to_do_next(phone, code, says, then):
    phone.open()
    phone.page.get_by_label("I have a code").fill(code)
    phone.tap("Continue")

    phone.sees(says)
    phone.sees(then)
    assert phone.page.locator("#code").get_attribute("aria-invalid") == "true"


def test_used_code_says_so(browser, playwright, signal, code):
    for text in ("Look for news", "This code was used already"):
        with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
            phone.open(code)
            phone.tap("Continue")
            phone.sees(text)


def test_code_that_is_too_old_says_so_and_another_one_works(agency, phone, code):
    agency.age_code_of(ALL_CASEWORKERS[0])
    again = agency.new_code_of(ALL_CASEWORKERS[0])
    phone.open(code)
    phone.tap("Continue")
    phone.sees("This code is too old")
    phone.sees("Ask the person who gave it to you for a new one.")

    phone.page.get_by_label("I have a code").fill(again)
    phone.tap("Continue")
    phone.is_on("home")


def test_code_is_not_lost_where_the_service_has_another_version(phone, signal, code):
    phone.open(code)
    signal.mode = "old"
    phone.tap("Continue")
    phone.sees("Rapport has a new version")
    assert phone.page.get_by_label("I have a code").input_value() == code

    signal.mode = "good"
    phone.tap("Continue")
    phone.is_on("home")


def test_code_for_reading_says_where_it_belongs(agency, phone):
    phone.open(agency.reading_code)
    phone.tap("Continue")

    phone.sees("This code is for reading results")
    phone.sees("ask the person who gave it to you for a code for answering")


def test_code_without_a_signal_is_not_lost(phone, signal, code):
    phone.open(code)
    signal.mode = "none"
    phone.tap("Continue")
    phone.sees("There is no signal")
    assert phone.page.get_by_label("I have a code").input_value() == code

    signal.mode = "good"
    phone.tap("Continue")
    phone.is_on("home")


def test_code_behind_a_login_page_is_not_lost(phone, signal, code):
    phone.open(code)
    signal.mode = "login"
    phone.tap("Continue")
    phone.sees("Something else replied")

    signal.mode = "good"
    phone.tap("Continue")
    phone.is_on("home")


def test_visitor_without_a_code_learns_what_this_is(phone):
    phone.open()

    phone.sees("Five questions about how your team works together")
    for way in ("Results, for supervisors", "Administration"):
        phone.tap(way)
        phone.is_on("ways")
        phone.tap("Back")
        phone.is_on("code")
    assert (
        phone.page.get_by_role("link", name="For developers").get_attribute("href")
        == "/docs"
    )


def test_language_can_be_chosen_before_anything_else(phone):
    phone.open()
    phone.tap("Español")

    phone.sees("Cinco preguntas sobre cómo trabaja su equipo")
    phone.reload()
    phone.sees("Tengo un código")
    assert phone.page.locator("html").get_attribute("lang") == "es"
