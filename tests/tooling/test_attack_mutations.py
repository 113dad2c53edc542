"""Mutations of ``make attack-selftest``: each still has its place in the products."""

import subprocess
import sys

from tools.attack.mutations import MUTATIONS
from tools.attack.selftest import PLANS, SMALL

APPLY_ALL = """
from tools.attack.mutations import MUTATIONS
for mutation in MUTATIONS.values():
    mutation.apply()
"""


def test_every_mutation_applies_to_the_products_as_they_are():
    """In a process of its own: nothing takes a mutation back."""
    done = subprocess.run(
        [sys.executable, "-c", APPLY_ALL], capture_output=True, text=True, check=False
    )

    assert done.stderr == ""
    assert done.returncode == 0


def test_at_least_twelve_mutations_name_the_attacks_that_must_notice_them():
    assert len(MUTATIONS) >= 12
    assert all(mutation.attacks for mutation in MUTATIONS.values())


def test_every_plan_is_of_a_mutation_and_plays_one_engine_at_least():
    assert PLANS.keys() <= {"", *MUTATIONS}
    assert all(plan.campaigns() for plan in [SMALL, *PLANS.values()])
