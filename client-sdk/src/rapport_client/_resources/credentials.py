"""Credentials of a program: its id and secret."""

from dataclasses import dataclass, field

from rapport_client._http import Flow
from rapport_client._protocol.tokens import Tokens, client_credentials


@dataclass(frozen=True)
class ClientCredentials:
    """Id and secret that an agency gave to a program."""

    client_id: str
    secret: str = field(repr=False)

    def obtain(self, server: str) -> Flow[Tokens]:
        """Obtains a new access token.

        Raises:
            ClientInvalid: the id or the secret is wrong.
        """
        return client_credentials(server, self.client_id, self.secret)
