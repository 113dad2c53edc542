"""From the slip of paper to "received", whatever happens in between."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.browser.phones import (
    LATER,
    MAY_KEEP,
    SEEN_AGAIN,
    count_rows,
    new_context,
    persistent_context,
    phone_on,
    wait_until,
)
from tests.web.browser.proxy import Signal


def test_answer_survives_a_stopped_server_and_a_dead_battery(
    agency, playwright, tmp_path
):
    """The server stops, the browser is killed; one answer arrives in the end."""
    code, before = agency.new_code(), count_rows(agency.database)
    signal = Signal(agency.url)
    try:
        context = persistent_context(playwright, tmp_path)
        with phone_on(context, signal, MAY_KEEP) as phone:
            phone.enrol(code)
            phone.keep_offline()
            agency.stop()
            phone.reload()
            phone.answer()
            phone.send()
            phone.sees("Locked, and waiting.")
            phone.sees("Nobody can read it here, you included.")
        # The battery is dead; later the phone starts again, still without a signal.
        with phone_on(
            persistent_context(playwright, tmp_path), signal, MAY_KEEP
        ) as phone:
            phone.open()
            phone.sees("One answer has not been sent yet.")
            agency.start()
            phone.send_again("Your answer is in.")
            phone.reload()
            phone.sees("Your answer is in.")
    finally:
        if agency.server is None:
            agency.start()
        signal.close()

    assert count_rows(agency.database) == before + 1


def test_answer_whose_reply_is_lost_counts_once(agency, phone, signal, code):
    before = count_rows(agency.database)
    phone.enrol(code)
    phone.answer()
    signal.mode = "lossy"
    phone.send()
    phone.sees("Locked, and waiting.")
    assert count_rows(agency.database) == before + 1

    signal.mode = "good"
    phone.send_again("Your answer is in.")
    assert count_rows(agency.database) == before + 1
    assert signal.submissions >= 2


def test_login_page_in_between_takes_nothing(agency, phone, signal, code):
    """A network's own page answers 200 to everything."""
    before = count_rows(agency.database)
    phone.enrol(code)
    phone.keep_offline()
    phone.answer()
    signal.mode = "login"
    phone.send()
    phone.sees("Something else replies here.")
    phone.reload()
    phone.sees("Locked, and waiting.")
    assert count_rows(agency.database) == before

    signal.mode = "good"
    phone.send_again("Your answer is in.")
    assert count_rows(agency.database) == before + 1


def test_service_of_another_version_takes_nothing(agency, phone, signal, code):
    """It knows none of the addresses; the answer waits until it does."""
    before = count_rows(agency.database)
    phone.enrol(code)
    phone.answer()
    signal.mode = "old"
    phone.send()
    phone.sees("Locked, and waiting.")
    assert count_rows(agency.database) == before

    signal.mode = "good"
    phone.send_again("Your answer is in.")

    assert count_rows(agency.database) == before + 1


FROZEN = """
const start = globalThis.setTimeout;
globalThis.setTimeout = (work, wait, ...more) =>
  wait > 1000 ? 0 : start(work, wait, ...more);
"""
"""No timer fires later: phones freeze a page soon after it is out of sight."""


@pytest.mark.parametrize("event", ["online", "seen", "launch"])
def test_signal_that_comes_back_sends_by_itself(
    agency, browser, playwright, signal, event
):
    """It sends when online, seen again or opened: no Background Sync, no timer."""
    before = count_rows(agency.database)
    context = new_context(browser, playwright)
    with phone_on(context, signal, MAY_KEEP, FROZEN, LATER) as phone:
        phone.enrol(agency.new_code())
        phone.answer()
        if event == "online":
            context.set_offline(True)
        else:
            signal.mode = "none"
        phone.send()
        phone.sees("No signal")
        phone.sees("Locked, and waiting.")
        phone.page.evaluate("window.later(10)")
        signal.mode = "good"
        if event == "online":
            context.set_offline(False)
        elif event == "seen":
            phone.page.evaluate(SEEN_AGAIN)
        else:
            context.add_init_script("window.later(20)")
            phone.reload()

        phone.sees("Your answer is in.")

    assert count_rows(agency.database) == before + 1


def test_two_tabs_send_an_answer_once(agency, browser, playwright, signal):
    two_tabs_send(agency, browser, playwright, signal, requests=1)

    assert signal.submissions == 1


def test_second_flush_is_detected(agency, browser, playwright, signal):
    """Planted: without the lock over all tabs, the same answer is sent twice."""
    planted = (
        "LockManager.prototype.request = async function (name, options, work) {"
        "  return (work ?? options)({ name });"
        "};"
    )

    two_tabs_send(agency, browser, playwright, signal, planted, requests=2)


def two_tabs_send(agency, browser, playwright, signal, *scripts, requests):
    """Presses Send in two tabs; the reply waits until so many requests have come."""
    context = new_context(browser, playwright)
    with phone_on(context, signal, MAY_KEEP, *scripts) as phone:
        phone.enrol(agency.new_code())
        phone.answer()
        signal.mode = "none"
        phone.send()
        phone.sees("Locked, and waiting.")
        other = phone.open_tab()
        other.sees("One answer has not been sent yet.")
        signal.gate.clear()
        signal.mode = "good"
        other.tap("Try to send now")
        wait_until(other.page, lambda: signal.submissions >= 1)
        phone.tap("Try to send now")
        phone.sees("Sending")
        wait_until(phone.page, lambda: signal.submissions >= requests)
        signal.gate.set()
        phone.sees("Your answer is in.")
        other.sees("Your answer is in.")


def test_draft_is_there_after_the_page_was_ended(phone, code):
    phone.enrol(code)
    phone.tap("Start")
    phone.tap("Start: five questions")
    phone.tap("Rarely")
    phone.sees("2 of 5.")
    phone.tap("Never")
    phone.sees("3 of 5.")
    phone.reload()
    phone.sees("3 of 5.")
    again = phone.open_tab()
    again.tap("Go on where you stopped")
    again.tap("Go on")

    again.sees("3 of 5.")


def test_answer_can_be_changed_before_it_is_sent(phone, code):
    phone.enrol(code)
    phone.answer("Often")
    phone.page.get_by_role("button", name=re.compile("^Change: ")).first.click()
    phone.is_on("question")
    expect(phone.page.get_by_role("button", name="Often")).to_have_attribute(
        "aria-pressed", "true"
    )
    phone.tap("Always")

    phone.is_on("review")
    expect(phone.page.get_by_text("Always")).to_have_count(1)
    expect(phone.page.get_by_text("Often", exact=True)).to_have_count(4)


def test_sent_answer_can_be_withdrawn(phone, signal, code):
    phone.enrol(code)
    phone.answer()
    phone.send()
    phone.sees("Your answer is in.")
    phone.tap("Withdraw my answer")
    phone.is_on("withdraw")
    phone.tap("Withdraw it")

    phone.sees("You took your answer back.")
    assert signal.submissions == 2
    phone.tap("Done")
    phone.sees("It is counted nowhere.")


def test_withdrawal_of_an_unsent_answer_sends_no_answer(phone, signal, code):
    phone.enrol(code)
    phone.answer()
    signal.mode = "none"
    phone.send()
    phone.sees("Locked, and waiting.")
    phone.tap("Withdraw my answer")
    phone.tap("Withdraw it")
    phone.sees("Your withdrawal waits for signal.")
    signal.mode = "good"
    phone.send_again("You took your answer back.")
    assert signal.submissions == 1


def test_clock_that_is_years_off_does_not_prevent_an_answer(
    agency, browser, playwright, signal
):
    planted = """
    const shift = 5 * 365 * 864e5, RealDate = Date;
    globalThis.Date = class extends RealDate {
      constructor(...parts) {
        super(...(parts.length ? parts : [RealDate.now() + shift]));
      }
      static now() { return RealDate.now() + shift; }
    };
    """
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP, planted) as phone:
        phone.enrol(agency.new_code())
        phone.answer()
        phone.send()

        phone.sees("Your answer is in.")


def test_no_personal_data_is_in_any_address_or_log(agency, journey):
    code, signal = journey.code, journey.phone.signal
    secrets = [code, code.partition("-")[2], code.replace("-", "")]
    assert journey.phone.page.url == f"{signal.url}/"
    assert not any(secret in each.path for each in signal.asked for secret in secrets)
    log = agency.installation.log.read_text()
    assert not any(secret in log for secret in secrets)
    for each in signal.calls():
        assert "Cookie" not in each.headers
        assert "Referer" not in each.headers
        if each.path == "/v1/submissions":
            assert "Authorization" not in each.headers


def test_no_request_leaves_the_origin(journey):
    origin = f"{journey.phone.signal.url}/"

    assert any(url.endswith("/v1/submissions") for url in journey.urls)
    assert all(url.startswith(origin) for url in journey.urls)


TOUCH = """
([kind, places]) => {
  const touches = places.map(([clientX, clientY], identifier) =>
    new Touch({ identifier, target: document.body, clientX, clientY }));
  document.body.dispatchEvent(new TouchEvent(kind, { bubbles: true, touches }));
}
"""


def touch(phone, *moments):
    """Touches the screen: each moment has a kind of event and where the fingers are."""
    for moment in moments:
        phone.page.evaluate(TOUCH, moment)


FINGER, PAIR, APART = [[50, 50]], [[50, 50], [150, 50]], [[20, 50], [190, 50]]


@pytest.mark.parametrize("way", ["hide", "escape", "fingers", "switch"])
def test_gesture_blanks_the_screen(enrolled_phone, way):
    phone = enrolled_phone
    phone.tap("Start")
    phone.tap("Start: five questions")
    phone.sees("1 of 5.")
    if way == "hide":
        phone.tap("Hide")
    elif way == "escape":
        phone.page.keyboard.press("Escape")
    elif way == "fingers":
        fingers = [("touchstart", FINGER), ("touchstart", PAIR)]
        touch(phone, *fingers, ("touchend", FINGER), ("touchend", []))
    else:
        phone.page.evaluate(
            "Object.defineProperty(document, 'visibilityState', { value: 'hidden' });"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
    phone.is_on("blank")
    assert phone.page.inner_text("body").split("\n")[-1] == "Tap to go on"
    assert phone.page.title() == "Rapport"

    phone.page.get_by_role("button", name="Tap to go on").click()
    phone.sees("1 of 5.")


def test_two_fingers_that_zoom_blank_nothing(enrolled_phone):
    phone = enrolled_phone
    phone.tap("Start")
    touch(phone, ("touchstart", FINGER), ("touchstart", PAIR), ("touchmove", APART))
    touch(phone, ("touchend", [APART[0]]), ("touchend", []))
    touch(phone, ("touchstart", FINGER), ("touchstart", PAIR))
    phone.page.evaluate("new Promise((next) => setTimeout(next, 400))")
    touch(phone, ("touchend", []))

    phone.is_on("promise")


def test_blank_screen_stays_blank_on_the_way_back(enrolled_phone):
    """The next reader sees nothing until the button is tapped."""
    phone = enrolled_phone
    phone.tap("Start")
    phone.tap("Start: five questions")
    phone.tap("Hide")
    phone.is_on("blank")
    phone.page.go_back()
    phone.page.evaluate("new Promise((next) => setTimeout(next))")
    phone.is_on("blank")

    phone.tap("Tap to go on")
    phone.is_on("promise")


def test_home_and_back_after_send_show_no_problem(journey):
    phone = journey.phone
    phone.tap("Home")
    phone.is_on("home")
    phone.has_no_alert()
    phone.page.go_back()
    phone.is_on("became")
    for _ in range(3):  # the questions before it are no longer there
        phone.page.go_back()
        phone.is_on("became")
        phone.has_no_alert()
    phone.sees("Your answer is in.")


def test_outcome_of_send_is_read_aloud(phone, code):
    """The heading keeps the focus, and the region of the status is not replaced."""
    phone.enrol(code)
    phone.answer()
    status = phone.page.get_by_role("status")
    region = status.element_handle()
    phone.send()

    expect(status).to_have_text(re.compile(r"Your answer is in\."))
    expect(phone.page.get_by_role("heading", level=1)).to_be_focused()
    assert region.evaluate("each => each.isConnected")


def test_outcome_without_a_signal_is_read_aloud(phone, signal, code):
    phone.enrol(code)
    phone.answer()
    signal.mode = "none"
    phone.send()

    expect(phone.page.get_by_role("status")).to_have_text(
        re.compile("Locked, and waiting.*There is no signal")
    )


def open_review_in_two_tabs(phone, code):
    """The last look in one tab, and the same pulse, answered so far, in another."""
    phone.enrol(code)
    phone.answer()
    other = phone.open_tab()
    other.tap("Go on where you stopped")
    other.tap("Go on")
    other.is_on("review")
    return other


def test_form_in_another_tab_ends_with_send(phone, code):
    """No readable answer is shown, or stored, once Send was pressed in one of them."""
    other = open_review_in_two_tabs(phone, code)
    phone.send()
    phone.sees("Your answer is in.")

    other.is_on("became")
    other.has_no_alert()
    assert "Often" not in other.page.inner_text("body")
    assert phone.stores("draft") == 0


MUTE = "BroadcastChannel.prototype.postMessage = () => {};"
"""Tabs that receive nothing from each other, as where one of them is frozen."""


def test_tap_in_another_tab_after_send_stores_nothing(
    agency, browser, playwright, signal
):
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP, MUTE) as phone:
        other = open_review_in_two_tabs(phone, agency.new_code())
        other.page.get_by_role("button", name=re.compile("^Change: ")).first.click()
        other.is_on("question")
        phone.send()
        phone.sees("Your answer is in.")
        other.tap("Never")

        other.is_on("became")
        other.has_no_alert()
        assert phone.stores("draft") == 0


def test_form_in_another_tab_ends_when_the_person_leaves(phone, code):
    other = open_review_in_two_tabs(phone, code)
    phone.open_anew()
    phone.tap("This phone")
    phone.tap("Leave this phone")
    phone.tap("Leave")
    phone.is_on("code")

    other.is_on("code")
    other.has_no_alert()
    assert phone.stores("draft") == 0
