"""Campaign against one agency: its waves, and every attack on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

from rapport_client._protocol import base64url
from rapport_schemas.enums import Scope
from rapport_service.instrument.bank import CURRENT_INSTRUMENT
from tools.attack.agency import Member
from tools.attack.capture import Capture, Moment, Row, capture
from tools.attack.comparisons import compare_roles
from tools.attack.deployment import Deployment, TickFailedError, deploy
from tools.attack.findings import Ledger
from tools.attack.joins import Claim, Joiner
from tools.attack.live import Observer, compare_audits, compare_snapshots
from tools.attack.orders import Orders, read_orders
from tools.attack.phones import PhoneFailedError, Phones
from tools.attack.probes import (
    FOREIGN_ENVELOPE,
    FOREIGN_KEY,
    OVERLAP,
    UNMARKED_FOLDER,
    compare_sealing_keys,
    open_foreign_envelopes,
    plan_overlapping_wave,
    seal_without_marker,
)
from tools.attack.readers import (
    THOROUGH_ROLES,
    Library,
    ReportReader,
    hire_readers,
    pick_bystander,
    read_everything,
)
from tools.attack.reports import (
    ROLL_UPS,
    WaveTruth,
    attack_early,
    attack_linear,
    attack_over_time,
    attack_roll_ups,
    attack_rounding,
    score_documents,
)
from tools.attack.residuals import find_leaks
from tools.attack.search import search_keys, search_plaintext, search_text_logs
from tools.attack.stage import CampaignPlan, NothingProvedError, Stage

EARLY_SHARE = 0.6
"""Share of the answers that arrive before the tables are rewritten in mid-wave."""


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


class Campaign(Stage):
    """One agency under attack.

    Args:
        plan: the size.
        deployment: the service.
        phones: of its people.
    """

    def __init__(
        self, plan: CampaignPlan, deployment: Deployment, phones: Phones
    ) -> None:
        super().__init__(plan, deployment, phones)
        self.result = CampaignResult(plan)
        self.truths: list[tuple[WaveTruth, dict[str, Any]]] = []
        self.readers: list[ReportReader] = []
        self.private_keys: set[bytes] = set()
        self.auditor: ReportReader | None = None
        self.charters: list[dict[str, Any]] = []

    def run(self) -> CampaignResult:
        """Play all waves, the last one under attack, and a hundred days after it.

        A service that leaks may also break its phones; what was seen by then counts.
        """
        try:
            self._play()
        except (NothingProvedError, PhoneFailedError, TickFailedError):
            if not find_leaks(self.result.ledger.findings):
                raise
        return self.result

    def _play(self) -> None:
        for number in range(self.plan.waves):
            if number:
                self.people = self.generator.change(self.people)
                self.declare_marker(number)
            self.put_roster()
            self.enrol()
            self._play_wave(is_attacked=number == self.plan.waves - 1)
        if self.plan.has_readers:
            self._attack_reports()
        for _ in range(10):
            self.deployment.tick(days=10)
        self._attack_copy(Moment.LATER)

    def _play_wave(self, *, is_attacked: bool) -> None:
        wave = self.agency.plan()
        self.waves.append(wave)
        if len(self.waves) == 1:
            deps = self.deployment.harness.dependencies
            self._tried(UNMARKED_FOLDER, seal_without_marker(deps))
        self.deployment.tick()
        owners = [
            each for each in self.people.members.values() if each.name in self.phones
        ]
        self._probe_charter(wave)
        before = self._read_audit()
        self.draw(owners)
        self._tried(
            "audit while phones draw", compare_audits(before, self._read_audit())
        )
        self.deployment.tick(days=1, hours=1)
        queue = self.answer(owners, wave)
        late = queue[: len(queue) // 6]
        queue = queue[len(late) :]
        first = int(EARLY_SHARE * len(queue))
        self.send(queue[:first], wave)
        self.deployment.rewrite()
        if is_attacked:
            self._attack_copy(Moment.REWRITTEN)
            if self.plan.has_readers:
                self._attack_live(queue[first : first + 1], wave)
                first += 1
        self.send(queue[first:], wave)
        if is_attacked:
            self._attack_copy(Moment.ARRIVING)
        self.deployment.tick(days=7)
        self.send(late, wave)
        self.deployment.tick(days=7)
        self._note_release(wave)
        if is_attacked:
            self._attack_copy(Moment.SEALED)

    def _probe_charter(self, wave: str) -> None:
        """Read the charter of a wave, and try keys and envelopes that do not fit."""
        reply = self.deployment.harness.http.get(f"/v1/waves/{wave}/charter")
        self.charter = reply.get_json()
        self.charters.append(self.charter)
        self._tried(FOREIGN_KEY, compare_sealing_keys(self.charters))
        keys = self.deployment.read_private_keys()
        self.private_keys |= keys
        digest = base64url.digest(reply.data)
        for pem in keys:
            if wave.encode() in pem:
                self._tried(
                    FOREIGN_ENVELOPE, open_foreign_envelopes(self.charter, digest, pem)
                )

    def _read_audit(self) -> bytes:
        """Read the audit as a program of an auditor, whose login is no entry."""
        if self.auditor is None:
            self.auditor = ReportReader("auditor", self.agency, scopes=(Scope.AUDIT,))
            self.auditor.get("/v1/audit")
        reply = self.auditor.get("/v1/audit")
        if reply.status != HTTPStatus.OK:
            raise NothingProvedError(f"the audit is not readable: {reply.status}")
        return reply.body

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
            sorted({key for key in self.ballot_keys().values() if key}),
        )
        before = observer.observe()
        for member, answered in queue:
            self.phones.send(member.name, wave, answered)
        after = observer.observe()
        self._tried("polling of both doors", compare_snapshots(before, after))
        admin = observer.administrator
        http = self.deployment.harness.http
        self._tried(OVERLAP, plan_overlapping_wave(http, admin, wave))

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
            self.sent_in(wave),
            self.voting_teams(),
            self.charter["min_respondents"],
        )
        self.truths.append((truth, documents))

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
        sent = self.sent_in(wave)
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
            if all(each.status != HTTPStatus.OK for each in library.replies.values()):
                raise NothingProvedError(f"{library.role} reads nothing")
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
        self._tried(ROLL_UPS, attack_roll_ups(libraries, self._teams_around()))

    def _teams_around(self) -> dict[str, set[str]]:
        """The teams around each team today, by id, the team itself among them."""
        return {
            self.team_ids[team]: {
                self.team_ids[above]
                for above in self.people.parents
                if team in self.people.subtree(above)
            }
            for team in self.people.parents
        }

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
