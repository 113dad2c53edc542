"""Creations with an id of the client's."""

BODIES = {
    "waves": {
        "announces_at": "2027-03-02T12:00:00Z",
        "opens_at": "2027-03-03T12:00:00Z",
        "closes_at": "2027-03-04T12:00:00Z",
        "seals_at": "2027-03-05T12:00:00Z",
    },
    "pulses": {"first_opens": "2027-03-15T09:00"},
    "markers": {
        "kind": "policy_change",
        "team_id": None,
        "effective_on": "2027-02-20",
        "confirmed": True,
        "label": "New policy",
    },
    "clients": {"name": "A dashboard", "scopes": ["reports", "roster"]},
    "people/a-1/codes": {"purpose": "answering"},
}
"""By path, a body that creates something."""


def send(admin, path, new_id, **change):
    """The reply to a creation under an id, with some members changed."""
    return admin.post(f"/v1/{path}", BODIES[path] | {"id": str(new_id)} | change)


def create(admin, path, new_id, **change):
    """The document of a thing that was created."""
    reply = send(admin, path, new_id, **change)
    assert reply.status_code == 201, reply.text
    return reply.get_json()
