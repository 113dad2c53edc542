"""Attacker with a login who reads every document that the login may."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.support.service import Agency

DIRECTOR = {"director": ["agency"]}


@dataclass
class ScoreReader:
    """A reader of scores."""

    agency: Agency
    name: str = "director"

    @cached_property
    def _token(self) -> str:
        if self.name == "admin":
            return self.agency.admin_token()
        return self.agency.reader_token(self.name)

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def raw(self, team: str, **query: str) -> bytes:
        """The reply about a team, byte for byte."""
        path = f"/v1/teams/{self.agency.team_id(team)}/score"
        reply = self.agency.service.http.get(
            path, query_string=query, headers=self._authorization
        )
        return reply.data

    def document(self, team: str) -> dict[str, Any]:
        """The document of a team."""
        return self.agency.score(self._token, team)

    def everything(self) -> dict[str, dict[str, Any]]:
        """The documents of every team that the reader may see."""
        teams = self.agency.service.http.get(
            "/v1/teams", headers=self._authorization
        ).get_json()["teams"]
        names = [team["external_id"] for team in teams]
        return {name: self.document(name) for name in names}


def teams_with_figures(documents: dict[str, dict[str, Any]]) -> set[str]:
    """The teams whose own figures are shown."""
    return {
        name for name, document in documents.items() if document["status"] == "released"
    }
