"""Requests as an administrator or as a program."""

from sqlalchemy import select

from rapport_schemas.enums import AuditAction
from rapport_schemas.errors import split_pointer
from rapport_service.agency.models import AuditEntry
from rapport_service.core.db import Door, read_transaction
from tests.pollbook.poll_book_requests import bearer, log_in
from tests.support.audit import TEST_ACTOR


class AdminClient:
    """An agency's administrator, logged in."""

    def __init__(self, agency):
        self.http = agency.service.http
        self.headers = bearer(agency.admin_token())

    def get(self, path, **headers):
        return self.http.get(path, headers=self.headers | headers)

    def post(self, path, body=None, **headers):
        return self.http.post(path, json=body, headers=self.headers | headers)

    def put(self, path, body, **headers):
        return self.http.put(path, json=body, headers=self.headers | headers)

    def patch(self, path, body):
        return self.http.patch(path, json=body, headers=self.headers)


def program_headers(service, client_id, secret):
    """The headers of a program that logged in."""
    return bearer(log_in(service, client_id, secret).json["access_token"])


def audit_entries(agency):
    """Actor, action and subject of entries, without set-up by tests and log-ins.

    Those of one instant are in order of the action.
    """
    with read_transaction(Door.POLL_BOOK) as session:
        rows = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.organization_id == agency.id)
            .order_by(AuditEntry.at, AuditEntry.action, AuditEntry.subject_id)
        )
        return [
            (row.actor_id or row.actor_kind, row.action, row.subject_id)
            for row in rows
            if row.actor_id != TEST_ACTOR.id
            and row.action != AuditAction.READER_ENROLLED
        ]


def code_of(reply):
    """The problem's code."""
    return reply.get_json()["code"]


def fields_of(reply):
    """The fields that a 422 names."""
    assert reply.status_code == 422, reply.text
    return [dotted_path(error) for error in reply.get_json()["errors"]]


def dotted_path(error):
    """The place of a field error, such as ``people.3.team``."""
    return error.get("parameter") or ".".join(split_pointer(error["pointer"]))
