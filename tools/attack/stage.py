"""Agency in play: its roster, its phones and what its people do in a wave."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from rapport_client import PulseNotOpen
from rapport_schemas.enums import MarkerKind
from rapport_service.agency.roster import preview_roster, put_roster
from rapport_service.agency.roster_rules import Roster, RosterPerson, RosterTeam
from rapport_service.agency.service import list_teams
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.registry.markers import declare_marker
from tests.support.audit import TEST_ACTOR
from tools.attack.agency import AgencyGenerator, AgencyPlan, Member
from tools.attack.deployment import ORGANIZATION, Deployment
from tools.attack.phones import Phones, Sent

MIN_ANSWERED_SHARE = 0.5

SHAPES: Mapping[str, Callable[[AgencyGenerator], AgencyPlan]] = {
    "random": AgencyGenerator.generate,
    "small teams": lambda generator: generator.generate_small(8),
    "silent root": lambda generator: generator.generate_small(12, omits="*"),
}
"""Shapes of agencies; in all but the first, only the answers are random."""


@dataclass(frozen=True)
class CampaignPlan:
    """Size of a campaign.

    Attributes:
        seed: of the agency.
        engine: of the database.
        waves: their number; the last one is attacked from all sides.
        sections: of the tree.
        units: the fewest and the most units of a section.
        may_read: whether reports are read at all.
        shape: of the agency: a name of ``SHAPES``.
        mutation: name of the mutation of the service.
    """

    seed: int
    engine: str
    waves: int = 3
    sections: int = 2
    units: tuple[int, int] = (2, 3)
    may_read: bool = True
    shape: str = "random"
    mutation: str = ""

    @property
    def has_readers(self) -> bool:
        """Whether reports are read: on PostgreSQL, where they are the same, seldom."""
        return self.may_read and (self.engine == "sqlite" or self.seed % 4 == 1)


class NothingProvedError(Exception):
    """Too few people answered: a run without answers proves nothing."""


class Stage:
    """Agency in play.

    Args:
        plan: the size.
        deployment: the service.
        phones: of its people.
    """

    def __init__(
        self, plan: CampaignPlan, deployment: Deployment, phones: Phones
    ) -> None:
        self.plan, self.deployment, self.phones = plan, deployment, phones
        self.rng = Random(plan.seed)
        self.generator = AgencyGenerator(self.rng, plan.sections, plan.units)
        self.people = SHAPES[plan.shape](self.generator)
        self.agency = deployment.harness.agency(
            {}, organization_id=ORGANIZATION, min_pool=6
        )
        self.waves: list[str] = []
        self.markers: list[str] = []
        self.team_ids: dict[str, str] = {}
        self.charter: dict[str, Any] = {}

    def put_roster(self) -> None:
        """Put the roster as the agency is now."""
        roster = Roster(
            tuple(
                RosterTeam(team, f"Team {team}", parent)
                for team, parent in self.people.parents.items()
            ),
            tuple(
                RosterPerson(each.name, each.team, each.supervises)
                for each in self.people.members.values()
            ),
        )
        with transaction(Door.POLL_BOOK) as session:
            _, counts = preview_roster(session, self.agency.id, roster).counts
            put_roster(
                session, self.agency.id, roster, confirmed_removals=counts.removed
            )
        with read_transaction(Door.REPORTS) as session:
            self.team_ids = {
                team.external_id: str(team.team_id)
                for team in list_teams(session, self.agency.id)
            }

    def enrol(self) -> None:
        """Enrol the phones of everybody who has a new one."""
        for member in self.people.members.values():
            if member.has_phone and member.name not in self.phones:
                self.phones.enrol(member.name, self.agency.code(member.name))

    def declare_marker(self, number: int) -> None:
        """Mark the beginning of a crisis, then its end, so that there are findings."""
        now = self.deployment.harness.clock.now
        with transaction(Door.POLL_BOOK) as session:
            marker = declare_marker(
                session,
                self.agency.id,
                MarkerKind.CRISIS_START if number % 2 else MarkerKind.CRISIS_END,
                None,
                now.date() - timedelta(days=1),
                "the storm",
                now,
                TEST_ACTOR,
                confirmed=True,
            )
        self.markers.append(str(marker.marker_id))

    def draw(self, owners: Sequence[Member]) -> None:
        """Let every phone draw, in random order; tables are rewritten halfway."""
        drawing = self.rng.sample(owners, len(owners))
        for number, member in enumerate(drawing):
            self.phones.sync(member.name)
            if number == len(drawing) // 2:
                self.deployment.rewrite()

    def answer(self, owners: Sequence[Member], wave: str) -> list[tuple[Member, Any]]:
        """Let people answer offline; those who do, in a new random order."""
        answered = []
        for member in self.rng.sample(owners, len(owners)):
            if self.rng.random() < member.diligence:
                try:
                    answered.append(
                        (member, self.phones.answer(member, wave, self.rng))
                    )
                except PulseNotOpen:
                    continue  # not eligible in this wave
        if len(answered) < MIN_ANSWERED_SHARE * len(owners):
            raise NothingProvedError(
                f"{len(answered)} of {len(owners)} phones answered"
            )
        return answered

    def send(self, queue: Sequence[tuple[Member, Any]], wave: str) -> None:
        """Let phones send what they hold, some seconds apart."""
        for member, answered in queue:
            self.deployment.harness.clock.advance(seconds=self.rng.randint(5, 90))
            self.phones.send(member.name, wave, answered)

    def sent_in(self, wave: str) -> list[Sent]:
        """Return what was sent in a wave."""
        return [each for each in self.phones.sent if each.wave == wave]

    def ballot_keys(self) -> dict[str, str | None]:
        """Ballot key by team id, as the charter has them."""
        return {node["team_id"]: node["ballot_key_id"] for node in self.charter["tree"]}

    def voting_teams(self) -> dict[str, str]:
        """The team that holds each ballot key: the one whose pool it is.

        Small pools go up, and to the root even past a team with a key of its own.
        """
        return {
            node["ballot_key_id"]: node["team_id"]
            for node in self.charter["tree"]
            if node["pool"] is not None
        }
