"""Storage of a browser: it may be wiped, refused, full, and lose a write."""

import pytest
from playwright.sync_api import expect

from tests.web.browser.phones import (
    MAY_KEEP,
    new_context,
    phone_on,
)
from tests.web.pictures import open_stage
from tests.web.scripts import PICTURES


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


def _wipe(phone):
    session = phone.page.context.new_cdp_session(phone.page)
    session.send(
        "Storage.clearDataForOrigin",
        {"origin": phone.signal.url, "storageTypes": "indexeddb,cache_storage"},
    )
