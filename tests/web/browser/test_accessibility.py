"""Every screen: WCAG 2.2 AA by axe, small and large, with large text, by keyboard."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web.browser.phones import MAY_KEEP, new_context, phone_on
from tests.web.pictures import show_picture
from tests.web.scripts import PICTURES, Picture

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, SMALL, DESK = (360, 720), (320, 568), (1280, 800)
BY_NAME = {picture.name: picture for picture in PICTURES}

TARGETS = """
[...document.querySelectorAll('button, a[href], input, summary')]
  .filter(each => each.offsetParent !== null && !each.matches('.skip'))
  .map(each => [each.innerText || each.id, each.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44 || box.width < 44)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)
"""
"""Things to tap that are smaller than a thumb needs."""

OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"


def list_violations(page):
    """Violations that axe reports of a page, one line each.

    The window is as high as the page: what lies below the tabs is not too small.
    """
    size = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size(size | {"height": max(size["height"], height)})
    result = Axe().run(page, options={"runOnly": STANDARD})
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in result.response["violations"]
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(
    ("language", "scheme", "size"),
    [
        ("en", "light", PHONE),
        ("es", "dark", PHONE),
        ("es", "light", DESK),
        ("en", "dark", DESK),
    ],
    ids=["en-light-phone", "es-dark-phone", "es-light-desk", "en-dark-desk"],
)
def test_screens_have_no_violation(browser, files_url, language, scheme, size):
    violations = {}
    # A desk shows the same column in the middle, so one of each kind is enough there.
    shown = PICTURES if size == PHONE else PICTURES[::6]
    for picture in shown:
        with show_picture(
            browser,
            files_url,
            picture,
            language=language,
            scheme=scheme,
            size=size,
            scale=1,
        ) as page:
            violations[picture.name] = list_violations(page)

    assert {name: each for name, each in violations.items() if each} == {}


@pytest.mark.parametrize(
    ("defect", "rule"),
    [
        ("document.querySelector('label').remove()", "label"),
        ("document.documentElement.lang = ''", "html-has-lang"),
        ("document.querySelector('.btn').style.color = '#0a5467'", "color-contrast"),
    ],
)
def test_planted_defect_is_detected(browser, files_url, defect, rule):
    with show_picture(browser, files_url, BY_NAME["code"], scale=1) as page:
        page.evaluate(defect)
        rules = {line.partition(":")[0] for line in list_violations(page)}

    assert rule in rules


@pytest.mark.parametrize("language", ["en", "es"])
def test_screens_fit_a_small_phone_and_a_thumb(browser, files_url, language):
    """320 px wide: nothing is cut off, and every target has 44 px."""
    wide, small = {}, {}
    for picture in PICTURES:
        with show_picture(
            browser, files_url, picture, language=language, size=SMALL, scale=1
        ) as page:
            wide[picture.name] = page.evaluate(OVERFLOW)
            small[picture.name] = page.evaluate(TARGETS)

    assert {name for name, extra in wide.items() if extra > 0} == set()
    assert {name: each for name, each in small.items() if each} == {}


@pytest.mark.parametrize(
    "name", ["code", "home-waiting", "promise", "question", "review", "became-received"]
)
def test_text_of_double_size_is_not_cut_off(browser, files_url, name):
    with show_picture(
        browser, files_url, BY_NAME[name], language="es", size=PHONE, scale=1
    ) as page:
        page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")

        assert page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("name", ["question", "context"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_answers_are_in_reach_without_scrolling(browser, files_url, name, language):
    with show_picture(
        browser, files_url, BY_NAME[name], language=language, size=SMALL, scale=1
    ) as page:
        last = page.locator(".pass .btn").last.bounding_box()

    assert last["y"] + last["height"] <= SMALL[1]


def test_whole_way_by_keyboard_alone(agency, browser, playwright, signal):
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
        phone.open(agency.new_code())
        type_key = phone.page.keyboard.press

        def tab_to(name):
            for _ in range(25):
                type_key("Tab")
                focused = phone.page.evaluate(
                    "document.activeElement.innerText || document.activeElement.id"
                )
                if re.fullmatch(name, focused.strip()):
                    return
            raise AssertionError(f"no way to {name} by keyboard")

        tab_to("code")
        type_key("Enter")
        phone.is_on("home")
        phone.sees("Five questions about your last two weeks.")
        tab_to("Start")
        type_key("Enter")
        phone.is_on("promise")
        tab_to("Start: five questions")
        type_key("Enter")
        for number in range(1, 6):
            phone.sees(f"{number} of 5.")
            tab_to("Often")
            type_key("Enter")
        phone.is_on("context")
        tab_to("Normal")
        type_key("Space")
        phone.is_on("review")
        tab_to("Send")
        type_key("Enter")

        phone.sees("Your answer is in.")


def test_screen_reader_gets_question_answers_and_state(browser, files_url):
    with show_picture(browser, files_url, BY_NAME["question-answered"]) as page:
        assert page.title() == "Question 5 of 5 - Rapport"
        expect(page.locator("main")).to_match_aria_snapshot(
            """
            - heading "Someone linked me with the right person outside my team when I \
needed it." [level=1]
            - group "Answers":
              - button "Never"
              - button "Rarely"
              - button "Sometimes"
              - button "Often"
              - button "Always"
              - button "Does not apply / can't say" [pressed]
              - button "Skip"
            """
        )


def test_screen_reader_gets_the_state_of_an_answer(browser, files_url):
    with show_picture(browser, files_url, BY_NAME["became-waiting"]) as page:
        expect(page.locator("main")).to_match_aria_snapshot(
            """
            - heading "Locked, and waiting." [level=1]
            - list:
              - listitem: /Done. Locked on this phone/
              - listitem: /Now. Waiting for signal/
              - listitem: /Later. Received/
              - listitem: /Later. Opened with everybody/
              - listitem: /Later. Result/
            """
        )


def test_new_screen_takes_the_focus_to_its_heading(browser, files_url):
    picture = Picture("start", BY_NAME["home-open"].script)
    with show_picture(browser, files_url, picture) as page:
        page.get_by_role("button", name="Start").click()
        page.locator("body[data-screen=promise]").wait_for()

        assert page.evaluate("document.activeElement.tagName") == "H1"


def test_problem_is_announced_and_takes_the_focus(browser, files_url):
    with show_picture(browser, files_url, BY_NAME["code-unknown"]) as page:
        assert page.get_by_role("alert").inner_text().startswith("Nobody has this code")
        assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
