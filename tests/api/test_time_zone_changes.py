"""An organization's time zone: it is changed until a wave is announced, not after."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from rapport_service.agency.errors import TimeZoneGoneError
from rapport_service.cli.doctor import doctor
from rapport_service.cli.organizations import organization
from rapport_service.cli.waves import pulse as pulse_command
from rapport_service.core.db import db
from tests.cli.command_runner import run_command, run_command_json
from tests.support.admin import AdminClient
from tests.support.service import NOON

FORTNIGHTLY = {"first_opens": "2027-03-15T09:00", "announce_days": 1, "open_days": 5}


@pytest.fixture
def agency(service):
    return service.agency({"a": 10})


class Administrator:
    """An administrator with a fresh token for each request, however time passes."""

    def __init__(self, agency):
        self._agency = agency

    def __getattr__(self, name):
        return getattr(AdminClient(self._agency), name)


@pytest.fixture
def admin(agency):
    return Administrator(agency)


def change(admin, **settings):
    return admin.patch("/v1/organization", settings)


def openings(admin):
    waves = admin.get("/v1/waves").get_json()["waves"]
    return [wave["opens_at"] for wave in waves]


def audited(admin, action):
    entries = admin.get(f"/v1/audit?action={action}").get_json()
    return [entry["changes"] for entry in entries["entries"]]


def test_planned_wave_of_a_pulse_keeps_its_hour_of_the_clock(service, agency, admin):
    admin.post("/v1/pulses", FORTNIGHTLY)
    service.clock.advance(days=7)
    agency.tick()
    before = openings(admin)

    reply = change(admin, time_zone="America/Denver")

    assert before == ["2027-03-15T09:00:00Z"]
    assert reply.status_code == 200, reply.text
    assert reply.get_json()["time_zone"] == "America/Denver"
    assert openings(admin) == ["2027-03-15T15:00:00Z"]


def test_change_and_moved_wave_are_audited(service, agency, admin):
    admin.post("/v1/pulses", FORTNIGHTLY)
    service.clock.advance(days=7)
    agency.tick()

    for _ in range(2):
        change(admin, time_zone="America/Denver")

    ((setting,),) = audited(admin, "settings_changed")
    assert setting["before"] == {"time_zone": "UTC"}
    assert setting["after"] == {"time_zone": "America/Denver"}
    ((moved,),) = audited(admin, "wave_planned")
    assert moved["after"]["opens_at"] == "2027-03-15T15:00:00Z"


def test_announced_wave_and_one_planned_by_itself_stay(service, agency, admin):
    admin.post("/v1/pulses", FORTNIGHTLY)
    service.clock.now = datetime(2027, 3, 14, 10, tzinfo=UTC)
    agency.tick()
    agency.tick()
    single = {
        name: f"2027-03-2{day}T12:00:00Z"
        for name, day in (("announces_at", 0), ("opens_at", 1), ("closes_at", 2))
    }
    admin.post("/v1/waves", single | {"seals_at": "2027-03-23T12:00:00Z"})
    states = [wave["state"] for wave in admin.get("/v1/waves").get_json()["waves"]]

    change(admin, time_zone="Asia/Tokyo")

    assert states == ["announced", "planned"]
    assert openings(admin) == ["2027-03-15T09:00:00Z", "2027-03-21T12:00:00Z"]
    assert admin.get("/v1/pulses").get_json()["pulses"][0]["time_zone"] == "Asia/Tokyo"


def test_charter_names_the_zone_of_its_announcement_for_good(service, agency, admin):
    admin.post("/v1/pulses", FORTNIGHTLY)
    service.clock.now = datetime(2027, 3, 14, 10, tzinfo=UTC)
    agency.tick()
    agency.tick()
    (wave,) = admin.get("/v1/waves").get_json()["waves"]
    charter = service.http.get(f"/v1/waves/{wave['id']}/charter").data

    change(admin, time_zone="Asia/Tokyo")

    again = service.http.get(f"/v1/waves/{wave['id']}/charter").data
    assert json.loads(charter)["organization"]["time_zone"] == "UTC"
    assert again == charter


def test_postponed_date_stays_postponed(service, agency, admin):
    admin.post("/v1/pulses", FORTNIGHTLY)
    service.clock.advance(days=7)
    agency.tick()
    run_sql(
        "UPDATE waves SET seals_at = :at WHERE organization_id = :id",
        at="2027-04-27 09:00:00.000000",
        id=agency.id,
    )

    change(admin, time_zone="America/Denver")

    (wave,) = admin.get("/v1/waves").get_json()["waves"]
    assert wave["seals_at"] == "2027-04-27T15:00:00Z"


def test_zone_in_which_two_waves_would_meet_is_refused(service, agency, admin):
    back_to_back = FORTNIGHTLY | {"every_weeks": 1, "open_days": 7}
    admin.post("/v1/pulses", back_to_back)
    service.clock.now = datetime(2027, 3, 14, 10, tzinfo=UTC)
    agency.tick()
    agency.tick()

    refused = change(admin, time_zone="Asia/Tokyo")
    allowed = change(admin, time_zone="America/Denver")

    assert refused.status_code == 409
    assert refused.get_json()["code"] == "window-taken"
    assert refused.get_json()["taken_by"]["closes_at"] == "2027-03-22T09:00:00Z"
    assert allowed.status_code == 200


def test_zone_in_which_a_planned_wave_would_be_open_already_is_refused(
    service, agency, admin
):
    admin.post("/v1/pulses", FORTNIGHTLY)
    service.clock.now = datetime(2027, 3, 13, 10, tzinfo=UTC)
    agency.tick()
    service.clock.now = datetime(2027, 3, 15, 1, tzinfo=UTC)  # and no tick since

    refused = change(admin, time_zone="Asia/Tokyo")

    (error,) = refused.get_json()["errors"]
    assert (error["pointer"], error["code"]) == ("/time_zone", "too-early")
    assert admin.get("/v1/organization").get_json()["time_zone"] == "UTC"


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("America/Denvr", "America/Denver"),
        ("denver", "America/Denver"),
        ("US/Pacific-New", "US/Pacific"),
        ("localtime", "America/New_York"),
    ],
)
def test_unknown_zone_is_refused_with_the_one_that_is_meant(admin, zone, meant):
    reply = change(admin, time_zone=zone)

    (error,) = reply.get_json()["errors"]
    assert (error["pointer"], error["code"]) == ("/time_zone", "not-in-list")
    assert meant in error["detail"]


def test_command_says_when_the_moved_wave_opens_by_the_clock(service, agency, admin):
    admin.post("/v1/pulses", FORTNIGHTLY)
    service.clock.advance(days=7)
    agency.tick()

    printed = run_command(
        organization, "set", agency.id, "--time-zone", "America/Denver"
    )

    assert "now opens on 2027-03-15 09:00 (America/Denver)" in printed
    nothing = run_command(organization, "set", agency.id, status=2)
    assert "Say what to change: --min-pool or --time-zone." in nothing


AT_NIGHT = {"first_opens": "2027-03-07T02:30", "every_weeks": 1, "open_days": 2}


class TestUnusualTimes:
    """A pulse that opens at night meets the change of the clock twice a year."""

    @pytest.fixture
    def agency(self, service):
        return service.agency({"a": 10}, time_zone="America/New_York")

    def test_api_lists_them_with_the_instant_that_is_meant(self, admin):
        made = admin.post("/v1/pulses", AT_NIGHT).get_json()

        assert made["time_zone"] == "America/New_York"
        assert made["unusual_times"] == [
            {
                "local_time": local_time,
                "kind": "skipped",
                "at": f"{local_time[:10]}T07:30:00Z",
            }
            for local_time in ("2027-03-14T02:30", "2028-03-12T02:30")
        ]

    def test_command_says_which_time_is_meant(self, agency):
        printed = run_command(
            *(pulse_command, "create", agency.id, "--first-opens", "2027-11-07T01:30"),
            *("--every-weeks", "18", "--open-days", "7"),
        )

        assert (
            "note: 2027-11-07 01:30 (America/New_York) comes twice: the clock goes"
            " back. The first one is meant."
        ) in printed
        assert "the first wave opens on 2027-11-07 01:30 (America/New_York)" in printed

    def test_pulse_by_day_has_none(self, admin):
        made = admin.post("/v1/pulses", FORTNIGHTLY).get_json()

        assert made["unusual_times"] == []


class TestZoneThatIsGone:
    """An update of the list of time zones may take one away."""

    @pytest.fixture
    def agency(self, service):
        agency = service.agency({"a": 10})
        admin = Administrator(agency)
        admin.post("/v1/pulses", FORTNIGHTLY)
        begin = NOON + timedelta(hours=1)
        names = ("announces_at", "opens_at", "closes_at", "seals_at")
        single = {
            name: (begin + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ")
            for day, name in enumerate(names)
        }
        assert admin.post("/v1/waves", single).status_code == 201
        agency.tick()  # makes its keys
        run_sql(
            "UPDATE organizations SET time_zone = 'US/Pacific-New'"
            " WHERE organization_id = :id",
            id=agency.id,
        )
        return agency

    def test_doctor_names_the_agency_its_zone_and_the_remedy(self, agency):
        printed = run_command(doctor, "--json", status=1)

        assert f"{agency.id} has the time zone US/Pacific-New" in printed
        assert f"`rapport organization set {agency.id} --time-zone ZONE`" in printed

    def test_another_zone_puts_it_right(self, service, agency, admin):
        run_command_json(
            organization, "set", agency.id, "--time-zone", "America/Los_Angeles"
        )
        service.clock.advance(days=7)
        agency.tick()

        assert openings(admin)[-1] == "2027-03-15T16:00:00Z"

    def test_waves_that_are_planned_go_on(self, service, agency, admin):
        service.clock.advance(hours=2)

        with pytest.raises(TimeZoneGoneError):
            agency.tick()

        (wave,) = admin.get("/v1/waves").get_json()["waves"]
        assert wave["state"] == "announced"


def run_sql(statement, **values):
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            statement.replace(":at", f"'{values.get('at')}'").replace(
                ":id", f"'{values.get('id')}'"
            )
        )
