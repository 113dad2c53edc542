"""Charters under which a device refuses to draw, and the check that it names."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fake_service import documents
from fake_service.documents import ROOT, jwk, kid_of, to_bytes
from fake_service.faults import drop_request, edit_reply, on_path, reply_with
from fake_service.service import CODE, reply_bytes


def sync_and_read_notices(new_phone):
    phone = new_phone()
    phone.enrol(CODE)
    report = phone.sync()
    assert report.drawn == 0
    assert phone.open_pulses() == []
    return report.notices


def has_requested_signatures(service):
    return "/v1/ballots" in service.paths()


def test_a_charter_of_its_own_for_one_person_is_refused(new_phone, service, wave):
    own = json.loads(wave.charter)
    own["organization"]["name"] = "Acme for you alone"
    service.intercept = on_path("/v1/waves", reply_with(reply_bytes(to_bytes(own))))

    (notice,) = sync_and_read_notices(new_phone)

    assert "not the one that the poll book named" in notice
    assert not has_requested_signatures(service)


def test_a_key_that_the_charter_does_not_list_is_refused(new_phone, service, keys):
    service.waves.clear()
    service.add_wave(
        keys[0], edit_charter=lambda charter: charter["tree"][1].update(pool=None)
    )

    (notice,) = sync_and_read_notices(new_phone)

    assert "lists no key for this group" in notice
    assert not has_requested_signatures(service)


def test_a_pool_that_is_too_small_to_hide_in_is_refused(new_phone, service, keys):
    service.waves.clear()
    service.add_wave(keys[0], pool=7)

    (notice,) = sync_and_read_notices(new_phone)

    assert "fewer than 8 people" in notice
    assert not has_requested_signatures(service)


def test_a_group_that_the_charter_does_not_know_is_refused(new_phone, service):
    service.intercept = on_path(
        "/v1/sync",
        edit_reply(lambda sync: sync["waves"][0].update(voting_team_id="nobody")),
    )

    (notice,) = sync_and_read_notices(new_phone)

    assert "does not list this group" in notice


@pytest.mark.parametrize(
    ("key_size", "exponent", "message"),
    [(1024, 65537, "1024 bits"), (3072, 65537, "3072 bits"), (2048, 3, "exponent")],
)
def test_a_key_of_another_kind_is_refused(
    new_phone, service, key_size, exponent, message
):
    service.waves.clear()
    service.add_wave(rsa.generate_private_key(exponent, key_size))

    (notice,) = sync_and_read_notices(new_phone)

    assert message in notice
    assert not has_requested_signatures(service)


def test_another_key_under_a_listed_name_is_refused(new_phone, service, wave, keys):
    wave.jwk = to_bytes(jwk(keys[1], kid=wave.kid))

    (notice,) = sync_and_read_notices(new_phone)

    assert "thumbprint" in notice
    assert not has_requested_signatures(service)


def test_other_questions_than_the_charter_names_are_refused(new_phone, service):
    other = documents.instrument(instrument="rapport-pulse-for-you")
    service.intercept = on_path(
        "/v1/instruments", reply_with(reply_bytes(to_bytes(other)))
    )

    (notice,) = sync_and_read_notices(new_phone)

    assert "not those that the charter names" in notice


def test_a_signature_by_another_key_makes_no_ballot(new_phone, wave, keys):
    wave.key = keys[1]

    (notice,) = sync_and_read_notices(new_phone)

    assert "does not verify" in notice


def test_charter_that_changes_after_the_draw_is_reported(phone, wave):
    changed = json.loads(wave.charter)
    changed["tree"][1]["pool"] = 11
    wave.charter = to_bytes(changed)

    report = phone.sync()

    assert "not the one that the poll book named" in report.notices[0]


def test_a_key_that_changes_after_the_draw_is_refused(new_phone, service, keys):
    """One charter may list two keys, but a person has one group and one draw."""
    second = kid_of(keys[1])

    def list_two(charter):
        charter["tree"][0].update(ballot_key_id=second, pool=10)

    service.waves.clear()
    service.add_wave(keys[0], edit_charter=list_two)
    phone = new_phone()
    phone.enrol(CODE)
    service.intercept = on_path("/v1/ballots", drop_request)
    phone.sync()
    regroup = on_path(
        "/v1/sync",
        edit_reply(lambda sync: sync["waves"][0].update(voting_team_id=ROOT)),
    )
    key = reply_bytes(to_bytes(jwk(keys[1])))
    service.log.clear()
    service.epoch = "epoch-2"  # so that there is a new list
    service.intercept = lambda request, answer: (
        key if request.url.endswith(second) else regroup(request, answer)
    )

    (notice,) = phone.sync().notices

    assert "key changed after a draw" in notice
    assert not has_requested_signatures(service)


def test_one_refused_charter_does_not_spoil_the_other_waves(new_phone, service, keys):
    service.add_wave(keys[1], pool=7)
    phone = new_phone()
    phone.enrol(CODE)

    report = phone.sync()

    assert report.drawn == 1
    assert len(phone.open_pulses()) == 1
