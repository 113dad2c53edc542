"""A code for reading scores: the SDK refuses it, and it stays good."""

import pytest

from rapport_client import CodeForReading, FieldDevice
from rapport_schemas.enums import Purpose
from tests.pollbook.poll_book_requests import enrol
from tests.sync.app_transport import ORIGIN, ServiceClock


def test_a_phone_refuses_a_reading_code_and_it_can_be_used_elsewhere(
    service, wire, tmp_path
):
    agency = service.agency({"a": 9}, supervises={"boss": ["a"]})
    code = agency.code("boss", Purpose.READING)
    with FieldDevice(
        tmp_path / "outbox.db",
        ORIGIN,
        transport=wire,
        clock=ServiceClock(service.clock),
    ) as device:
        with pytest.raises(CodeForReading) as refused:
            device.enrol(code)
        assert not device.enrolled

    reply = enrol(service, code, refused.value.device)

    assert reply.status_code == 200
    assert reply.get_json()["scope"] == "supervisor"
    token = reply.get_json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert service.http.get("/v1/teams", headers=bearer).status_code == 200
