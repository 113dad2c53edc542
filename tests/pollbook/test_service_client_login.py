"""Programs log in with a secret, by form or by header (RFC 6749 section 4.4)."""

from base64 import b64encode
from uuid import uuid4

import pytest

from rapport_service.core.db import Door, transaction
from rapport_service.pollbook.clients import revoke_client
from rapport_service.pollbook.codes import keyed_hash
from rapport_service.pollbook.models import ClientSecret
from tests.pollbook.poll_book_requests import (
    bearer,
    log_in,
    log_in_by_header,
    outcome,
    token,
)
from tests.support.audit import TEST_ACTOR
from tests.support.ballots import digest_of
from tests.support.rows import rows_of

REFUSED = (401, "client-invalid")
WAYS = [log_in, log_in_by_header]


@pytest.mark.parametrize("way", WAYS)
def test_a_client_that_knows_its_secret_may_do_what_it_was_made_for(
    agency, service, way
):
    client_id, secret = agency.client()
    reply = way(service, client_id, secret)

    tokens = reply.get_json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "scope", "echo"}
    assert tokens["echo"] == digest_of(secret)
    assert tokens["scope"] == "reports roster"
    assert reply.cache_control.no_store
    teams = service.http.get("/v1/teams", headers=bearer(tokens["access_token"]))
    assert len(teams.get_json()["teams"]) == 2


@pytest.mark.parametrize("way", WAYS)
def test_every_reason_to_refuse_a_client_looks_alike(agency, service, way):
    client_id, secret = agency.client()
    other_id, other_secret = service.agency({"a": 8}).client()
    unknown = f"{agency.id}.{uuid4()}"
    refused = [
        (client_id, secret[:-1]),
        (client_id, other_secret),
        (unknown, secret),
        (other_id.replace(other_id.split(".")[0], agency.id), other_secret),
        ("nobody.here", secret),
        (client_id.split(".")[0], secret),
        ("Nobody" + client_id, secret),
        (client_id, "\u00e9"),
        ("\u00e9\x00", secret),
    ]

    replies = [way(service, *pair) for pair in refused]

    assert {outcome(reply) for reply in replies} == {REFUSED}
    documents = [reply.get_json() for reply in replies]
    for document in documents:
        del document["request_id"]
    assert all(document == documents[0] for document in documents)
    assert documents[0]["error"] == "invalid_client"
    assert all("WWW-Authenticate" in reply.headers for reply in replies)


@pytest.mark.parametrize("way", WAYS)
def test_a_revoked_client_is_refused_like_an_unknown_one(agency, service, way):
    client_id, secret = agency.client()
    with transaction(Door.POLL_BOOK) as session:
        revoke_client(session, agency.id, client_id, service.clock(), TEST_ACTOR)

    assert outcome(way(service, client_id, secret)) == REFUSED


@pytest.mark.parametrize(
    "credentials",
    ["", "!", "é", "é" * 4, "YQ", "YQ==YQ==", b64encode(b"\xff:\xff").decode()],
)
def test_a_header_that_cannot_be_read_is_refused(service, credentials):
    reply = token(
        service,
        {"Authorization": f"Basic {credentials}"},
        grant_type="client_credentials",
    )

    assert outcome(reply) == REFUSED


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_a_form_that_lacks_a_field_names_it(service, missing):
    form = {"client_id": "a", "client_secret": "b"} | {missing: ""}

    reply = token(service, grant_type="client_credentials", **form)

    assert outcome(reply) == (422, "invalid")
    assert reply.get_json()["errors"] == [
        {"pointer": f"/{missing}", "code": "missing", "detail": "is missing"}
    ]


def test_a_secret_is_stored_as_a_keyed_hash(agency):
    _, secret = agency.client()

    (row,) = rows_of(ClientSecret, agency)

    assert row.secret_hash == keyed_hash(
        agency.service.dependencies.keyring.clients, secret
    )


def test_a_client_neither_syncs_nor_draws(agency, service):
    tokens = log_in(service, *agency.client()).get_json()

    reply = service.http.get("/v1/sync", headers=bearer(tokens["access_token"]))

    assert outcome(reply) == (403, "scope-missing")
