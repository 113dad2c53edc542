"""One run: faults, recovery and checks."""

import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from demo.agency import ROOT
from demo.wave_steps import print_progress
from tools.chaos import database
from tools.chaos.answer_checks import check_restored
from tools.chaos.envelopes import open_all
from tools.chaos.environment import RunEnvironment, start_environment
from tools.chaos.evidence import Evidence
from tools.chaos.invariants import Invariant, list_invariants
from tools.chaos.journal import read_entries
from tools.chaos.network_faults import FaultRates
from tools.chaos.operation_checks import check_rights, check_rosters
from tools.chaos.participants import draw_participants
from tools.chaos.replay_checks import ReplayChecks
from tools.chaos.restore_checks import RestoreChecks
from tools.chaos.scenario import Scenario, TooSlowError
from tools.chaos.token_checks import TokenChecks

STORM_RATES = FaultRates(0.15, 0.6)

MIN_ANSWERED_SHARE = 0.25
"""Share of all people in all waves who have to answer, or a run proves nothing."""

WAVE_STRETCHES = (1.0, 2.0)
"""Factors by which a wave stays open longer than measured, one for each try."""

MIN_WAVE_SECONDS = 8.0
"""Seconds that a wave stays open at least."""


@dataclass(frozen=True)
class RunPlan:
    """Parameters of a run.

    Attributes:
        seed: of all random generators.
        engine: ``sqlite`` or ``postgresql``.
        devices: number of people with a device.
        waves: number of waves.
        fault_rates: of the network.
        deadly: whether the service's processes are killed.
        service_env: additional environment variables of the service's programs.
    """

    seed: str
    engine: str
    devices: int
    waves: int
    fault_rates: FaultRates = STORM_RATES
    deadly: bool = True
    service_env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunResult:
    """Result of a run.

    Attributes:
        plan: its parameters.
        exchanges: number of network faults, by fault and kind of request.
        fault_counts: number of faults of processes and disks, and of attacks.
        uses: number of sessions in bad circumstances, which are no faults.
        deadly_writes: numbers of the writes at which a phone was killed.
        service_writes: numbers of the writes at which a process of the service was.
        final_statuses: number of items with each last status.
        submissions: answers that phones accepted.
        ledgers: folder of all ledgers and outboxes, kept if an invariant was broken.
        violations: of each invariant.
    """

    plan: RunPlan
    exchanges: Counter[tuple[str, str]]
    fault_counts: Counter[str]
    uses: Counter[str]
    deadly_writes: set[int]
    service_writes: set[int]
    final_statuses: Counter[str]
    submissions: int
    ledgers: Path
    violations: Mapping[Invariant, list[str]]

    @property
    def is_passed(self) -> bool:
        """Whether no invariant was broken."""
        return not any(self.violations.values())

    @property
    def broken_names(self) -> set[str]:
        """Names of the invariants that were broken."""
        return {invariant.name for invariant, items in self.violations.items() if items}

    def broken(self, name: str) -> int:
        """Number of violations of the invariant of this name."""
        return sum(
            len(items)
            for invariant, items in self.violations.items()
            if invariant.name == name
        )

    def __str__(self) -> str:
        faults = self.exchanges.total() + self.fault_counts.total()
        asked = [
            items
            for invariant, items in self.violations.items()
            if invariant.lacking is None
        ]
        kept = sum(not items for items in asked)
        return (
            f"chaos: engine {self.plan.engine}, seed {self.plan.seed}, "
            f"{self.plan.devices} devices, {self.submissions} submissions, "
            f"{faults} faults, lost {self.broken('I1')}, "
            f"doubled {self.broken('I2')}, untruthful acks {self.broken('I3')}, "
            f"invariants {kept}/{len(asked)}"
        )


REQUEST_KINDS = {
    "/v1/submissions": "submit",
    "/v1/ballots": "draw",
    "/v1/token": "refresh",
    "/v1/enrolments": "enrol",
    "/v1/sync": "list",
}
OTHER_KIND = "document"


def classify_request(path: str) -> str:
    """The kind of a request, in one word."""
    return REQUEST_KINDS.get(path, OTHER_KIND)


def run_plan(plan: RunPlan) -> RunResult:
    """Plays a run and checks it, with longer waves where the machine needs them.

    Raises:
        TooSlowError: this machine is too slow to prove anything.
    """
    for stretch in WAVE_STRETCHES:
        try:
            return _run(plan, stretch)
        except TooSlowError as error:
            print_progress(f"  too slow: {error}; once more with longer waves")
    return _run(plan, 2 * WAVE_STRETCHES[-1])


def _run(plan: RunPlan, stretch: float) -> RunResult:
    """Plays one try; its folder is kept only if an invariant was broken."""
    folder = Path(mkdtemp(prefix="rapport-chaos-"))
    try:
        result = _play(plan, stretch, folder)
    except TooSlowError:
        shutil.rmtree(folder)
        raise
    if result.is_passed:
        shutil.rmtree(folder)
    return result


def _play(plan: RunPlan, stretch: float, folder: Path) -> RunResult:
    people = draw_participants(Random(plan.seed), plan.devices, plan.waves)
    with start_environment(
        folder, plan.engine, plan.seed, people, plan.service_env
    ) as environment:
        scenario = Scenario(environment, plan.fault_rates, deadly=plan.deadly)
        took = scenario.enrol()
        print_progress(f"  {plan.devices} phones enrolled in {took:.1f} s")
        measured = 1.5 * took + 3 * environment.installation.command_seconds
        scenario.plan(plan.waves, stretch * (MIN_WAVE_SECONDS + measured))
        scenario.run()
        began = time.monotonic()
        scenario.settle()
        print_progress(
            f"  without faults all settled in {time.monotonic() - began:.1f} s"
        )
        return _judge(plan, environment, scenario)


def _judge(plan: RunPlan, environment: RunEnvironment, scenario: Scenario) -> RunResult:
    evidence = gather_evidence(environment, scenario)
    violations = {
        invariant: [] if invariant.lacking else list(invariant.check(evidence))
        for invariant in list_invariants(
            ReplayChecks(environment, evidence),
            RestoreChecks(environment),
            TokenChecks(environment),
            list_lacking(evidence, scenario),
        )
    }
    exchanges = Counter(
        (str(entry["fault"]), classify_request(entry["path"]))
        for entry in evidence.exchanges
        if entry["fault"]
    )
    final_statuses = Counter(
        f"{op}: {item['status'] or item['state']}"
        for timeline in evidence.timelines
        for op, item in timeline.last_status.items()
    )
    answered = [timeline for timeline in evidence.timelines if timeline.is_answered]
    is_too_few = len(answered) < MIN_ANSWERED_SHARE * plan.devices * plan.waves
    if is_too_few and not any(violations.values()):
        raise TooSlowError(f"only {len(answered)} answers were given")
    return RunResult(
        plan,
        exchanges,
        scenario.fault_counts(),
        scenario.fleet.uses,
        scenario.fleet.deadly_writes,
        scenario.service_faults.deadly_writes,
        final_statuses,
        len(answered),
        environment.folder,
        violations,
    )


def list_lacking(evidence: Evidence, scenario: Scenario) -> dict[str, str]:
    """Lists why the run could not break a promise, by the name of its check."""
    lacking: dict[str, str] = {}
    if evidence.run_times.restored is None:
        lacking[check_restored.__name__] = "nothing was rolled back in this run"
    if not any(entry["event"] == "roster put" for entry in evidence.operations):
        lacking[check_rosters.__name__] = (
            "the agency is so small that its roster needs no guard"
        )
    if not any(entry["event"] == "right removed" for entry in evidence.operations):
        lacking[check_rights.__name__] = "nobody was removed while a wave was open"
    if not scenario.has_day_before:
        lacking[RestoreChecks.check_release.__name__] = (
            "no snapshot was taken before a seal"
        )
    return lacking


def gather_evidence(environment: RunEnvironment, scenario: Scenario) -> Evidence:
    """Reads all ledgers, and opens the envelopes in them."""
    snapshot = database.read_snapshot(environment.installation.database_url, ROOT)
    phones = {
        device: list(read_entries(environment.ledger(device)))
        for device in environment.participants.devices
    }
    attacks = list(read_entries(environment.attacks))
    environment.key_keeper.keep()
    sent = [
        item
        for entry in [*chain.from_iterable(phones.values()), *attacks]
        for item in entry.get("items", [])
        if "envelope" in item
    ]
    return Evidence(
        environment.participants,
        phones,
        list(read_entries(environment.exchanges)),
        attacks,
        snapshot,
        scenario.run_times,
        "\n".join(
            each.installation.log.read_text()
            for each in (environment.server, environment.other)
        ),
        tuple(scenario.fleet.broken),
        tuple(scenario.waves),
        list(read_entries(environment.operations)),
        list(read_entries(environment.wrong_address)),
        database.count_stored(environment.other.installation.database_url, ROOT),
        open_all(
            sent,
            snapshot.waves,
            {kid: wave for kid, (wave, _) in snapshot.keys.items()},
            environment.key_keeper.keys(),
        ),
    )
