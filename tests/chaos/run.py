"""One run: storm, calm, and judgement."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from demo.agency import ROOT
from demo.playing import say
from tests.chaos import database
from tests.chaos.cast import cast
from tests.chaos.evidence import Evidence
from tests.chaos.invariants import Invariant, invariants
from tests.chaos.journal import entries
from tests.chaos.probes import Probes
from tests.chaos.stage import Stage, stage
from tests.chaos.storm import Storm, TooSlowError

LEAST_SHARE = 0.25
"""Of all phones in all waves, those that have to answer for a run to show anything."""

LEAST_SECONDS = 12.0
"""How long a wave stays open at least."""


@dataclass(frozen=True)
class Plan:
    """What to run.

    Attributes:
        seed: of all dice.
        engine: ``sqlite`` or ``postgresql``.
        devices: how many people have a phone.
        waves: how many waves they are asked in.
        environment: of the service's programs, besides what they are told anyway.
    """

    seed: str
    engine: str
    devices: int
    waves: int
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Findings:
    """What came out.

    Attributes:
        faults: how often each thing went wrong.
        fates: how often the phones were told each status in the end.
        submissions: answers that phones took.
        violations: what broke each promise; nothing, if all is well.
    """

    plan: Plan
    faults: Counter[str]
    fates: Counter[str]
    submissions: int
    violations: Mapping[Invariant, list[str]]

    @property
    def all_is_well(self) -> bool:
        """Whether every promise was kept."""
        return not any(self.violations.values())

    def broken(self, name: str) -> int:
        """How many items broke the promise of this name."""
        return sum(
            len(items) for one, items in self.violations.items() if one.name == name
        )

    def __str__(self) -> str:
        kept = sum(not items for items in self.violations.values())
        return (
            f"chaos: engine {self.plan.engine}, seed {self.plan.seed}, "
            f"{self.plan.devices} devices, {self.submissions} submissions, "
            f"{self.faults.total()} faults, lost {self.broken('I1')}, "
            f"doubled {self.broken('I2')}, untruthful acks {self.broken('I3')}, "
            f"invariants {kept}/{len(self.violations)}"
        )


def run(plan: Plan) -> Findings:
    """Plays a run and judges it.

    Raises:
        TooSlowError: nothing can be shown on this machine.
    """
    people = cast(Random(plan.seed), plan.devices, plan.waves)
    with stage(plan.engine, plan.seed, people, plan.environment) as running:
        storm = Storm(running)
        took = storm.enrol()
        say(f"  {plan.devices} phones enrolled in {took:.1f} s")
        storm.plan(plan.waves, LEAST_SECONDS + 1.5 * took)
        storm.rage()
        began = time.monotonic()
        storm.settle()
        say(f"  calm: everything settled in {time.monotonic() - began:.1f} s")
        return _judge(plan, running, storm)


def _judge(plan: Plan, running: Stage, storm: Storm) -> Findings:
    evidence = gather(running)
    violations = {
        one: list(one.check(evidence)) for one in invariants(Probes(running, evidence))
    }
    crossed = Counter(str(e["fault"]) for e in evidence.crossed if e["fault"])
    fates = Counter(
        str(item["status"] or item["state"]) for item in evidence.final.values()
    )
    answered = {
        key
        for key, tries in evidence.tries.items()
        if any(one.outcome == "answered" for one in tries)
    }
    if len(answered) < LEAST_SHARE * plan.devices * plan.waves:
        raise TooSlowError(f"only {len(answered)} answers were given")
    return Findings(plan, crossed + storm.harm(), fates, len(answered), violations)


def gather(running: Stage) -> Evidence:
    """Reads all ledgers."""
    return Evidence(
        {
            person: list(entries(running.ledger(person)))
            for person in running.cast.people
        },
        list(entries(running.crossed)),
        list(entries(running.attacks)),
        database.read(running.house.database_url, ROOT),
    )
