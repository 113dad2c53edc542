"""Places where a phone may forget: the Home Screen, the Dock, a code that stays."""

import json
import re

from demo.agency import ALL_CASEWORKERS
from tests.web.browser.phones import (
    MAY_FORGET,
    MAY_KEEP,
    ON_HOME_SCREEN,
    new_context,
    phone_on,
)
from tests.web.pictures import MAC


def test_iphone_tab_neither_enrols_nor_draws_and_the_home_screen_app_does(
    agency, browser, playwright, signal
):
    """Safari and the app on the Home Screen share no storage."""
    code = agency.new_code()
    tab = new_context(browser, playwright, is_iphone=True)
    with phone_on(tab, signal, MAY_KEEP) as phone:
        phone.open(code)
        phone.tap("Continue")
        phone.sees("First, put Rapport on your Home Screen")
        phone.sees(re.compile("Safari deletes"))
        assert phone.page.locator(".code").inner_text().replace("\n", "") == code
        phone.reload()
        assert phone.page.locator(".code").inner_text().replace("\n", "") == code
        assert signal.calls() == []

    app = new_context(browser, playwright, is_iphone=True)
    with phone_on(app, signal, MAY_KEEP, ON_HOME_SCREEN) as phone:
        phone.open()
        phone.page.get_by_label("I have a code").fill(code.upper().replace("-", " "))
        phone.tap("Continue")
        phone.is_on("home")
        phone.answer()
        phone.send()
        phone.sees("Your answer is in.")

    assert signal.submissions == 1


def test_iphone_tab_answers_now_within_the_visit(agency, browser, playwright, signal):
    tab = new_context(browser, playwright, is_iphone=True)
    with phone_on(tab, signal, MAY_FORGET) as phone:
        phone.open(agency.new_code())
        phone.tap("Continue")
        phone.page.get_by_text("I would rather answer here, now").click()
        phone.sees("could guess that you answered today")
        phone.tap("Answer now")
        phone.is_on("promise")
        phone.tap("Start: five questions")
        for number in range(1, 6):
            phone.sees(f"{number} of 5.")
            phone.tap("Sometimes")
        phone.is_on("context")
        phone.tap("Skip")
        phone.is_on("review")
        phone.send()

        phone.sees("Your answer is in.")


def test_iphone_tab_shows_the_code_as_on_the_sheet_and_no_wrong_one(
    agency, browser, playwright, signal
):
    code = agency.new_code_of(ALL_CASEWORKERS[0])
    tab = new_context(browser, playwright, is_iphone=True)
    with phone_on(tab, signal, MAY_KEEP) as phone:
        phone.open()
        phone.page.get_by_label("I have a code").fill("acme-7QFM")
        phone.tap("Continue")
        phone.sees("This is not a whole code")

        phone.page.get_by_label("I have a code").fill(code.lower().replace("-", " "))
        phone.tap("Continue")
        phone.is_on("install")
        assert phone.page.locator(".code").inner_text().replace("\n", "") == code


def test_code_that_cannot_be_copied_is_selected(agency, browser, playwright, signal):
    refused = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
    code = agency.new_code()
    tab = new_context(browser, playwright, is_iphone=True)
    with phone_on(tab, signal, MAY_KEEP, refused) as phone:
        phone.open(code)
        phone.tap("Continue")
        phone.tap("Copy")

        phone.sees("Hold it and copy")
        assert phone.page.evaluate("getSelection().toString()").strip() == code


ON_A_MAC = f"""
for (const [name, value] of Object.entries({{ userAgent: {json.dumps(MAC)},
  vendor: "Apple Computer, Inc.", maxTouchPoints: 0 }}))
  Object.defineProperty(navigator, name, {{ value }});
"""


def test_safari_on_a_mac_asks_for_the_dock_first(agency, browser, signal):
    """The seven days hold there too, unless it promises to keep things."""
    context = browser.new_context()
    with phone_on(context, signal, MAY_FORGET, ON_A_MAC) as phone:
        phone.open(agency.new_code())
        phone.tap("Continue")

        phone.sees("First, add Rapport to the Dock")
        assert signal.calls() == []


def test_android_tab_that_may_forget_asks_to_install_first(
    agency, browser, playwright, signal
):
    with phone_on(new_context(browser, playwright), signal, MAY_FORGET) as phone:
        phone.open(agency.new_code())
        phone.tap("Continue")

        phone.sees("First, put Rapport on your Home Screen")
        phone.sees("This browser may delete what a website keeps.")
        assert signal.calls() == []


def test_app_says_that_the_phone_may_forget(agency, browser, playwright, signal):
    context = new_context(browser, playwright)
    with phone_on(context, signal, MAY_FORGET, ON_HOME_SCREEN) as phone:
        phone.enrol(agency.new_code())

        phone.sees("This phone may forget what waits here.")
        phone.tap("This phone")
        phone.sees("This phone has not promised to keep what waits here.")
