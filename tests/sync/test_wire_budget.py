"""Budgets for the bytes of bodies as they cross the wire (I22)."""

import pytest

from rapport_client import FieldDevice
from tests.support.ballots import combine_keys
from tests.support.service import start_service
from tests.sync.app_transport import ORIGIN, AppTransport, ServiceClock
from tests.sync.conftest import answer

GROUPS = 200
PEOPLE_A_GROUP = 8


def up(exchange):
    return len(exchange.request.body)


def down(exchange):
    return len(exchange.response.body)


@pytest.mark.usefixtures("wave")
def test_one_submission_is_at_most_900_bytes_up_and_400_down(agency, device, wire):
    device.sync()
    agency.tick(days=2)
    answer(device)
    assert device.sync().accepted == 1

    (exchange,) = wire.submissions()
    assert up(exchange) <= 900
    assert down(exchange) <= 400


def test_a_withdrawal_is_as_long_as_a_submission(agency, device, wire, wave):
    """But for what gzip makes of random bytes: its length varies by some bytes."""
    device.sync()
    agency.tick(days=2)
    answer(device)
    device.sync()
    device.withdraw(wave)
    assert device.sync().withdrawn == 1

    submission, withdrawal = wire.submissions()
    assert abs(up(withdrawal) - up(submission)) < 20
    assert down(withdrawal) <= 400


@pytest.mark.usefixtures("wave")
def test_a_gateways_ten_are_at_most_7000_bytes_up_and_1200_down(agency, gateway, wire):
    gateway.sync()
    agency.tick(days=2)
    for number, name in enumerate(gateway.people()):
        answer(gateway.person(name), number % 5 + 1)
    assert gateway.sync().accepted == 10

    (exchange,) = wire.submissions()
    assert up(exchange) <= 7000
    assert down(exchange) <= 1200


@pytest.fixture
def large(tmp_path, ballot_keys):
    """An agency of 200 groups, each with a key of its own; a wave is announced."""
    keys = iter(combine_keys(ballot_keys, GROUPS + 1))
    with start_service(f"sqlite:///{tmp_path}/large.db", keys) as service:
        agency = service.agency(
            {f"group-{number}": PEOPLE_A_GROUP for number in range(GROUPS)}
        )
        agency.announce()
        yield agency


def test_a_first_sync_of_200_groups_is_at_most_20000_bytes_and_another_one_none(
    large, tmp_path
):
    wire = AppTransport(large.service.app)
    with FieldDevice(
        tmp_path / "outbox.db",
        ORIGIN,
        transport=wire,
        clock=ServiceClock(large.service.clock),
    ) as device:
        device.enrol(large.code("group-7-3"))
        wire.log.clear()

        assert device.sync().drawn == 1
        assert {exchange.path.split("/")[2] for exchange in wire.log} == {
            "sync",
            "waves",
            "keys",
            "instruments",
            "ballots",
        }
        assert sum(map(down, wire.log)) <= 20_000

        wire.log.clear()
        device.sync()

    (again,) = wire.log
    assert (again.response.status, down(again), up(again)) == (304, 0, 0)
