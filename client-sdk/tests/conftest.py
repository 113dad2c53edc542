"""Fixtures of the SDK's tests."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fake_service.http_server import serve
from fake_service.phone import SERVER, ManualClock, Phone, answer_first_pulse
from fake_service.service import CODE, FakeService
from fake_service.terminal import Terminal

from rapport_client import Client, Gateway


@pytest.fixture(scope="session")
def keys():
    """Three ballot keys, made once: one per wave."""
    return [rsa.generate_private_key(65537, 2048) for _ in range(3)]


@pytest.fixture
def service(keys):
    """A service with one open wave."""
    service = FakeService()
    service.add_wave(keys[0])
    return service


@pytest.fixture
def wave(service):
    """The service's one open wave."""
    return next(iter(service.waves.values()))


@pytest.fixture
def server_clock(service):
    """The true time, as the service tells it."""
    clock = ManualClock()
    service.clock = lambda: clock.now
    return clock


@pytest.fixture
def client(service):
    """A program that reads scores."""
    with Client(SERVER, "acme-client", "s3cret", transport=service) as client:
        yield client


@pytest.fixture
def new_phone(service, tmp_path):
    """Opens a phone on the same outbox file each time, or on another one."""
    opened = []

    def open_phone(name="outbox.db", **options):
        phone = Phone(tmp_path / name, SERVER, transport=service, **options)
        opened.append(phone)
        return phone

    yield open_phone
    for phone in opened:
        phone.close()


@pytest.fixture
def gateway(service, tmp_path):
    """A kiosk without an enrolled person."""
    with Gateway(
        tmp_path / "kiosk.db", SERVER, transport=service, clock=ManualClock()
    ) as gateway:
        yield gateway


@pytest.fixture
def phone(new_phone):
    """A phone that is enrolled and holds a ballot."""
    phone = new_phone()
    phone.enrol(CODE)
    phone.sync()
    return phone


@pytest.fixture
def answered_phone(phone, service):
    """A phone with one answer waiting; the log of requests starts here."""
    answer_first_pulse(phone)
    service.log.clear()
    return phone


@pytest.fixture
def settled_phone(new_phone, service, server_clock):
    """A phone whose answer was accepted; phone and service share a clock."""
    phone = new_phone(clock=server_clock)
    phone.enrol(CODE)
    phone.sync()
    answer_first_pulse(phone)
    assert phone.sync().accepted == 1
    service.log.clear()
    return phone


@pytest.fixture
def open_service(keys):
    """A service with one wave that is open by the clock of this machine."""
    service = FakeService()
    now = datetime.now(UTC)
    service.add_wave(
        keys[0], opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1)
    )
    return service


@pytest.fixture
def terminal(open_service, tmp_path, capsys, monkeypatch):
    """The command line in English, with that service on a real socket."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with serve(open_service) as front:
        yield Terminal(tmp_path / "outbox.db", front.origin, capsys, monkeypatch)


@pytest.fixture
def enrolled_terminal(terminal):
    """The command line of a device that is enrolled and holds a ballot."""
    assert terminal.online("enrol", CODE).exit == 0
    assert terminal.online("sync").exit == 0
    return terminal


@pytest.fixture
def enrol_people(gateway, service, wave):
    """Enrols so many people, who all answer."""

    def enrol(people, *, answering=True):
        names = [f"person {number}" for number in range(people)]
        for number, name in enumerate(names):
            code = f"acme-0000-0000-{number:04}"
            service.codes[code] = None
            gateway.person(name).enrol(code)
        for name in names:
            wave.signed.clear()  # the service signs one ballot a person
            device = gateway.person(name)
            device._choose_form = lambda _: 0
            device.sync()
            if answering:
                answer_first_pulse(device)
        service.log.clear()
        service.batches.clear()
        return names

    return enrol
