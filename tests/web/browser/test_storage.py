"""Storage of a browser: it may forget, refuse, lose and close."""

import json
import re

import pytest
from playwright.sync_api import expect

from demo.agency import ALL_CASEWORKERS
from tests.web.browser.phones import (
    LATER,
    MAY_FORGET,
    MAY_KEEP,
    ON_HOME_SCREEN,
    SEEN_AGAIN,
    new_context,
    phone_on,
    wait_until,
)
from tests.web.pictures import MAC, open_stage
from tests.web.scripts import PICTURES


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


def lose_the_list(phone):
    """No signal, as soon as the code has been used."""
    phone.page.route("**/v1/sync", lambda route: route.abort())


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


def find_the_list(phone):
    """The signal is back."""
    phone.page.unroute("**/v1/sync")


def test_phone_without_its_pulses_says_so(phone, code):
    """Nothing is known of what there is to answer, until the list has come."""
    phone.open(code)
    lose_the_list(phone)
    phone.tap("Continue")
    phone.is_on("home")
    phone.sees("This phone has not fetched your pulses yet.")
    phone.sees("No signal")
    assert phone.page.get_by_text("Up to date").count() == 0

    find_the_list(phone)
    phone.tap("Fetch them now")
    phone.sees("Five questions about your last two weeks.")


def test_phone_that_fetches_its_pulses_says_so(phone, code):
    """A slow signal is no missing one, and asks for no tap."""
    held = []
    phone.open(code)
    phone.page.route("**/v1/sync", lambda route: held.append(route))  # noqa: PLW0108
    phone.tap("Continue")
    phone.sees("This phone is fetching your pulses.")
    wait_until(phone.page, lambda: bool(held))  # the screen says so first
    fetch = phone.page.get_by_role("button", name="Fetch them now")
    expect(fetch).to_have_count(0)

    held[0].continue_()
    phone.page.unroute("**/v1/sync")
    phone.sees("Five questions about your last two weeks.")


def test_iphone_tab_without_its_pulses_says_so(agency, browser, playwright, signal):
    tab = new_context(browser, playwright, is_iphone=True)
    with phone_on(tab, signal, MAY_FORGET) as phone:
        phone.open(agency.new_code())
        phone.tap("Continue")
        phone.page.get_by_text("I would rather answer here, now").click()
        lose_the_list(phone)
        phone.tap("Answer now")
        phone.sees("This phone has not fetched your pulses yet.")
        assert phone.page.get_by_text("Nothing is open now").count() == 0

        find_the_list(phone)
        phone.tap("Fetch them now")
        phone.sees("Five questions about your last two weeks.")


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


def test_wiped_storage_starts_again_and_says_why_a_pulse_cannot_be_answered(
    agency, phone, code
):
    """A ballot is issued once; the screen says so and what will work."""
    phone.enrol(code)
    _wipe(phone)
    phone.reload()
    phone.is_on("code")
    phone.open(code)
    phone.tap("Continue")
    phone.sees("This code was used already")

    again = agency.new_code_of(agency.people[code])
    phone.page.get_by_label("I have a code").fill(again)
    phone.tap("Continue")
    phone.is_on("home")

    phone.sees("This pulse cannot be answered on this phone")
    phone.sees("It is given once.")


@pytest.mark.parametrize("fault", ["throws", "closes"])
def test_database_that_is_closed_from_outside_is_opened_again(
    agency, browser, playwright, signal, fault
):
    """A browser closes connections before a transaction, or in the middle of one."""
    planted = """
    const isDue = (kind) => window.fault === kind && !(window.fault = null);
    const begin = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = function (stores, mode, ...more) {
      if (mode === "readwrite" && isDue("throws"))
        throw new DOMException("closing", "InvalidStateError");
      return begin.call(this, stores, mode, ...more);
    };
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (row) {
      const asked = put.call(this, row);
      if (row.key[0] === "draft" && isDue("closes")) {
        this.transaction.abort();
        this.transaction.db.dispatchEvent(new Event("close"));
      }
      return asked;
    };
    """
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP, planted) as phone:
        phone.enrol(agency.new_code())
        phone.is_idle()
        phone.tap("Start")
        phone.tap("Start: five questions")
        phone.sees("1 of 5.")
        phone.page.evaluate("fault => { window.fault = fault; }", fault)
        phone.tap("Often")

        phone.sees("2 of 5.")
        assert phone.page.evaluate("window.fault") is None
        phone.has_no_alert()
        assert phone.stores("draft") == 1


DENIED = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() {
    throw new DOMException("denied", "SecurityError");
  } });
}
"""


def test_app_needs_no_storage_for_its_language_and_a_code(
    agency, browser, playwright, signal
):
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP, DENIED) as phone:
        phone.open()
        phone.tap("Español")
        phone.sees("Tengo un código")
        phone.tap("English")
        phone.enrol(agency.new_code())
        phone.answer()
        phone.send()

        phone.sees("Your answer is in.")


def test_refusal_of_all_storage_is_reported(browser, playwright, signal):
    """Blocked cookies refuse each of them, and the page is not blank."""
    refused = (
        "Object.defineProperty(window, 'indexedDB', { get() {"
        " throw new DOMException('denied', 'SecurityError'); } });"
    )
    context = new_context(browser, playwright)
    with phone_on(context, signal, MAY_KEEP, DENIED, refused) as phone:
        phone.open()

        phone.sees("This browser does not let Rapport keep anything")


def test_refused_storage_is_reported_before_anything_is_sent(
    agency, browser, playwright, signal
):
    planted = (
        "IDBFactory.prototype.open = () => {"
        " throw new DOMException('refused', 'SecurityError'); };"
    )
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP, planted) as phone:
        phone.open(agency.new_code())
        if phone.screen == "code":
            phone.tap("Continue")

        phone.sees("This browser does not let Rapport keep anything")
        assert signal.calls() == []


def test_screen_that_cannot_be_built_leads_elsewhere_and_the_app_syncs(
    browser, files_url
):
    """A document that no screen can read must not stop what waits."""
    (picture,) = (each for each in PICTURES if each.name == "home-unreadable")
    with open_stage(browser, files_url) as stage:
        page = stage.show(picture)
        expect(page.get_by_role("alert")).to_contain_text("That did not work")
        assert page.locator("html[data-is-synced]").count() == 1
        page.get_by_role("button", name="This phone").click()

        expect(
            page.get_by_role("heading", name="This phone", exact=True)
        ).to_be_visible()


def test_full_storage_keeps_what_was_answered(agency, browser, playwright, signal):
    planted = """
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...row) {
      if (window.isFull) throw new DOMException('full', 'QuotaExceededError');
      return put.apply(this, row);
    };
    """
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP, planted) as phone:
        phone.enrol(agency.new_code())
        phone.answer()
        phone.page.evaluate("window.isFull = true")
        phone.tap("Send")
        phone.sees("This phone is full")
        assert signal.submissions == 0
        phone.page.evaluate("window.isFull = false")
        phone.send()

        phone.sees("Your answer is in.")


def test_lost_write_is_not_called_locked(agency, browser, playwright, signal):
    """Planted: the browser reports success and stores nothing."""
    planted = """
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...row) {
      if (!window.isLosing) return put.apply(this, row);
      return this.get(JSON.stringify(row[1] ?? 'nothing'));
    };
    """
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP, planted) as phone:
        phone.enrol(agency.new_code())
        phone.answer()
        phone.page.evaluate("window.isLosing = true")
        phone.tap("Send")

        phone.sees("This phone did not keep it")
        assert phone.screen == "review"
        assert signal.submissions == 0


def test_shared_phone_shows_the_next_person_nothing_and_sends_what_waits(
    agency, browser, playwright, signal
):
    """It goes out minutes after the code of the next person, not together with it."""
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP, LATER) as phone:
        phone.enrol(agency.new_code())
        phone.answer()
        signal.mode = "none"
        phone.send()
        phone.sees("Locked, and waiting.")
        phone.tap("Home")
        phone.is_on("home")
        phone.tap("This phone")
        phone.tap("Leave this phone")
        phone.sees("Your answer that waits stays locked here and is sent by itself.")
        phone.tap("Leave")
        phone.is_on("code")
        assert "acme" not in phone.page.inner_text("body")

        signal.mode = "good"
        phone.open(agency.new_code())
        phone.tap("Continue")
        phone.is_on("home")
        phone.sees("Five questions about your last two weeks.")
        phone.tap("Look for news")
        phone.is_idle()
        assert signal.submissions == 0

        phone.page.evaluate("window.later(10)")
        phone.page.evaluate(SEEN_AGAIN)
        wait_until(phone.page, lambda: signal.submissions == 1)
        phone.page.evaluate(SEEN_AGAIN)
        assert phone.page.get_by_text("Your answer is in.").count() == 0


def test_login_sends_no_answer_that_waits(agency, browser, playwright, signal):
    """Their neighbourhood in time would show whose answer it is."""
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
        code = agency.new_code()
        phone.enrol(code)
        phone.answer()
        signal.mode = "none"
        phone.send()
        phone.sees("Locked, and waiting.")
        signal.mode = "good"
        again = agency.new_code_of(agency.people[code])
        for asked in ("code", "news"):
            signal.asked.clear()
            if asked == "code":
                phone.tap("Home")
                phone.tap("This phone")
                phone.tap("Enter a code")
                phone.page.get_by_label("I have a code").fill(again)
                phone.tap("Continue")
            else:
                phone.tap("Look for news")
            wait_until(phone.page, lambda: signal.count("/v1/sync", "GET") == 1)
            phone.is_idle()

            phone.sees("One answer has not been sent yet.")
            phone.sees("Locked, waiting to be sent")  # there is a signal
            assert signal.submissions == 0


def _wipe(phone):
    session = phone.page.context.new_cdp_session(phone.page)
    session.send(
        "Storage.clearDataForOrigin",
        {"origin": phone.signal.url, "storageTypes": "indexeddb,cache_storage"},
    )


def test_next_person_gets_the_promises_whole(agency, phone, code):
    for person in (code, agency.new_code()):
        phone.open(person)
        phone.tap("Continue")
        phone.sees("Five questions about your last two weeks.")
        phone.tap("Start")
        phone.sees("This is fixed for everybody. Nobody can change it for this pulse.")
        phone.tap("Start: five questions")
        phone.sees("1 of 5.")
        phone.open_anew()
        phone.tap("Start")
        phone.sees("You have read the promises before.")
        phone.tap("Home")
        phone.tap("This phone")
        phone.tap("Leave this phone")
        phone.tap("Leave")
        phone.is_on("code")
