"""An outbox speaks to the service that it was enrolled at, and to no other."""

import sqlite3

import pytest
from fake_service.network import Network
from fake_service.phone import SERVER, ManualClock, Phone, answer_first_pulse
from fake_service.service import CODE, FakeService

from rapport_client import (
    CodeUnknown,
    FieldDevice,
    Gateway,
    OutboxDamaged,
    OutboxUnusable,
    WrongOrigin,
)

OTHER = "https://other.test"
BOX = "https://box.test"


@pytest.fixture
def other(keys):
    """Another agency's Rapport, which knows nothing of this one."""
    other = FakeService()
    other.add_wave(keys[1])
    return other


@pytest.fixture
def network(service, other):
    return Network({SERVER: service, BOX: service, OTHER: other})


@pytest.fixture
def open_phone(network, tmp_path):
    """Opens the phone of the file, with the addresses that a test gives."""

    def open_phone(*origins, name="outbox.db", **options):
        return Phone(tmp_path / name, *origins, transport=network, **options)

    return open_phone


@pytest.fixture
def path_with_answer(open_phone, network, tmp_path):
    """The outbox of a person whose answer waits."""
    with open_phone(SERVER) as phone:
        phone.enrol(CODE)
        phone.sync()
        answer_first_pulse(phone)
    network.log.clear()
    return tmp_path / "outbox.db"


@pytest.mark.parametrize("kind", [FieldDevice, Gateway])
@pytest.mark.parametrize("origins", [(OTHER,), (SERVER, OTHER), (None, OTHER)])
def test_outbox_refuses_another_address_by_name_before_any_request(
    path_with_answer, network, kind, origins
):
    with pytest.raises(WrongOrigin, match=f"enrolled at {SERVER} and sends nothing to"):
        kind(path_with_answer, *origins, transport=network)

    with pytest.raises(WrongOrigin) as refused:
        kind(path_with_answer, *origins, transport=network)
    assert (refused.value.enrolled, refused.value.given) == (SERVER, OTHER)
    assert "move" in str(refused.value)
    assert network.log == []


@pytest.mark.usefixtures("path_with_answer")
def test_answer_that_waits_reaches_its_service_after_a_wrong_address(
    open_phone, service, other
):
    with pytest.raises(WrongOrigin):
        open_phone(OTHER)

    with open_phone() as phone:
        assert str(phone.sync()) == "accepted=1 waiting=0 dead=0"

    assert len(service.contents) == 1
    assert other.log == []


@pytest.mark.usefixtures("path_with_answer")
@pytest.mark.parametrize(
    "spelling", [None, SERVER, f"{SERVER}/", "HTTPS://RAPPORT.test:443"]
)
def test_address_may_be_left_out_or_spelled_otherwise(open_phone, network, spelling):
    with open_phone(spelling) as phone:
        assert phone.server == SERVER
        assert phone.sync().accepted == 1

    assert network.origins() == {SERVER}


@pytest.mark.usefixtures("path_with_answer")
def test_http_is_another_address_than_https(open_phone):
    with pytest.raises(WrongOrigin, match=r"http://rapport\.test"):
        open_phone("http://rapport.test")


def test_ballot_box_of_the_enrolment_is_kept_too(open_phone, network, service):
    with open_phone(SERVER, BOX) as phone:
        phone.enrol(CODE)
    with open_phone() as phone:
        phone.sync()
        answer_first_pulse(phone)
        network.log.clear()
        service.log.clear()

        assert phone.sync().accepted == 1

    (sent,) = [request for request in network.log if request.method == "POST"]
    assert sent.url == f"{BOX}/v1/submissions"


def test_address_is_kept_only_once_a_code_was_accepted_there(open_phone, other):
    """A mistyped address at the first enrolment must not bind the file."""
    with open_phone(OTHER) as phone:
        other.codes.clear()
        with pytest.raises(CodeUnknown):
            phone.enrol(CODE)
        assert phone.server is None

    with open_phone(SERVER) as phone:
        phone.enrol(CODE)
        assert phone.server == SERVER


def test_outbox_without_an_enrolment_asks_no_service(open_phone, network):
    with open_phone(SERVER) as phone:
        report = phone.sync()

    assert report.needs_code
    assert network.log == []


def test_first_enrolment_needs_an_address(open_phone):
    open_phone(SERVER).close()

    with open_phone() as phone, pytest.raises(ValueError, match=r"--server; server="):
        phone.enrol(CODE)


@pytest.mark.parametrize("kind", [FieldDevice, Gateway])
def test_missing_file_is_not_made_without_an_address(tmp_path, kind):
    with pytest.raises(OutboxUnusable, match="there is no outbox"):
        kind(tmp_path / "mistyped.db")

    assert list(tmp_path.iterdir()) == []


def test_all_people_of_a_file_have_one_address(network, service, tmp_path):
    service.codes["acme-0000-0000-0000"] = None
    path = tmp_path / "kiosk.db"
    with Gateway(path, SERVER, transport=network) as gateway:
        gateway.person("ana").enrol(CODE)
        gateway.person("ben").enrol("acme-0000-0000-0000")
    network.log.clear()

    with pytest.raises(WrongOrigin):
        FieldDevice(path, OTHER, person="cleo", transport=network)

    with Gateway(path, transport=network) as gateway:
        gateway.sync()
    assert network.origins() == {SERVER}


def test_enrolment_elsewhere_by_another_process_is_noticed_before_a_request(
    open_phone, network
):
    with open_phone(OTHER) as late:
        with open_phone(SERVER) as phone:
            phone.enrol(CODE)
        network.log.clear()

        with pytest.raises(WrongOrigin):
            late.enrol("acme-0000-0000-0000", again=True)
        with pytest.raises(WrongOrigin):
            late.sync()

    assert network.log == []


@pytest.mark.usefixtures("path_with_answer")
def test_damaged_address_sends_nothing_and_blocks_nothing_else(
    open_phone, path_with_answer, network
):
    with sqlite3.connect(path_with_answer) as rows:
        rows.execute("UPDATE records SET value = zeroblob(99) WHERE kind = 'origins'")

    with open_phone(OTHER, clock=ManualClock()) as phone:
        report = phone.sync()
        assert phone.status().queued == 1
        with pytest.raises(OutboxDamaged, match="rapport-field move"):
            phone.enrol("acme-0000-0000-0000", again=True)

    assert "the address of your service cannot be read" in report.problem
    assert (report.waiting, report.dead) == (1, 0)
    assert network.log == []
