"""Readers, and the teams that each may read: today, and in the waves of the past."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from rapport_schemas.enums import Role
from rapport_service.agency.models import Person, Supervision, Team
from rapport_service.agency.service import (
    expand_subtrees,
    list_recorded_teams,
    load_client_teams,
)
from rapport_service.charter.document import read_charter
from rapport_service.registry.models import Charter, WaveReader
from rapport_service.registry.readers import load_waves_of_reader
from rapport_service.reports.access import (
    Access,
    decide_access,
    list_ancestors,
    readable_teams,
)


@dataclass(frozen=True)
class Reader:
    """A person or a service client who reads reports."""

    organization_id: str
    subject: UUID
    roles: frozenset[Role]


class TeamNotReadableError(Exception):
    """The team does not exist, or the reader may not see it; it does not say which."""


class ReadingRights:
    """One reader's rights, by the roster of today and by those of past waves.

    An administrator reads all teams, also those that are gone from the roster; a
    supervisor the subtree; a member their own team; a service client the subtrees that
    it is limited to, or all. Besides, members and supervisors read the waves that were
    announced while they were.

    What was theirs in a wave is loaded when it is asked for: today's rights mostly do.
    """

    def __init__(self, session: Session, reader: Reader) -> None:
        self.organization_id = reader.organization_id
        self._session = session
        self._reader = reader
        self._recorded = {
            team.team_id: team
            for team in list_recorded_teams(session, self.organization_id)
        }
        self._listed = [team for team in self._recorded.values() if team.listed]
        self._parents = {team.team_id: team.parent_id for team in self._listed}
        self.today = frozenset(self._load_today())
        self._then: dict[UUID, frozenset[UUID]] = {}

    def list_present(self) -> list[Team]:
        """The teams of the roster that the reader may read, by external id."""
        return [team for team in self._listed if team.team_id in self.today]

    def list_past(self) -> list[Team]:
        """The other teams of which the reader may read some wave, by external id.

        They are gone from the roster, or the reader has left them.
        """
        then = frozenset[UUID]().union(*map(self.of_wave, self._rows_by_wave))
        present = {team.team_id for team in self.list_present()}
        past = (self.today | then) - present
        return [team for team in self._recorded.values() if team.team_id in past]

    def list_readable_in(self, wave_id: UUID) -> list[UUID]:
        """The teams whose documents of a wave the reader may read, by external id."""
        readable = self.today | self.of_wave(wave_id)
        return [team for team in self._recorded if team in readable]

    def get_team(self, team_id: UUID) -> Team:
        """A team of which the reader may read some wave.

        Raises:
            TeamNotReadableError: not a team of this reader.
        """
        if team_id not in self.today and not self.waves_of(team_id):
            raise TeamNotReadableError
        return self._recorded[team_id]

    def waves_of(self, team_id: UUID) -> frozenset[UUID] | None:
        """The waves that the reader may read of a team; None for all of them."""
        if team_id in self.today:
            return None
        return frozenset(
            wave for wave in self._rows_by_wave if team_id in self.of_wave(wave)
        )

    def access(
        self, team_id: UUID, source_id: UUID | None, waves: Iterable[UUID]
    ) -> Access:
        """The extent to which the reader gets a document of a team.

        Args:
            team_id: the team that the document is about.
            source_id: the group whose figures it shows, where they are not the team's.
            waves: the waves that it is about.
        """
        readable, ancestors = self.today, list_ancestors(team_id, self._parents)
        if decide_access(team_id, source_id, readable, ancestors) is not Access.WHOLE:
            readable = readable_teams(self.today, map(self.of_wave, waves))
        return decide_access(team_id, source_id, readable, ancestors)

    def of_wave(self, wave_id: UUID) -> frozenset[UUID]:
        """The teams that were the reader's when a wave was announced."""
        if wave_id not in self._then:
            rows = self._rows_by_wave.get(wave_id, ())
            supervised = {r.team_id for r in rows if r.role == Role.SUPERVISOR}
            own = {r.team_id for r in rows if r.role == Role.MEMBER}
            if supervised:
                supervised = self._expand_in_charter(wave_id, supervised)
            self._then[wave_id] = frozenset(own | supervised)
        return self._then[wave_id]

    @cached_property
    def _rows_by_wave(self) -> dict[UUID, list[WaveReader]]:
        reader = self._reader
        roles = reader.roles & {Role.MEMBER, Role.SUPERVISOR}
        rows: dict[UUID, list[WaveReader]] = {}
        for row in load_waves_of_reader(
            self._session, self.organization_id, reader.subject, roles
        ):
            rows.setdefault(row.wave_id, []).append(row)
        return rows

    def _expand_in_charter(self, wave_id: UUID, roots: Collection[UUID]) -> set[UUID]:
        charter = self._session.get_one(Charter, (self.organization_id, wave_id))
        return expand_subtrees(read_charter(charter.document).nodes, roots)

    def _load_today(self) -> set[UUID]:
        session, reader = self._session, self._reader
        today: set[UUID] = set()
        if Role.ADMIN in reader.roles:
            today |= self._recorded.keys()
        if Role.CLIENT in reader.roles:
            limit = load_client_teams(session, self.organization_id, reader.subject)
            today |= (
                expand_subtrees(self._listed, limit) if limit else self._parents.keys()
            )
        if Role.SUPERVISOR in reader.roles:
            today |= expand_subtrees(self._listed, self._load_supervised())
        if Role.MEMBER in reader.roles:
            person = session.get(Person, (self.organization_id, reader.subject))
            if person is not None and person.team_id is not None:
                today.add(person.team_id)
        return today

    def _load_supervised(self) -> list[UUID]:
        return list(
            self._session.scalars(
                select(Supervision.team_id).where(
                    Supervision.organization_id == self.organization_id,
                    Supervision.person_id == self._reader.subject,
                )
            )
        )
