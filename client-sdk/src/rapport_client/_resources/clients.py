"""Service clients: the programs of an agency."""

from collections.abc import Sequence
from uuid import UUID

from rapport_client._json import read
from rapport_client._resources.calls import act, create, get, list_all
from rapport_client._resources.operation import Exchange, R_co, Resource, operation
from rapport_client._resources.references import (
    AnyClient,
    AnyTeam,
    client_id,
    quoted,
    resolve_team,
)
from rapport_client.models import ClientScope, ClientSecret, ServiceClient


class Clients(Resource[R_co]):
    """Programs of the agency, for administrators.

    One is meant by a ``ServiceClient`` or its id.
    """

    @operation("list_clients")
    def list(self) -> Exchange[tuple[ServiceClient, ...]]:
        """All programs, revoked ones too."""
        return list_all(ServiceClient, "clients", "clients")

    @operation("get_client")
    def get(self, client: AnyClient) -> Exchange[ServiceClient]:
        """A program."""
        document = yield from get(f"clients/{quoted(client_id(client))}", "the client")
        return read(ServiceClient, document)

    @operation("create_client")
    def create(
        self,
        name: str,
        scopes: Sequence[ClientScope],
        *,
        teams: Sequence[AnyTeam] = (),
        id: UUID | str | None = None,  # noqa: A002 - as the API calls it
    ) -> Exchange[ClientSecret]:
        """Creates a program. Its secret is shown only in this reply.

        Args:
            name: what people call it.
            scopes: ``reports`` reads scores, ``roster`` replaces the roster.
            teams: the only teams that it sees, with those below them; all if empty.
            id: a UUID; the same id and program again give a new secret in place of the
                unused one. A new one if None.

        Raises:
            IdUsed: the id belongs to another program, or its secret was used.
            RequestInvalid: ``errors`` names what breaks rules.
            TypeError: ``scopes`` or ``teams`` is one text.
        """
        for name_of, given in (("scopes", scopes), ("teams", teams)):
            if isinstance(given, str):
                raise TypeError(f"{name_of} must be a sequence, not one text")
        team_ids = []
        for team in teams:
            team_ids.append((yield from resolve_team(team)))  # noqa: PERF401 - yields
        created = yield from create(
            "clients",
            "the client",
            id,
            name=name,
            scopes=[*scopes],
            team_ids=team_ids,
        )
        return read(ClientSecret, created)

    @operation("rotate_client")
    def rotate(self, client: AnyClient) -> Exchange[ClientSecret]:
        """Gives a program a new secret; the old one works for 24 hours more."""
        path = f"clients/{quoted(client_id(client))}/rotate"
        return read(ClientSecret, (yield from act(path, "the client")))

    @operation("revoke_client")
    def revoke(self, client: AnyClient) -> Exchange[ServiceClient]:
        """Revokes a program; its secret and tokens stop working at once."""
        path = f"clients/{quoted(client_id(client))}/revoke"
        return read(ServiceClient, (yield from act(path, "the client")))
