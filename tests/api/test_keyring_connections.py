"""The keyring is loaded before a use case, whose transaction holds a connection.

Else as many requests as the pool has connections, each with a look at the keys to make,
wait for each other until they time out.
"""

import secrets
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event

from rapport_service.core.data_keys import MAX_AGE, DataKeys
from rapport_service.core.db import db
from rapport_service.core.dependencies import EXTENSION
from tests.pollbook.poll_book_requests import ask, enrol, log_in, refresh
from tests.support.admin import AdminClient
from tests.support.ballots import kid_of


@contextmanager
def open_transactions():
    """The greatest number of transactions that were open at once, in a list."""
    greatest, begun = [0], set()

    def begin(connection):
        begun.add(id(connection))
        greatest[0] = max(greatest[0], len(begun))

    def end(connection):
        begun.discard(id(connection))

    listeners = (("begin", begin), ("commit", end), ("rollback", end))
    for name, listener in listeners:
        event.listen(db.engine, name, listener)
    try:
        yield greatest
    finally:
        for name, listener in listeners:
            event.remove(db.engine, name, listener)


@pytest.fixture
def ever_later(service):
    """Keys that are looked at again each time, as those of a worker with a clock."""
    extensions = service.app.extensions
    before, seconds = extensions[EXTENSION], iter(range(10**6))

    def clock():
        return service.clock() + next(seconds) * (MAX_AGE + timedelta(seconds=1))

    data_keys = DataKeys(before.data_keys.secrets, clock)
    extensions[EXTENSION] = replace(before, data_keys=data_keys)
    yield
    extensions[EXTENSION] = before


def test_keyring_takes_no_second_connection_within_a_use_case(service, ever_later):
    agency = service.agency({"a": 8})
    wave = agency.announce()
    tokens = enrol(service, agency.code("a-1")).get_json()
    admin, code = AdminClient(agency), agency.code("a-2")
    draw = (wave, kid_of(agency, wave, "a"), b"\0" + secrets.token_bytes(255))
    with open_transactions() as greatest:
        client = admin.post("/v1/clients", {"name": "p", "scopes": ["audit"]})
        client = client.get_json()
        replies = [
            enrol(service, code),
            ask(service, tokens["access_token"], draw),
            refresh(service, tokens["refresh_token"]),
            admin.post("/v1/people/a-3/codes", {"purpose": "answering"}),
            log_in(service, client["id"], client["secret"]),
            admin.post(f"/v1/clients/{client['id']}/rotate"),
        ]

    assert all(reply.status_code < 300 for reply in replies)
    assert greatest == [1]
    del ever_later
