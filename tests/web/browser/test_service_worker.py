"""The service worker: offline after the first visit, and never in the way."""

import pytest

from tests.web.browser.phones import (
    MAY_KEEP,
    new_context,
    phone_on,
    wait_until,
)

WAITING = """
navigator.serviceWorker.ready.then(async (registration) => {
  await registration.update();
  while (!registration.waiting) await new Promise((next) => setTimeout(next, 50));
})
"""
"""Resolves when a new service worker waits for its turn."""


def test_app_opens_without_a_network_after_the_first_visit(phone, signal):
    phone.open()
    phone.keep_offline()
    signal.mode = "none"
    phone.reload()

    phone.sees("Five questions about how your team works together")
    phone.open_tab().sees("I have a code")


@pytest.mark.parametrize("path", ["/results", "/admin", "/docs", "/v1/jwks.json", "/x"])
def test_worker_answers_for_its_own_files_alone(enrolled_phone, path):
    page, url = enrolled_phone.page, enrolled_phone.signal.url
    replies = []

    def note(reply):
        replies.append(reply)

    page.on("response", note)
    page.evaluate("path => fetch(path).then(reply => reply.status)", path)
    page.evaluate("fetch('/app/style.css').then(reply => reply.status)")
    page.remove_listener("response", note)

    by_path = {reply.url.removeprefix(url): reply for reply in replies}
    assert not by_path[path].from_service_worker
    assert by_path["/app/style.css"].from_service_worker


UPDATED = """
navigator.serviceWorker.ready.then(async (registration) => {
  let worker = null;
  registration.addEventListener("updatefound", () => {
    worker = registration.installing;
  });
  await registration.update();
  while (!["redundant", "activated"].includes(worker?.state)) {
    await new Promise((next) => setTimeout(next, 50));
  }
  return worker.state;
})
"""
"""The last state of a new service worker."""


def test_worker_takes_no_file_from_a_login_page(phone, signal):
    """Else the page of a hotel would be the app from then on.

    The new worker itself comes through; its files are another network's.
    """
    phone.open()
    phone.keep_offline()
    signal.version = 1
    signal.login_paths = "/app/"
    signal.mode = "login"
    assert phone.page.evaluate(UPDATED) == "redundant"
    signal.mode = "none"
    phone.reload()

    phone.sees("Five questions about how your team works together")


def test_app_opens_from_the_network_where_its_cache_is_broken(phone, signal):
    signal.planted = (
        b"CacheStorage.prototype.match ="
        b" () => Promise.reject(new DOMException('', 'UnknownError'));\n"
    )
    phone.open()
    phone.keep_offline()
    phone.reload()

    phone.sees("Five questions about how your team works together")


def test_app_says_whether_it_opens_without_signal(enrolled_phone):
    enrolled_phone.sees("You can answer with or without signal.")


def test_new_worker_waits_while_an_answer_is_unsent(
    agency, browser, playwright, signal
):
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
        phone.enrol(agency.new_code())
        phone.keep_offline()
        phone.answer()
        signal.mode = "lossy"
        phone.send()
        phone.sees("Locked, and waiting.")
        first = _caches(phone)
        signal.version = 2
        phone.reload()
        phone.page.evaluate(WAITING)
        phone.tap("Try to send now")
        phone.is_idle()
        assert first[0] in _caches(phone)

        signal.mode = "good"
        phone.send_again("Your answer is in.")

        wait_until(phone.page, lambda: first[0] not in _caches(phone))
        assert len(_caches(phone)) == 1
        phone.sees("Your answer is in.")


def test_new_worker_waits_for_an_answer_of_a_person_who_left(
    agency, browser, playwright, signal
):
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
        phone.enrol(agency.new_code())
        phone.keep_offline()
        phone.answer()
        signal.mode = "lossy"
        phone.send()
        phone.sees("Locked, and waiting.")
        phone.tap("Home")
        phone.tap("This phone")
        phone.tap("Leave this phone")
        phone.tap("Leave")
        phone.is_on("code")
        first = _caches(phone)
        signal.version = 4
        phone.reload()
        phone.page.evaluate(WAITING)
        phone.tap("Continue")
        phone.sees("This is not a whole code")
        phone.is_idle()

        assert first[0] in _caches(phone)


def test_new_worker_waits_while_a_form_is_open(agency, browser, playwright, signal):
    with phone_on(new_context(browser, playwright), signal, MAY_KEEP) as phone:
        phone.enrol(agency.new_code())
        phone.keep_offline()
        phone.tap("Start")
        phone.tap("Start: five questions")
        phone.sees("1 of 5.")
        before = _caches(phone)
        signal.version = 3
        other = phone.open_tab()
        other.sees("Five questions about your last two weeks.")
        other.page.evaluate(WAITING)
        other.tap("Look for news")
        other.is_idle()

        assert before[0] in _caches(phone)
        phone.tap("Often")
        phone.sees("2 of 5.")


def _caches(phone):
    return phone.page.evaluate("caches.keys()")
