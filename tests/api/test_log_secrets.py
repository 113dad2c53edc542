"""Codes and secrets that administrators make are in no log."""

import logging

from tests.support.admin import AdminClient


def test_codes_secrets_and_who_they_are_for_are_in_no_log_line(service, caplog):
    admin = AdminClient(service.agency({"team": 1}))
    with caplog.at_level(logging.DEBUG):
        code = admin.post(
            "/v1/people/team-1/codes", {"purpose": "answering"}
        ).get_json()
        made = admin.post(
            "/v1/clients", {"name": "Dashboard", "scopes": ["reports"]}
        ).get_json()
        again = admin.post(f"/v1/clients/{made['id']}/rotate").get_json()
        admin.post("/v1/people/nobody-7/codes", {"purpose": "answering"})

    logged = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "/v1/clients" in logged  # something was logged, and looked at
    for secret in (code["code"], made["secret"], again["secret"], "team-1", "nobody-7"):
        assert secret not in logged
