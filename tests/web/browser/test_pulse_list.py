"""The list of pulses: it has not come, is on its way, or comes later."""

from playwright.sync_api import expect

from tests.web.browser.phones import (
    MAY_FORGET,
    new_context,
    phone_on,
    wait_until,
)


def lose_the_list(phone):
    """No signal, as soon as the code has been used."""
    phone.page.route("**/v1/sync", lambda route: route.abort())


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
