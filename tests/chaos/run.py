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
from demo.playing import say
from tests.chaos import database
from tests.chaos.cast import cast
from tests.chaos.evidence import Evidence
from tests.chaos.faults import Weather
from tests.chaos.invariants import Invariant, invariants
from tests.chaos.journal import entries
from tests.chaos.probes import Probes
from tests.chaos.stage import Stage, stage
from tests.chaos.storm import Storm, TooSlowError

STORM = Weather(0.15, 0.6)

LEAST_SHARE = 0.25
"""Of all phones in all waves, those that have to answer for a run to show anything."""

LONGER = (1.0, 2.0)
"""How much longer a wave stays open than measured, one try after the other."""

LEAST_SECONDS = 8.0
"""How long a wave stays open at least."""


@dataclass(frozen=True)
class Plan:
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
    weather: Weather = STORM
    deadly: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
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

    plan: Plan
    crossed: Counter[tuple[str, str]]
    harm: Counter[str]
    uses: Counter[str]
    deadly_writes: set[int]
    service_writes: set[int]
    fates: Counter[str]
    submissions: int
    ledgers: Path
    violations: Mapping[Invariant, list[str]]

    @property
    def all_is_well(self) -> bool:
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
        faults = self.crossed.total() + self.harm.total()
        asked = [items for one, items in self.violations.items() if one.asked]
        kept = sum(not items for items in asked)
        return (
            f"chaos: engine {self.plan.engine}, seed {self.plan.seed}, "
            f"{self.plan.devices} devices, {self.submissions} submissions, "
            f"{faults} faults, lost {self.broken('I1')}, "
            f"doubled {self.broken('I2')}, untruthful acks {self.broken('I3')}, "
            f"invariants {kept}/{len(asked)}"
        )


KINDS = {
    "/v1/submissions": "submit",
    "/v1/ballots": "draw",
    "/v1/token": "refresh",
    "/v1/enrolments": "enrol",
    "/v1/sync": "list",
}
OTHER = "document"


def kind_of(path: str) -> str:
    """What a request is for, in one word."""
    return KINDS.get(path, OTHER)


def run(plan: Plan) -> Findings:
    """Plays a run and judges it; with longer waves where the machine needs them.

    Raises:
        TooSlowError: nothing can be shown on this machine.
    """
    for longer in LONGER:
        try:
            return _run(plan, longer)
        except TooSlowError as error:
            say(f"  too slow: {error}; once more with longer waves")
    return _run(plan, 2 * LONGER[-1])


def _run(plan: Plan, longer: float) -> Findings:
    """One try; its folder stays only where somebody has to look into it."""
    folder = Path(mkdtemp(prefix="rapport-chaos-"))
    try:
        findings = _play(plan, longer, folder)
    except TooSlowError:
        shutil.rmtree(folder)
        raise
    if findings.all_is_well:
        shutil.rmtree(folder)
    return findings


def _play(plan: Plan, longer: float, folder: Path) -> Findings:
    people = cast(Random(plan.seed), plan.devices, plan.waves)
    with stage(folder, plan.engine, plan.seed, people, plan.environment) as running:
        storm = Storm(running, plan.weather, deadly=plan.deadly)
        took = storm.enrol()
        say(f"  {plan.devices} phones enrolled in {took:.1f} s")
        measured = 1.5 * took + 3 * running.house.command_seconds
        storm.plan(plan.waves, longer * (LEAST_SECONDS + measured))
        storm.rage()
        began = time.monotonic()
        storm.settle()
        say(f"  calm: everything settled in {time.monotonic() - began:.1f} s")
        return _judge(plan, running, storm)


def _judge(plan: Plan, running: Stage, storm: Storm) -> Findings:
    evidence = gather(running, storm)
    violations = {
        one: list(one.check(evidence))
        for one in invariants(Probes(running, evidence), storm.moments)
    }
    crossed = Counter(
        (str(entry["fault"]), kind_of(entry["path"]))
        for entry in evidence.crossed
        if entry["fault"]
    )
    fates = Counter(
        f"{op}: {item['status'] or item['state']}"
        for story in evidence.stories
        for op, item in story.last.items()
    )
    answered = [story for story in evidence.stories if story.is_answered]
    few = len(answered) < LEAST_SHARE * plan.devices * plan.waves
    if few and not any(violations.values()):
        raise TooSlowError(f"only {len(answered)} answers were given")
    return Findings(
        plan,
        crossed,
        storm.harm(),
        storm.fleet.uses,
        storm.fleet.deadly_writes,
        storm.trouble.deadly_writes,
        fates,
        len(answered),
        running.folder,
        violations,
    )


def gather(running: Stage, storm: Storm) -> Evidence:
    """Reads all ledgers."""
    return Evidence(
        running.cast,
        {
            device: list(entries(running.ledger(device)))
            for device in running.cast.devices
        },
        list(entries(running.crossed)),
        list(entries(running.attacks)),
        database.read(running.house.database_url, ROOT),
        storm.moments,
        running.house.log.read_text(),
        tuple(storm.fleet.broken),
    )
