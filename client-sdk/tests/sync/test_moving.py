"""A service moves to another address: it proves itself before anything is changed."""

import sqlite3
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_service.faults import drop_request, edit_reply, lose_reply, no_fault, on_path
from fake_service.network import Network, origin_of
from fake_service.overload import busy
from fake_service.phone import SERVER, Phone, answer_first_pulse
from fake_service.service import CODE, FakeService

from rapport_client import (
    CodeForReading,
    Gateway,
    MoveRefused,
    ProblemError,
    RetryLater,
    TransportFailure,
    UnexpectedReply,
)

NEW = "https://new.test"
BOX = "https://box.test"
STRANGER = "https://stranger.test"
SECRETS = ("/v1/token", "/v1/enrolments", "/v1/submissions", "/v1/sync")


@pytest.fixture
def stranger(keys):
    """Another agency's Rapport, which knows nothing of this one."""
    stranger = FakeService()
    stranger.add_wave(keys[1])
    return stranger


@pytest.fixture
def network(service, stranger):
    return Network({SERVER: service, STRANGER: stranger})


@pytest.fixture
def open_phone(network, tmp_path):
    def open_phone(*origins, **options):
        path = tmp_path / "outbox.db"
        return Phone(path, *origins, transport=network, **options)

    return open_phone


@pytest.fixture
def phone(open_phone, network):
    """The phone of a person whose answer waits."""
    with open_phone(SERVER) as phone:
        phone.enrol(CODE)
        phone.sync()
        answer_first_pulse(phone)
        network.log.clear()
        yield phone


@pytest.fixture
def moved(phone, network, service):
    """The same after its service has moved to ``NEW``."""
    network.services = {NEW: service, STRANGER: network.services[STRANGER]}
    return phone


def list_secrets(network, origin):
    """Paths of the requests to an origin that carry a secret or an answer."""
    return [
        urlsplit(request.url).path
        for request in network.log
        if origin_of(request) == origin and urlsplit(request.url).path in SECRETS
    ]


def assert_unmoved(phone, network, service):
    """The answer still waits, and goes to the service once that can be reached."""
    assert phone.server == SERVER
    status = phone.status()
    assert (status.queued, status.dead) == (1, 0)
    network.services[SERVER] = service
    assert phone.sync().accepted == 1
    assert len(service.contents) == 1


def test_answer_follows_a_service_that_has_moved(moved, service, open_phone):
    assert moved.sync().offline

    moved.move(f"{NEW}/")

    assert moved.server == NEW
    assert moved.sync().accepted == 1
    assert len(service.contents) == 1
    with open_phone() as again:
        assert again.server == NEW


def test_move_asks_for_the_key_before_it_presents_a_token(moved, network):
    moved.move(NEW)

    assert [urlsplit(request.url).path for request in network.log] == [
        "/v1/jwks",
        "/v1/token",
    ]
    assert "Authorization" not in network.log[0].headers
    assert network.log[0].body == b""


def test_stranger_gets_no_token_and_no_answer(phone, network, service):
    with pytest.raises(MoveRefused, match="is not the service of this outbox"):
        phone.move(STRANGER)

    assert list_secrets(network, STRANGER) == []
    assert_unmoved(phone, network, service)
    assert network.services[STRANGER].contents == []


def test_stranger_with_a_copy_of_the_key_gets_no_answer(
    phone, network, service, stranger
):
    """It can show the public key, but it cannot sign a token with it."""
    stranger.valid_refresh_tokens = service.valid_refresh_tokens
    stranger.intercept = on_path(
        "/v1/jwks", lambda request, _: service._answer(request)
    )

    with pytest.raises(MoveRefused, match="did not sign"):
        phone.move(STRANGER)

    assert list_secrets(network, STRANGER) == ["/v1/token"]
    assert_unmoved(phone, network, service)


def test_tokens_of_another_person_do_not_prove_it(moved, network, service):
    service.valid_refresh_tokens = dict.fromkeys(
        service.valid_refresh_tokens, "another person"
    )

    with pytest.raises(MoveRefused, match="for this person"):
        moved.move(NEW)

    assert_unmoved(moved, network, service)


@pytest.mark.parametrize("path", ["/v1/jwks", "/v1/token"])
def test_broken_connection_changes_nothing_and_a_repeat_moves(moved, service, path):
    for fault in (drop_request, lose_reply):
        service.intercept = on_path(path, fault)
        with pytest.raises(TransportFailure):
            moved.move(NEW)
        assert moved.server == SERVER

    service.intercept = no_fault
    moved.move(NEW)

    assert moved.sync().accepted == 1


@pytest.mark.parametrize(
    "keys_reply",
    [
        {},
        {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "short"}]},
        {"keys": [{"kty": "OKP"}]},
    ],
)
def test_key_set_that_is_none_is_not_of_rapport(moved, service, keys_reply):
    service.intercept = on_path("/v1/jwks", edit_reply(lambda _: keys_reply))

    with pytest.raises(UnexpectedReply, match="the key set"):
        moved.move(NEW)

    assert moved.server == SERVER


def test_address_without_tls_is_refused_unasked(phone, network):
    with pytest.raises(MoveRefused, match="has no TLS"):
        phone.move("http://new.test")
    with pytest.raises(MoveRefused, match="has no TLS"):
        phone.move(NEW, "http://box.test")

    assert network.log == []


def test_ended_enrolment_moves_with_a_new_code(moved, service):
    service.valid_refresh_tokens.clear()
    with pytest.raises(MoveRefused, match="ask for a new code"):
        moved.move(NEW)
    assert moved.server == SERVER

    service.codes["acme-0000-0000-0000"] = None
    service.people["acme-0000-0000-0000"] = CODE
    moved.move(NEW, code="acme-0000-0000-0000")

    assert moved.sync().accepted == 1


def test_reading_code_does_not_move(moved, service):
    service.intercept = on_path(
        "/v1/enrolments", edit_reply(lambda reply: reply.update(scope="supervisor"))
    )
    service.codes["acme-0000-0000-0000"] = None

    with pytest.raises(CodeForReading):
        moved.move(NEW, code="acme-0000-0000-0000")

    assert moved.server == SERVER


def test_outbox_without_an_enrolment_has_nothing_to_move(open_phone, network):
    with (
        open_phone(SERVER) as phone,
        pytest.raises(MoveRefused, match="a person who is enrolled"),
    ):
        phone.move(NEW)

    assert network.log == []


def test_address_that_was_damaged_is_replaced_by_a_move(phone, tmp_path):
    with sqlite3.connect(tmp_path / "outbox.db") as rows:
        rows.execute("UPDATE records SET value = zeroblob(99) WHERE kind = 'origins'")
    assert phone.sync().problem is not None
    with pytest.raises(MoveRefused):
        phone.move(STRANGER)

    phone.move(SERVER)

    assert phone.sync().accepted == 1


def test_loop_of_another_process_follows_the_move(phone, network, service, open_phone):
    with open_phone() as running:
        network.services = {NEW: service}
        loop = running.loop()
        loop.step()
        assert loop.report.offline

        phone.move(NEW)
        running.held.advance(hours=1)
        loop.step()

        assert loop.report.problem is None
    assert len(service.contents) == 1


def test_move_to_the_same_address_asks_for_nothing(phone, network):
    phone.move(SERVER)

    assert network.log == []


@pytest.fixture
def phone_with_box(open_phone, network, service):
    """The phone of a person whose answer waits for a ballot box of its own address."""
    network.services[BOX] = service
    with open_phone(SERVER, BOX) as phone:
        phone.enrol(CODE)
        phone.sync()
        answer_first_pulse(phone)
        network.log.clear()
        yield phone


def test_ballot_box_with_an_address_of_its_own_stays_there(
    phone_with_box, network, service
):
    network.services = {NEW: service, BOX: service}

    phone_with_box.move(NEW)

    assert phone_with_box.sync().accepted == 1
    assert f"{BOX}/v1/submissions" in [request.url for request in network.log]


def test_ballot_box_moves_if_it_has_the_charter_of_the_pulse(
    phone_with_box, network, service
):
    network.services = {SERVER: service, NEW: service}

    phone_with_box.move(SERVER, NEW)

    assert [request.url for request in network.log] == [
        f"{SERVER}/v1/jwks",
        f"{NEW}/v1/waves/{next(iter(service.waves))}/charter",
        f"{SERVER}/v1/token",
    ]
    assert phone_with_box.sync().accepted == 1


@pytest.mark.parametrize("has_wave", [False, True], ids=["no charter", "another one"])
def test_ballot_box_of_a_stranger_is_refused(
    phone_with_box, network, service, stranger, has_wave
):
    if has_wave:
        (charter,) = stranger.waves.values()
        stranger.waves[next(iter(service.waves))] = charter

    with pytest.raises(MoveRefused, match="is not the ballot box of your service"):
        phone_with_box.move(SERVER, STRANGER)

    assert list_secrets(network, STRANGER) == []
    assert_unmoved(phone_with_box, network, service)


def test_ballot_box_that_is_busy_is_asked_again_later(phone_with_box, network, service):
    network.services = {SERVER: service, NEW: FakeService(intercept=busy("30"))}

    with pytest.raises(ProblemError, match="busy"):
        phone_with_box.move(SERVER, NEW)

    network.services[NEW] = service
    with pytest.raises(RetryLater):
        phone_with_box.move(SERVER, NEW)
    phone_with_box.held.advance(seconds=30)
    phone_with_box.move(SERVER, NEW)
    assert phone_with_box.sync().accepted == 1


def test_gateway_moves_by_the_tokens_of_any_person(network, service, tmp_path):
    service.codes |= {"acme-0000-0000-0000": None}
    with Gateway(tmp_path / "kiosk.db", SERVER, transport=network) as gateway:
        gateway.person("ana").enrol(CODE)
        gateway.person("ben").enrol("acme-0000-0000-0000")
        ana = next(
            token for token, who in service.valid_refresh_tokens.items() if who == CODE
        )
        del service.valid_refresh_tokens[ana]  # she has left the agency
        network.services = {NEW: service}

        gateway.move(NEW)

        assert gateway.person("ana").server == NEW
        network.log.clear()
        gateway.sync()
        assert network.origins() == {NEW}


def test_gateway_presents_no_token_to_a_stranger(network, tmp_path):
    with Gateway(tmp_path / "kiosk.db", SERVER, transport=network) as gateway:
        gateway.person("ana").enrol(CODE)
        gateway.person("ben")

        with pytest.raises(MoveRefused):
            gateway.move(STRANGER)

    assert list_secrets(network, STRANGER) == []


def test_answer_that_the_old_address_did_not_know_is_sent_to_the_new_one(
    phone, network, service, stranger
):
    """Another operator got the name of the old address before people knew."""
    network.services[SERVER] = stranger
    stranger.valid_access_tokens = service.valid_access_tokens
    assert phone.sync().dead == 1
    network.services[NEW] = service

    phone.move(NEW)

    assert phone.status().queued == 1
    assert phone.sync().accepted == 1


def test_refresh_token_of_the_move_is_that_of_the_person(moved, network, service):
    (token,) = service.valid_refresh_tokens

    moved.move(NEW)

    (sent,) = [request for request in network.log if request.method == "POST"]
    assert parse_qs(sent.body.decode())["refresh_token"] == [token]
