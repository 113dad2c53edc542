"""Every screen: WCAG 2.2 AA by axe, small and large, with large text, by keyboard."""

import re
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web.browser.phones import MAY_KEEP, new_context, phone_on
from tests.web.pictures import open_stage
from tests.web.scripts import ON_WAVE, PICTURES, TEXTS, Picture, ask, draft, pulse

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL, DESK = (320, 568), (1280, 800)
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

DOUBLE = "document.documentElement.style.fontSize = '200%'"


@dataclass
class Look:
    """Faults of the screens in one language, scheme and size, by screen.

    Attributes:
        violations: what axe reports, one line each.
        small: what is too small for a thumb.
        wide: pixels that are cut off at the side.
        wide_double: the same with text of double size.
    """

    violations: dict[str, list[str]] = field(default_factory=dict)
    small: dict[str, list[str]] = field(default_factory=dict)
    wide: dict[str, int] = field(default_factory=dict)
    wide_double: dict[str, int] = field(default_factory=dict)


@pytest.fixture(
    scope="module",
    params=[
        ("en", "light", SMALL),
        ("es", "dark", SMALL),
        ("es", "light", DESK),
        ("en", "dark", DESK),
    ],
    ids=["en-light-phone", "es-dark-phone", "es-light-desk", "en-dark-desk"],
)
def look(request, browser, files_url):
    """Each screen is shown once, and everything is looked at."""
    language, scheme, size = request.param
    look = Look()
    with open_stage(
        browser, files_url, language=language, scheme=scheme, size=size
    ) as stage:
        for picture in PICTURES:
            page, name = stage.show(picture), picture.name
            look.wide[name] = page.evaluate(OVERFLOW)
            look.small[name] = page.evaluate(TARGETS)
            look.violations[name] = list_violations(page)
            page.evaluate(DOUBLE)
            look.wide_double[name] = page.evaluate(OVERFLOW)
    assert look.wide.keys() == BY_NAME.keys()
    return look


@pytest.fixture(scope="module")
def stage(browser, files_url):
    """A phone in English, on which one screen after the other is shown."""
    with open_stage(browser, files_url) as stage:
        yield stage


def list_violations(page):
    """Violations that axe reports of a page, one line each.

    The window is as high as the page: what lies below the tabs is not too small.
    """
    size = page.viewport_size
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size(size | {"height": max(size["height"], height)})
    options = {"runOnly": STANDARD, "resultTypes": ["violations"]}
    result = Axe().run(page, options=options)
    return [
        f"{each['id']}: {node['html'][:120]}"
        for each in result.response["violations"]
        for node in each["nodes"]
    ]


def test_screens_have_no_violation(look):
    assert {name: lines for name, lines in look.violations.items() if lines} == {}


def test_nothing_is_cut_off(look):
    """The small phone is 320 px wide."""
    assert {name: extra for name, extra in look.wide.items() if extra > 0} == {}


def test_text_of_double_size_is_not_cut_off(look):
    assert {name: extra for name, extra in look.wide_double.items() if extra > 0} == {}


def test_targets_have_room_for_a_thumb(look):
    """44 px, each way."""
    assert {name: lines for name, lines in look.small.items() if lines} == {}


@pytest.mark.parametrize(
    ("defect", "rule"),
    [
        ("document.querySelector('label').remove()", "label"),
        ("document.documentElement.lang = ''", "html-has-lang"),
        ("document.querySelector('.btn').style.color = '#5f8f9b'", "color-contrast"),
        ("document.querySelector('h1').replaceChildren()", "empty-heading"),
    ],
)
def test_planted_defect_is_detected(stage, defect, rule):
    page = stage.show(BY_NAME["code"])
    assert list_violations(page) == []
    page.evaluate(defect)
    rules = {line.partition(":")[0] for line in list_violations(page)}

    assert rule in rules


@pytest.mark.parametrize("language", ["en", "es"])
def test_answers_are_in_reach_without_scrolling(browser, files_url, language):
    """Every question of the bank, on the smallest phone."""
    feet = {}
    with open_stage(browser, files_url, language=language, size=SMALL) as stage:
        for name in TEXTS:
            script = {"pulses": [pulse()], "questions": ask(name), "drafts": draft(0)}
            view = {"screen": "question", "at": 0, **ON_WAVE}
            page = stage.show(Picture(f"question-{name}", script, view))
            feet[name] = foot_of(page.locator(".pass .btn").last)
        page = stage.show(BY_NAME["context"])
        feet["context"] = foot_of(page.locator(".pass .btn").last)

    assert {name: foot for name, foot in feet.items() if foot > SMALL[1]} == {}


def foot_of(target):
    """The end of an element, in pixels from the top of the screen."""
    box = target.bounding_box()
    return box["y"] + box["height"]


LOOK = """each => {
  const { backgroundColor, borderColor, boxShadow } = getComputedStyle(each);
  return [backgroundColor, borderColor, boxShadow];
}"""


def test_answer_under_the_pointer_does_not_look_chosen(browser, files_url):
    """After a tap the next question has an answer at the same place."""
    with open_stage(browser, files_url, size=DESK) as stage:
        page = stage.show(BY_NAME["question"])
        answers = page.locator(".five > button")
        answers.nth(3).hover()
        looks = [each.evaluate(LOOK) for each in answers.all()]

    assert len(looks) == 5
    assert all(look == looks[0] for look in looks)


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


def test_screen_reader_gets_question_answers_and_state(stage):
    page = stage.show(BY_NAME["question-answered"])
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


def test_screen_reader_gets_the_state_of_an_answer(stage):
    page = stage.show(BY_NAME["became-waiting"])
    expect(page.locator("main")).to_match_aria_snapshot(
        """
        - heading "Locked, and waiting." [level=1]
        - list:
          - listitem:
            - paragraph: "Done: Locked on this phone"
          - listitem:
            - paragraph: "Now: Waiting for signal"
          - listitem:
            - paragraph: "Later: Received"
          - listitem:
            - paragraph: "Later: Opened with everybody\u2019s"
          - listitem:
            - paragraph: "Later: Result"
        - button "Try to send now"
        - button "Withdraw my answer"
        """
    )


def test_screen_reader_gets_a_result_in_words_and_figures(stage):
    page = stage.show(BY_NAME["results-table"])
    expect(page.locator("main")).to_match_aria_snapshot(
        """
        - heading "This team stands at about 65 of 100, probably between 61 and \
69." [level=1]
        - figure:
          - heading "The level by all waves, and this wave" [level=2]
          - 'img "The level by all waves, and this wave Trust: level 69 \
(64 to 74), this wave 69 (62 to 75). Communication: level 61 (56 to 66), this wave 54 \
(47 to 61). Overall: level 65 (61 to 69), this wave 62 (57 to 67)."'
          - group:
            - table:
              - rowgroup:
                - row "Communication":
                  - rowheader "Communication"
                - row "Level 61 56 to 66"
                - row "This wave 54 47 to 61"
        - heading "Has it changed?" [level=2]
        """
    )


def test_new_screen_takes_the_focus_to_its_heading(stage):
    page = stage.show(BY_NAME["home-open"])
    page.get_by_role("button", name="Start").click()
    page.locator("body[data-screen=promise]").wait_for()

    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_problem_is_announced_and_takes_the_focus(stage):
    alert = stage.show(BY_NAME["code-unknown"]).get_by_role("alert")

    expect(alert).to_contain_text("Nobody has this code")
    expect(alert).to_be_focused()
