"""A PostgreSQL whose roles a test may make and drop; they belong to a whole server."""

import psycopg

from tests.support.postgres import PostgreSQL


class Server:
    """A PostgreSQL and its administrator."""

    def __init__(self, server: PostgreSQL) -> None:
        self.server = server

    def run(self, *statements: str) -> None:
        """Runs statements as the administrator."""
        url = self.server.url("postgres").replace("+psycopg", "")
        with psycopg.connect(url, autocommit=True) as superuser:
            for statement in statements:
                superuser.execute(statement)

    def url(self, login: str) -> str:
        """The address of the database as a login reaches it."""
        return self.server.url("production").replace("postgres@", f"{login}@")

    def create_login(self, login: str, may: str = "") -> str:
        """Makes a login and the database that it owns; its address."""
        self.run(
            f"CREATE ROLE {login} LOGIN NOSUPERUSER NOCREATEDB {may}",
            f"CREATE DATABASE production OWNER {login}",
        )
        return self.url(login)

    def roles(self) -> set[str]:
        """Every role that did not come with the server, but the administrator."""
        url = self.server.url("postgres").replace("+psycopg", "")
        with psycopg.connect(url) as superuser:
            rows = superuser.execute(
                "SELECT rolname FROM pg_roles WHERE rolname !~ '^(pg_|postgres$)'"
            )
            return {name for (name,) in rows}
