"""An object belongs to the thread that opened it; a file serves as many as open it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fake_service.phone import SERVER, ManualClock, Phone, answer_first_pulse
from fake_service.service import CODE

from rapport_client import Gateway, OutboxUnusable

OPERATIONS = {
    "sync": Phone.sync,
    "status": Phone.status,
    "open_pulses": Phone.open_pulses,
    "export_dead": Phone.export_dead,
    "enrol": lambda phone: phone.enrol(CODE, again=True),
    "close": Phone.close,
}


def run_in_other_thread(deed, *arguments):
    """Does something in another thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(deed, *arguments).result()


@pytest.mark.parametrize("deed", OPERATIONS)
def test_another_thread_is_asked_to_open_its_own(answered_phone, deed):
    with pytest.raises(OutboxUnusable, match="open the same file again"):
        run_in_other_thread(OPERATIONS[deed], answered_phone)

    assert answered_phone.sync().accepted == 1
    answered_phone.close()


def test_a_gateway_belongs_to_one_thread_too(gateway):
    for deed in (gateway.sync, gateway.people, gateway.close):
        with pytest.raises(OutboxUnusable, match="open the same file again"):
            run_in_other_thread(deed)

    assert gateway.people() == []


@pytest.mark.parametrize("deed", [deed for deed in OPERATIONS if deed != "close"])
def test_closed_object_says_so_and_may_be_closed_again(answered_phone, deed):
    answered_phone.close()

    with pytest.raises(OutboxUnusable, match="this outbox is closed"):
        OPERATIONS[deed](answered_phone)
    answered_phone.close()


def test_each_thread_may_have_an_object_on_the_same_file(tmp_path, service, keys):
    """One syncs over and over while the other answers; nothing is lost."""
    for key in keys[1:]:
        service.add_wave(key)
    path = tmp_path / "outbox.db"
    with Phone(path, SERVER, transport=service) as phone:
        phone.enrol(CODE)
        phone.sync()

        def keep_syncing():
            with Phone(path, SERVER, transport=service, clock=ManualClock()) as another:
                return sum(another.sync().accepted for _ in range(20))

        with ThreadPoolExecutor(1) as threads:
            synced = threads.submit(keep_syncing)
            for _ in keys:
                answer_first_pulse(phone)
            sent = synced.result()

        assert sent + phone.sync().accepted == len(keys)
        assert phone.status().settled == len(keys)


def test_a_person_of_a_gateway_belongs_to_its_thread(gateway, tmp_path, service):
    maria = gateway.person("maria")

    with pytest.raises(OutboxUnusable):
        run_in_other_thread(maria.sync)

    def enrol():
        with Gateway(tmp_path / "kiosk.db", SERVER, transport=service) as another:
            another.person("maria").enrol(CODE)

    run_in_other_thread(enrol)
    assert maria.enrolled
