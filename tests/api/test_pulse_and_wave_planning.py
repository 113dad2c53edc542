"""Pulses and waves by API."""

from datetime import datetime
from functools import partial
from uuid import uuid4

import pytest

from rapport_service.core.db import Door
from rapport_service.waves.planning import create_pulse
from tests.support.admin import (
    AdminClient,
    audit_entries,
    code_of,
    fields_of,
    program_headers,
)
from tests.support.audit import TEST_ACTOR
from tests.support.concurrency import open_transaction

PULSE = {"first_opens": "2027-03-15T09:00"}
LENGTHS = {"every_weeks": 2, "open_days": 7, "announce_days": 7, "grace_days": 7}
WAVE = {
    "announces_at": "2027-03-01T12:00:00Z",
    "opens_at": "2027-03-02T12:00:00Z",
    "closes_at": "2027-03-09T12:00:00Z",
    "seals_at": "2027-03-16T12:00:00Z",
}


def the_wave(admin):
    (wave,) = admin.get("/v1/waves").get_json()["waves"]
    return wave


def test_pulse_has_the_default_lengths(admin):
    reply = admin.post("/v1/pulses", PULSE)
    pulse = reply.get_json()

    assert reply.status_code == 201
    expected = PULSE | LENGTHS | {"id": pulse["id"], "active": True, "time_zone": "UTC"}
    sizes = {"can_be_asked": True, "teams_without_score": []}
    assert pulse == expected | sizes | {"unusual_times": []}
    assert admin.get("/v1/pulses").get_json() == {"pulses": [expected], "next": None}


def test_a_pulse_plans_its_waves_until_it_is_stopped(agency, admin):
    pulse = admin.post("/v1/pulses", PULSE).get_json()
    agency.tick()
    assert the_wave(admin)["pulse_id"] == pulse["id"]

    stopped = [admin.post(f"/v1/pulses/{pulse['id']}/stop") for _ in range(2)]
    agency.tick(days=7)

    assert [reply.status_code for reply in stopped] == [200, 200]
    admin = AdminClient(agency)
    assert the_wave(admin)["pulse_id"] == pulse["id"]
    assert not admin.get("/v1/pulses").get_json()["pulses"][0]["active"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_opens": "2027-03-15T09:00:00Z"}, "first_opens"),
        ({"first_opens": "2027-02-30T09:00"}, "first_opens"),
        ({"first_opens": "9999-03-15T09:00"}, "first_opens"),
        ({"open_days": "7"}, "open_days"),
        ({"open_days": 0}, "open_days"),
        ({"every_weeks": 10**20}, "every_weeks"),
        ({"open_days": 15}, "open_days"),
    ],
)
def test_a_pulse_that_cannot_run_is_not_made(admin, change, field):
    assert fields_of(admin.post("/v1/pulses", PULSE | change)) == [field]
    assert admin.get("/v1/pulses").get_json() == {"pulses": [], "next": None}


def test_one_of_two_overlapping_pulses_at_once_is_made(service, agency, admin):
    doing = partial(
        create_pulse,
        organization_id=agency.id,
        first_opens=datetime.fromisoformat(PULSE["first_opens"]),
        now=service.clock(),
        actor=TEST_ACTOR,
        **LENGTHS,
    )

    with open_transaction(service, Door.POLL_BOOK, doing) as creating:
        waited, reply, made = creating.run_meanwhile(
            partial(admin.post, "/v1/pulses", PULSE)
        )

    assert waited
    assert code_of(reply) == "window-taken"
    (pulse,) = admin.get("/v1/pulses").get_json()["pulses"]
    assert pulse["id"] == str(made.pulse_id)


def test_pulse_of_another_agency_cannot_be_stopped(service, admin):
    theirs = (
        AdminClient(service.agency({"a": 1})).post("/v1/pulses", PULSE).get_json()["id"]
    )

    for pulse in (theirs, uuid4()):
        refused = admin.post(f"/v1/pulses/{pulse}/stop")
        assert code_of(refused) == "pulse-not-found"


def test_wave_is_planned_with_the_default_retirement(admin):
    reply = admin.post("/v1/waves", WAVE)

    assert reply.status_code == 201
    expected = WAVE | {
        "id": reply.get_json()["id"],
        "pulse_id": None,
        "state": "planned",
        "retires_at": "2028-04-12T12:00:00Z",
        "reason": None,
    }
    sizes = {"can_be_asked": True, "teams_without_score": []}
    assert reply.get_json() == expected | sizes
    assert the_wave(admin) == expected


def test_a_wave_that_is_planned_by_api_is_announced(agency, admin):
    wave = admin.post("/v1/waves", WAVE).get_json()["id"]

    agency.tick()

    assert the_wave(admin)["state"] == "announced"
    assert agency.phone("a-1").kid(wave)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"opens_at": "2027-03-02T12:00:00"}, "opens_at"),
        ({"opens_at": "2027-13-02T12:00:00Z"}, "opens_at"),
        ({"seals_at": "9999-03-02T12:00:00Z"}, "seals_at"),
        ({"late_releases_at": ["2027-03-30T12:00:00Z"]}, "late_releases_at"),
        ({"opens_at": "2027-03-01T12:00:00Z"}, "opens_at"),
        ({"announces_at": "2027-03-01T11:59:59Z"}, "announces_at"),
        ({"retires_at": "2027-03-16T12:00:00Z"}, "retires_at"),
    ],
)
def test_a_wave_that_cannot_be_is_not_planned(admin, change, field):
    assert fields_of(admin.post("/v1/waves", WAVE | change)) == [field]
    assert admin.get("/v1/waves").get_json() == {"waves": [], "next": None}


def test_wave_is_cancelled_with_a_reason_that_phones_get(agency, admin):
    wave = agency.announce()

    reply = admin.post(f"/v1/waves/{wave}/cancel", {"reason": "A storm."})

    assert reply.status_code == 200
    assert (the_wave(admin)["state"], the_wave(admin)["reason"]) == (
        "cancelled",
        "A storm.",
    )
    assert ("admin", "wave_cancelled", wave) in audit_entries(agency)
    again = admin.post(f"/v1/waves/{wave}/cancel", {"reason": "A storm."})
    assert again.get_json() == reply.get_json()
    assert len(audit_entries(agency)) == 1
    other = admin.post(f"/v1/waves/{wave}/cancel", {"reason": "A flood."})
    assert code_of(other) == "wave-ended"


def test_a_wave_is_not_cancelled_without_a_reason(agency, admin):
    wave = agency.announce()

    assert fields_of(admin.post(f"/v1/waves/{wave}/cancel", {})) == ["reason"]


def test_wave_of_another_agency_cannot_be_cancelled(service, admin):
    theirs = service.agency({"a": 8})
    wave = theirs.announce()

    for named in (wave, f"{admin_id(admin)}.{uuid4()}", "nothing"):
        refused = admin.post(f"/v1/waves/{named}/cancel", {"reason": "Mine."})
        assert code_of(refused) == "not-found"
    assert theirs.wave(wave).cancel_reason is None


def admin_id(admin):
    return admin.post("/v1/waves", WAVE).get_json()["id"].partition(".")[0]


def test_only_administrators_plan(service, agency):
    headers = program_headers(service, *agency.client())

    for path in ("/v1/pulses", "/v1/waves"):
        assert code_of(service.http.get(path, headers=headers)) == "scope-missing"
        refused = service.http.post(path, json={}, headers=headers)
        assert code_of(refused) == "scope-missing"
