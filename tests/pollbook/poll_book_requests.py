"""The poll-book door over HTTP, each reply as it came."""

import secrets
from base64 import b64encode
from urllib.parse import quote_plus

from rapport_service.encoding import base64url

SEVEN = (7).to_bytes(256)
"""A blinded value that any ballot key signs."""


def new_device():
    return base64url.encode(secrets.token_bytes(32))


def enrol(service, code, device=None):
    return service.http.post(
        "/v1/enrolments", json={"code": code, "device": device or new_device()}
    )


def token(service, headers=None, **form):
    return service.http.post("/v1/token", data=form, headers=headers)


def refresh(service, refresh_token):
    return token(service, grant_type="refresh_token", refresh_token=refresh_token)


def log_in(service, client_id, secret):
    return token(
        service,
        grant_type="client_credentials",
        client_id=client_id,
        client_secret=secret,
    )


def log_in_by_header(service, client_id, secret):
    """The same with the header of RFC 6749 section 2.3.1."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return token(
        service,
        {"Authorization": f"Basic {b64encode(pair).decode()}"},
        grant_type="client_credentials",
    )


def bearer(access_token):
    return {"Authorization": f"Bearer {access_token}"}


def sync(service, access_token):
    return service.http.get("/v1/sync", headers=bearer(access_token))


def ask(service, access_token, *requests):
    """Asks for ballots; each request is a wave, a key id and a blinded value."""
    return service.http.post(
        "/v1/ballots",
        json={
            "requests": [
                {
                    "wave_id": wave,
                    "ballot_key_id": kid,
                    "blinded": base64url.encode(blinded),
                }
                for wave, kid, blinded in requests
            ]
        },
        headers=bearer(access_token),
    )


def outcome(reply):
    """A reply's status, and the problem's code where it is one."""
    return reply.status_code, (reply.get_json(silent=True) or {}).get("code")
