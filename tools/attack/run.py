"""Run of ``make attack``: campaigns, each in a process, then the pooled tests."""

import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Self

from tools.attack.campaign import CampaignResult, run_campaign
from tools.attack.deployment import ENGINES
from tools.attack.findings import Ledger
from tools.attack.mutations import MUTATIONS
from tools.attack.pooling import PooledTests
from tools.attack.residuals import find_leaks
from tools.attack.stage import CampaignPlan

WORKERS = 2


@dataclass(frozen=True)
class RunPlan:
    """Size of a run.

    Attributes:
        seeds: of the agencies; each is played on each engine.
        engines: names of the engines.
        waves: of each agency.
        sections: of each tree.
        units: the fewest and the most units of a section.
        has_readers: whether reports are read.
        shape: of the agencies, as in a `CampaignPlan`.
        mutation: name of the mutation of the service.
    """

    seeds: Sequence[int]
    engines: Sequence[str] = ENGINES
    waves: int = 3
    sections: int = 2
    units: tuple[int, int] = (2, 3)
    has_readers: bool = True
    shape: str = "random"
    mutation: str = ""

    def mutated(self, name: str) -> Self:
        """The same with a mutation."""
        return replace(self, mutation=name)

    def campaigns(self) -> list[CampaignPlan]:
        """Every campaign, one engine after the other for each seed."""
        return [
            CampaignPlan(
                *(seed, engine, self.waves, self.sections, self.units),
                may_read=self.has_readers,
                shape=self.shape,
                mutation=self.mutation,
            )
            for seed in self.seeds
            for engine in self.engines
        ]


@dataclass(frozen=True)
class RunResult:
    """Result of a run.

    Attributes:
        ledger: all attacks and findings.
        agencies: number of agencies.
        seconds: that it took.
    """

    ledger: Ledger
    agencies: int
    seconds: float


def run(plan: RunPlan) -> RunResult:
    """Play all campaigns, two at a time, then test what they show together."""
    began = time.monotonic()
    campaigns = plan.campaigns()
    with ProcessPoolExecutor(
        min(WORKERS, len(campaigns)),
        mp_context=get_context("spawn"),
        max_tasks_per_child=1,  # the app and its database belong to one process
    ) as processes:
        results = []
        for result in processes.map(play, campaigns):
            results.append(result)
            print(
                f"  {result.plan.engine}, seed {result.plan.seed}:"
                f" {len(result.ledger.findings)} findings,"
                f" {len(find_leaks(result.ledger.findings))} leak",
                flush=True,
            )
    ledger = Ledger()
    for result in results:
        ledger.merge(result.ledger)
    for engine in plan.engines:
        own = [each for each in results if each.plan.engine == engine]
        tests = PooledTests(
            engine,
            [orders for each in own for orders in each.orders],
            [each.claims for each in own],
        )
        ledger.findings += tests.run()
        ledger.attacks |= tests.attacks
    return RunResult(ledger, len(results), time.monotonic() - began)


def play(plan: CampaignPlan) -> CampaignResult:
    """Play one campaign in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-attack-", dir="/tmp"))
    if plan.mutation:
        MUTATIONS[plan.mutation].apply()
    try:
        return run_campaign(plan, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
