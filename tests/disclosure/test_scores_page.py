"""The table of sizes in docs/scores.md, against the rules that decide."""

import re
from pathlib import Path

from rapport_service.charter.limits import DEFAULT_MIN_POOL, DEFAULT_MIN_RESPONDENTS
from rapport_service.disclosure.tiers import MEASURES, plan_tiers
from rapport_service.disclosure.tree import Node, Tree

PAGE = Path(__file__).parents[2] / "docs/scores.md"


def result(people, percent):
    """The tier of a team without teams below it if so many of its people answer."""
    if people < DEFAULT_MIN_POOL:
        return "no key"
    tree = Tree([Node("team", None, "team")])
    counts = {measure: {"team": people * percent // 100} for measure in MEASURES}
    tiers = plan_tiers(tree, counts, DEFAULT_MIN_RESPONDENTS, ())
    return tiers.tier_of("team") if "team" in tiers.coarse else "no"


def test_page_says_which_size_and_response_give_a_score():
    lines = PAGE.read_text("utf-8").splitlines()
    header = next(line for line in lines if line.startswith("| people who can answer"))
    percents = [int(each) for each in re.findall(r"(\d+)%", header)] + [100]
    start = lines.index(header) + 2
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        people, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        rows.append(int(people))
        assert cells == [result(int(people), percent) for percent in percents], people

    assert min(rows) < DEFAULT_MIN_POOL <= max(rows)
