"""The poll-book door over HTTP, each reply as it came."""

import secrets
from base64 import b64encode
from urllib.parse import quote_plus

from rapport_service import b64

SEVEN = (7).to_bytes(256)
"""A blinded value that any ballot key signs."""


def new_device():
    return b64.encode(secrets.token_bytes(32))


def enrol(house, code, device=None):
    return house.http.post(
        "/v1/enrolments", json={"code": code, "device": device or new_device()}
    )


def token(house, headers=None, **form):
    return house.http.post("/v1/token", data=form, headers=headers)


def refresh(house, refresh_token):
    return token(house, grant_type="refresh_token", refresh_token=refresh_token)


def log_in(house, client_id, secret):
    return token(
        house,
        grant_type="client_credentials",
        client_id=client_id,
        client_secret=secret,
    )


def log_in_by_header(house, client_id, secret):
    """The same with the header of RFC 6749 section 2.3.1."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()
    return token(
        house,
        {"Authorization": f"Basic {b64encode(pair).decode()}"},
        grant_type="client_credentials",
    )


def bearer(access_token):
    return {"Authorization": f"Bearer {access_token}"}


def sync(house, access_token):
    return house.http.get("/v1/sync", headers=bearer(access_token))


def ask(house, access_token, *requests):
    """Asks for ballots; each request is a wave, a key id and a blinded value."""
    return house.http.post(
        "/v1/ballots",
        json={
            "requests": [
                {"wave": wave, "kid": kid, "blinded": b64.encode(blinded)}
                for wave, kid, blinded in requests
            ]
        },
        headers=bearer(access_token),
    )


def outcome(reply):
    """A reply's status, and the problem's code where it is one."""
    return reply.status_code, (reply.get_json(silent=True) or {}).get("code")
