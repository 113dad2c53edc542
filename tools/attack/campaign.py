"""Campaign against one agency: its waves, and every attack on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from rapport_client import PulseNotOpen
from rapport_schemas.enums import MarkerKind
from rapport_service.agency.roster import preview_roster, put_roster
from rapport_service.agency.roster_rules import Roster, RosterPerson, RosterTeam
from rapport_service.agency.service import list_teams
from rapport_service.core.db import Door, read_transaction, transaction
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from rapport_service.registry.markers import declare_marker
from tests.support.audit import TEST_ACTOR
from tools.attack.agency import AgencyGenerator, Member
from tools.attack.capture import Capture, Moment, Row, capture
from tools.attack.deployment import ORGANIZATION, Deployment, deploy
from tools.attack.findings import Ledger
from tools.attack.joins import Claim, Joiner
from tools.attack.live import Observer, compare_snapshots
from tools.attack.orders import Orders, read_orders
from tools.attack.phones import Phones, Sent
from tools.attack.readers import (
    THOROUGH_ROLES,
    Library,
    ReportReader,
    hire_readers,
    pick_bystander,
    read_everything,
)
from tools.attack.reports import (
    WaveTruth,
    attack_early,
    attack_linear,
    attack_over_time,
    attack_rounding,
    compare_roles,
    score_documents,
)
from tools.attack.search import search_keys, search_plaintext, search_text_logs

EARLY_SHARE = 0.6
"""Share of the answers that arrive before the tables are rewritten in mid-wave."""

MIN_ANSWERED_SHARE = 0.5


@dataclass(frozen=True)
class CampaignPlan:
    """Size of a campaign.

    Attributes:
        seed: of the agency.
        engine: of the database.
        waves: their number; the last one is attacked from all sides.
        sections: of the tree.
        units: the fewest and the most units of a section.
    """

    seed: int
    engine: str
    waves: int = 3
    sections: int = 2
    units: tuple[int, int] = (2, 3)

    @property
    def has_readers(self) -> bool:
        """Whether reports are read: on PostgreSQL, where they are the same, seldom."""
        return self.engine == "sqlite" or self.seed % 4 == 1


@dataclass
class CampaignResult:
    """Result of a campaign, to be pooled with those of other seeds.

    Attributes:
        plan: of the campaign.
        ledger: attacks of which one agency is enough.
        orders: of the last wave, in each copy.
        claims: conclusions about people, by moment.
    """

    plan: CampaignPlan
    ledger: Ledger = field(default_factory=Ledger)
    orders: list[Orders] = field(default_factory=list)
    claims: dict[Moment, list[Claim]] = field(default_factory=dict)


class NothingProvedError(Exception):
    """Too few people answered: a run without answers proves nothing."""


def run_campaign(plan: CampaignPlan, folder: Path) -> CampaignResult:
    """Play the waves of one agency and attack them.

    Args:
        plan: the size.
        folder: an empty folder for all files.
    """
    forms = {
        tuple(item.id for item in CURRENT_INSTRUMENT.items_on_form(number)): number
        for number in range(len(CURRENT_INSTRUMENT.forms))
    }
    with deploy(plan.engine, folder / "service") as deployment:
        app, clock = deployment.harness.app, deployment.harness.clock
        contexts = CURRENT_INSTRUMENT.contexts
        with Phones(app, clock, folder / "phones", forms, contexts) as phones:
            return Campaign(plan, deployment, phones).run()


@dataclass
class Campaign:
    """One agency under attack.

    Args:
        plan: the size.
        deployment: the service.
        phones: of its people.
    """

    plan: CampaignPlan
    deployment: Deployment
    phones: Phones

    def __post_init__(self) -> None:
        self.rng = Random(self.plan.seed)
        self.generator = AgencyGenerator(self.rng, self.plan.sections, self.plan.units)
        self.people = self.generator.generate()
        self.agency = self.deployment.harness.agency(
            {}, organization_id=ORGANIZATION, min_pool=6
        )
        self.result = CampaignResult(self.plan)
        self.truths: list[tuple[WaveTruth, dict[str, Any]]] = []
        self.waves: list[str] = []
        self.markers: list[str] = []
        self.readers: list[ReportReader] = []
        self.private_keys: set[bytes] = set()

    def run(self) -> CampaignResult:
        """Play all waves, the last one under attack, and a hundred days after it."""
        for number in range(self.plan.waves):
            if number:
                self.people = self.generator.change(self.people)
                self._declare_marker(number)
            self._put_roster()
            self._enrol()
            self._play_wave(is_attacked=number == self.plan.waves - 1)
        if self.plan.has_readers:
            self._attack_reports()
        for _ in range(10):
            self.deployment.tick(days=10)
        self._attack_copy(Moment.LATER)
        return self.result

    def _put_roster(self) -> None:
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

    def _enrol(self) -> None:
        for member in self.people.members.values():
            if member.has_phone and member.name not in self.phones:
                self.phones.enrol(member.name, self.agency.code(member.name))

    def _declare_marker(self, number: int) -> None:
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

    def _play_wave(self, *, is_attacked: bool) -> None:
        wave = self.agency.plan()
        self.waves.append(wave)
        self.deployment.tick()
        owners = [
            each for each in self.people.members.values() if each.name in self.phones
        ]
        self.private_keys |= self.deployment.read_private_keys()
        self._draw(owners)
        self.deployment.tick(days=1, hours=1)
        charter = self.deployment.harness.http.get(f"/v1/waves/{wave}/charter")
        self.charter = charter.get_json()
        queue = self._answer(owners, wave)
        late = queue[: len(queue) // 6]
        queue = queue[len(late) :]
        first = int(EARLY_SHARE * len(queue))
        self._send(queue[:first], wave)
        self.deployment.rewrite()
        if is_attacked:
            self._attack_copy(Moment.REWRITTEN)
            if self.plan.has_readers:
                self._attack_live(queue[first : first + 1], wave)
                first += 1
        self._send(queue[first:], wave)
        if is_attacked:
            self._attack_copy(Moment.ARRIVING)
        self.deployment.tick(days=7)
        self._send(late, wave)
        self.deployment.tick(days=7)
        self._note_release(wave)
        if is_attacked:
            self._attack_copy(Moment.SEALED)

    def _draw(self, owners: Sequence[Member]) -> None:
        drawing = self.rng.sample(owners, len(owners))
        for number, member in enumerate(drawing):
            self.phones.sync(member.name)
            if number == len(drawing) // 2:
                self.deployment.rewrite()

    def _answer(self, owners: Sequence[Member], wave: str) -> list[tuple[Member, Any]]:
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

    def _send(self, queue: Sequence[tuple[Member, Any]], wave: str) -> None:
        for member, answered in queue:
            self.deployment.harness.clock.advance(seconds=self.rng.randint(5, 90))
            self.phones.send(member.name, wave, answered)

    def _sent(self, wave: str) -> list[Sent]:
        return [each for each in self.phones.sent if each.wave == wave]

    def _attack_live(self, queue: Sequence[tuple[Member, Any]], wave: str) -> None:
        self.readers = hire_readers(self.agency, self.people)
        teams = list(self.team_ids.values())
        libraries = [
            read_everything(reader, teams, [wave], self.markers)
            for reader in self.readers
            if reader.role in THOROUGH_ROLES
        ]
        self._tried("reports before the seal", attack_early(libraries, wave))
        observer = Observer(
            self.deployment.harness.http,
            [each for each in self.readers if each.role in {"admin", "caseworker"}],
            self.agency.phone(pick_bystander(self.people).name),
            wave,
            teams,
            sorted({key for key in self._keys().values() if key}),
        )
        before = observer.observe()
        for member, answered in queue:
            self.phones.send(member.name, wave, answered)
        after = observer.observe()
        self._tried("polling of both doors", compare_snapshots(before, after))

    def _keys(self) -> dict[str, str | None]:
        """Ballot key by team id, as the charter has them."""
        return {node["team_id"]: node["ballot_key_id"] for node in self.charter["tree"]}

    def _note_release(self, wave: str) -> None:
        """Note the truth of a sealed wave, and what an administrator reads of it."""
        admin = ReportReader("admin", self.agency)
        nodes = self.charter["tree"]
        library = Library(
            "admin",
            {
                (path, "application/json"): admin.get(path)
                for path in (
                    f"/v1/teams/{node['team_id']}/score?wave_id={wave}"
                    for node in nodes
                )
            },
        )
        documents = score_documents([library], wave)
        truth = WaveTruth(
            wave,
            {node["team_id"]: node["parent_id"] for node in nodes},
            self._sent(wave),
            self._voting_teams(),
            self.charter["min_respondents"],
        )
        self.truths.append((truth, documents))

    def _voting_teams(self) -> dict[str, str]:
        """The team that holds each ballot key: the one highest in the tree."""
        parents = {n["team_id"]: n["parent_id"] for n in self.charter["tree"]}
        keys = self._keys()
        return {
            key: team
            for team, key in keys.items()
            if key is not None and keys.get(parents[team] or "") != key
        }

    def _released_groups(self) -> dict[str, str]:
        """The smallest released group around each key's team, as the hex of its id."""
        truth, documents = self.truths[-1]
        groups = {}
        for key, team in truth.team_of_key.items():
            node: str | None = team
            while node is not None and node not in documents:
                node = truth.parents[node]
            groups[key] = UUID(node).hex if node else ""
        return groups

    def _attack_copy(self, moment: Moment) -> None:
        copy = capture(self.deployment, moment)
        wave = self.waves[-1]
        sent = self._sent(wave)
        earlier = [each for each in self.phones.sent if each.wave != wave]
        groups = self._released_groups() if moment.is_sealed else {}
        self.result.orders.append(read_orders(copy, str(self.plan.seed), sent, groups))
        joiner = Joiner(copy, sent, groups)
        joiner.join_equal_values()
        joiner.join_hashes()
        joiner.join_waves(self._rows_of_other_waves(copy, wave))
        joiner.name_authors()
        joiner.count_groups()
        joiner.count_small_groups()
        joiner.count_rows_of_people()
        for attack in (
            *("equal values", "hashes of known values", "brute force of digests"),
            *("values that come back in another wave", "draws that are kept"),
            *("candidates of a group of rows", "few rows under a team"),
        ):
            self._tried(attack)
        self._tried("joins", joiner.findings, name_only=False)
        self.result.claims[moment] = joiner.claims
        self._tried("plaintext search", search_plaintext(copy, sent, earlier))
        self._tried("search for sealing keys", search_keys(copy, self.private_keys))
        self._tried("search of text logs", search_text_logs(copy, sent))

    def _rows_of_other_waves(self, copy: Capture, wave: str) -> list[Row]:
        wave_hex = UUID(wave.partition(".")[2]).hex
        return [
            row
            for name in ("answers", "spent_ballots", "submissions")
            for row in copy.tables.get(name, ())
            if row.get("wave_id", wave_hex) != wave_hex
        ]

    def _attack_reports(self) -> None:
        teams = list(self.team_ids.values())
        libraries = [
            read_everything(reader, teams, self.waves, self.markers)
            for reader in self.readers
        ]
        self.result.ledger.roles |= {reader.role for reader in self.readers}
        self.result.ledger.roles.add("operator")
        for library in libraries:
            seen = [
                (truth, score_documents([library], truth.wave))
                for truth, _ in self.truths
            ]
            self._attack_linear(library.role, seen)
        self._attack_linear("all roles together", self.truths)
        for truth, documents in self.truths:
            self._tried("digits that rounding hides", attack_rounding(truth, documents))
        self._tried("unanimous groups")
        for attack in (
            "documents of other roles",
            "tables",
            "reports that add figures",
        ):
            self._tried(attack)
        self._tried("documents of other roles", compare_roles(libraries))

    def _attack_linear(
        self, role: str, seen: Sequence[tuple[WaveTruth, Mapping[str, Any]]]
    ) -> None:
        name = f"linear system of a wave as {role}"
        self._tried(name)
        for truth, documents in seen:
            self._tried(name, attack_linear(role, truth, documents))
        name = f"linear system over waves as {role}"
        self._tried(name, attack_over_time(role, seen))

    def _tried(
        self, attack: str, findings: Any = (), *, name_only: bool = True
    ) -> None:
        placed = [
            replace(each, engine=self.plan.engine, seed=str(self.plan.seed))
            for each in findings
        ]
        if name_only:
            self.result.ledger.tried(attack, placed)
        else:
            self.result.ledger.findings += placed
