"""One run: storm, calm, and judgement."""

import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from demo.agency import ROOT
from demo.wave_steps import print_progress
from tools.chaos import database
from tools.chaos.environment import RunEnvironment, start_environment
from tools.chaos.evidence import Evidence
from tools.chaos.invariants import Invariant, list_invariants
from tools.chaos.journal import read_entries
from tools.chaos.network_faults import FaultRates
from tools.chaos.participants import draw_participants
from tools.chaos.replay_checks import ReplayChecks
from tools.chaos.scenario import Scenario, TooSlowError

STORM_RATES = FaultRates(0.15, 0.6)

MIN_ANSWERED_SHARE = 0.25
"""Of all phones in all waves, those that have to answer for a run to show anything."""

WAVE_STRETCHES = (1.0, 2.0)
"""How much longer a wave stays open than measured, one try after the other."""

MIN_WAVE_SECONDS = 8.0
"""How long a wave stays open at least."""


@dataclass(frozen=True)
class RunPlan:
    """What to run.

    Attributes:
        seed: of all dice.
        engine: ``sqlite`` or ``postgresql``.
        devices: how many people have a phone.
        waves: how many waves they are asked in.
        weather: on the line.
        deadly: whether the service's processes die.
        environment: of the service's programs, besides what they are told anyway.
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
    """What came out.

    Attributes:
        crossed: how often each thing went wrong on the line, by the kind of request.
        harm: how often each thing was done to processes, disks, and by the attacker.
        uses: how often devices were used in bad circumstances; no faults by themselves.
        deadly_writes: at which of its writes a phone has died.
        service_writes: at which of its writes a process of the service has died.
        fates: how often the phones were told each status in the end.
        submissions: answers that phones took.
        ledgers: where all ledgers and outboxes lie, if a promise was broken.
        violations: what broke each promise; nothing, if all is well.
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
        """Whether every promise was kept."""
        return not any(self.violations.values())

    @property
    def broken_names(self) -> set[str]:
        """The invariants that were broken."""
        return {one.name for one, items in self.violations.items() if items}

    def broken(self, name: str) -> int:
        """How many items broke the promise of this name."""
        return sum(
            len(items) for one, items in self.violations.items() if one.name == name
        )

    def __str__(self) -> str:
        faults = self.exchanges.total() + self.fault_counts.total()
        asked = [items for one, items in self.violations.items() if one.is_exercised]
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
    """What a request is for, in one word."""
    return REQUEST_KINDS.get(path, OTHER_KIND)


def run_plan(plan: RunPlan) -> RunResult:
    """Plays a run and judges it; with longer waves where the machine needs them.

    Raises:
        TooSlowError: nothing can be shown on this machine.
    """
    for longer in WAVE_STRETCHES:
        try:
            return _run(plan, longer)
        except TooSlowError as error:
            print_progress(f"  too slow: {error}; once more with longer waves")
    return _run(plan, 2 * WAVE_STRETCHES[-1])


def _run(plan: RunPlan, longer: float) -> RunResult:
    """One try; its folder stays only where somebody has to look into it."""
    folder = Path(mkdtemp(prefix="rapport-chaos-"))
    try:
        findings = _play(plan, longer, folder)
    except TooSlowError:
        shutil.rmtree(folder)
        raise
    if findings.is_passed:
        shutil.rmtree(folder)
    return findings


def _play(plan: RunPlan, longer: float, folder: Path) -> RunResult:
    people = draw_participants(Random(plan.seed), plan.devices, plan.waves)
    with start_environment(
        folder, plan.engine, plan.seed, people, plan.service_env
    ) as running:
        storm = Scenario(running, plan.fault_rates, deadly=plan.deadly)
        took = storm.enrol()
        print_progress(f"  {plan.devices} phones enrolled in {took:.1f} s")
        measured = 1.5 * took + 3 * running.installation.command_seconds
        storm.plan(plan.waves, longer * (MIN_WAVE_SECONDS + measured))
        storm.run()
        began = time.monotonic()
        storm.settle()
        print_progress(
            f"  calm: everything settled in {time.monotonic() - began:.1f} s"
        )
        return _judge(plan, running, storm)


def _judge(plan: RunPlan, running: RunEnvironment, storm: Scenario) -> RunResult:
    evidence = gather_evidence(running, storm)
    violations = {
        one: list(one.check(evidence))
        for one in list_invariants(ReplayChecks(running, evidence), storm.run_times)
    }
    crossed = Counter(
        (str(entry["fault"]), classify_request(entry["path"]))
        for entry in evidence.exchanges
        if entry["fault"]
    )
    fates = Counter(
        f"{op}: {item['status'] or item['state']}"
        for story in evidence.timelines
        for op, item in story.last_status.items()
    )
    answered = [story for story in evidence.timelines if story.is_answered]
    few = len(answered) < MIN_ANSWERED_SHARE * plan.devices * plan.waves
    if few and not any(violations.values()):
        raise TooSlowError(f"only {len(answered)} answers were given")
    return RunResult(
        plan,
        crossed,
        storm.fault_counts(),
        storm.fleet.uses,
        storm.fleet.deadly_writes,
        storm.service_faults.deadly_writes,
        fates,
        len(answered),
        running.folder,
        violations,
    )


def gather_evidence(running: RunEnvironment, storm: Scenario) -> Evidence:
    """Reads all ledgers."""
    return Evidence(
        running.participants,
        {
            device: list(read_entries(running.ledger(device)))
            for device in running.participants.devices
        },
        list(read_entries(running.exchanges)),
        list(read_entries(running.attacks)),
        database.read_snapshot(running.installation.database_url, ROOT),
        storm.run_times,
        running.installation.log.read_text(),
        tuple(storm.fleet.broken),
    )
