"""Mutations and invariants of chaos: names that they replace, and documentation."""

import re
from pathlib import Path

import pytest

from tools.chaos import mutations
from tools.chaos.invariants import list_invariants
from tools.chaos.mutations import (
    SDK_MUTATIONS,
    SERVICE_MUTATIONS,
    replace_attribute,
)

DOCUMENT = (Path(__file__).parents[2] / "docs/chaos.md").read_text("utf-8")
MUTATIONS = {**SERVICE_MUTATIONS, **SDK_MUTATIONS}


def list_replaced(name, monkeypatch):
    """The owners and names that a mutation replaces; nothing stays replaced."""
    replaced = []
    with monkeypatch.context() as patch:

        def replace(owner, attribute, replacement):
            patch.setattr(owner, attribute, replacement)
            replaced.append((owner, attribute))

        patch.setattr(mutations, "replace_attribute", replace)
        MUTATIONS[name].apply()
    return replaced


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutation_fails_if_a_name_that_it_replaces_is_renamed(name, monkeypatch):
    replaced = list_replaced(name, monkeypatch)
    assert replaced

    for owner, attribute in replaced:
        defining = next(
            place
            for place in getattr(owner, "__mro__", [owner])
            if attribute in vars(place)
        )
        with monkeypatch.context() as patch:
            patch.setattr(mutations, "replace_attribute", patch.setattr)
            patch.delattr(defining, attribute)
            with pytest.raises((AttributeError, KeyError), match=attribute):
                MUTATIONS[name].apply()


def test_attribute_that_does_not_exist_is_not_replaced():
    class Owner:
        """Product with one attribute."""

        name = "original"

    replace_attribute(Owner, "name", "replacement")

    assert Owner.name == "replacement"
    with pytest.raises(AttributeError, match="renamed"):
        replace_attribute(Owner, "renamed", "replacement")
    assert not hasattr(Owner, "renamed")


def test_documentation_lists_every_mutation_with_its_invariants():
    row = r"^\| ([^|(]+?)(?: \([^|]*\))? \| (I[^|]+) \|$"
    rows = re.findall(row, DOCUMENT, re.MULTILINE)

    assert {name: frozenset(caught.split(" or ")) for name, caught in rows} == {
        name: mutation.target_invariants for name, mutation in MUTATIONS.items()
    }


class NoReplays:
    """Replay, restore and token checks of a run that never took place."""

    check_replay = check_regrouping = check_poison_isolation = staticmethod(iter)
    check_forgery = check_release = staticmethod(iter)
    check_thief = check_restored_devices = staticmethod(iter)


def test_documentation_lists_every_invariant():
    rows = re.findall(r"^\| (I\d+) \| ([^|]+?) \|", DOCUMENT, re.MULTILINE)

    assert rows == [
        (invariant.name, invariant.promise.replace("Retry-After", "`Retry-After`"))
        for invariant in list_invariants(NoReplays, NoReplays, NoReplays, {})
    ]
