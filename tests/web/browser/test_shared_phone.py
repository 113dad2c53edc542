"""A phone that two people use: the next one sees nothing, and what waits is sent."""

from tests.web.browser.phones import (
    LATER,
    MAY_KEEP,
    SEEN_AGAIN,
    new_context,
    phone_on,
    wait_until,
)


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
