"""Devices and gateways of the SDK, wired to the service under test."""

import pytest

from rapport_client import FieldDevice, Gateway
from tests.sync.app_transport import ORIGIN, AppTransport, ServiceClock


@pytest.fixture
def wire(service):
    return AppTransport(service.app)


@pytest.fixture
def agency(service):
    return service.agency({"a": 12, "b": 12})


@pytest.fixture
def device(wire, agency, tmp_path):
    """One person's device, enrolled."""
    with FieldDevice(
        tmp_path / "outbox.db",
        ORIGIN,
        transport=wire,
        clock=ServiceClock(agency.service.clock),
    ) as device:
        device.enrol(agency.code("a-1"))
        yield device


@pytest.fixture
def gateway(wire, agency, tmp_path):
    """A kiosk with ten people, enrolled."""
    with Gateway(
        tmp_path / "kiosk.db",
        ORIGIN,
        transport=wire,
        clock=ServiceClock(agency.service.clock),
    ) as gateway:
        for number in range(1, 11):
            name = f"a-{number}"
            gateway.person(name).enrol(agency.code(name))
        yield gateway


def answer(device, value=4):
    """Answers the one open pulse."""
    (pulse,) = device.open_pulses()
    device.answer(
        pulse, {question.id: value for question in pulse.questions}, "stretched"
    )
