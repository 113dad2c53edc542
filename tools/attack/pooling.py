"""Attacks that need many agencies: orders and conclusions, pooled over seeds."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import inf, log10

from tools.attack.capture import Moment
from tools.attack.findings import Finding, Kind
from tools.attack.joins import Claim
from tools.attack.orders import Orders, Places, Side
from tools.attack.statistics import (
    FAMILY_ERROR,
    Floats,
    break_ties,
    holm,
    measure_correlation,
    measure_partition,
)

PAIRS = (
    (Side.ARRIVAL, Side.BALLOTS),
    (Side.ARRIVAL, Side.ANSWERS),
    (Side.PEOPLE, Side.BALLOTS),
    (Side.PEOPLE, Side.ANSWERS),
    (Side.BALLOTS, Side.ANSWERS),
)
"""Sides whose orders must tell nothing of each other."""

MAX_CHANCE = 1e-6
"""Probability that guesses are right so often, above which they prove nothing."""

PHYSICAL = ("(position)", "(xmin)", "(xmax)", "place", "on a page", "arrival")
"""Endings of orders that are no column: they follow from when a row was written."""

Pooled = dict[str, dict[tuple[str, ...], Sequence[int | None]]]


class PooledTests:
    """Tests of one engine, over all of its agencies.

    Args:
        engine: its name.
        orders: of each agency and copy.
        claims: of each agency, by moment.
    """

    def __init__(
        self,
        engine: str,
        orders: Iterable[Orders],
        claims: Iterable[Mapping[Moment, Sequence[Claim]]],
    ) -> None:
        self.engine = engine
        self.by_moment: dict[Moment, list[Orders]] = defaultdict(list)
        for each in orders:
            self.by_moment[each.moment].append(each)
        self.claims: dict[tuple[Moment, str], list[Claim]] = defaultdict(list)
        for agency in claims:
            for moment, drawn in agency.items():
                for claim in drawn:
                    self.claims[moment, claim.rule].append(claim)
        self.attacks: set[str] = set()

    def run(self) -> list[Finding]:
        """Run every test; Holm's correction is over all tests of orders and groups."""
        p_values: dict[str, float] = {}
        findings: dict[str, Finding] = {}
        for moment, orders in self.by_moment.items():
            for name, finding, p in (
                *self._test_orders(moment, orders),
                *self._test_groups(moment, orders),
            ):
                key = f"{moment}: {name}"
                self.attacks.add(name)
                p_values[key], findings[key] = p, finding
        significant = holm(p_values, FAMILY_ERROR)
        return [findings[key] for key in sorted(significant)] + list(
            self._judge_claims()
        )

    def _test_orders(
        self, moment: Moment, orders: Sequence[Orders]
    ) -> Iterator[tuple[str, Finding, float]]:
        pooled = {
            side: _distinct(_pool(each.places.get(side, {}) for each in orders))
            for side in Side
        }
        for left_side, right_side in PAIRS:
            for (left, own), (right, its) in product(
                pooled[left_side].items(), pooled[right_side].items()
            ):
                name = f"{left_side} by {left}, {right_side} by {right}"
                self.attacks.add(name)
                result = measure_correlation(_strata(own, its))
                if result is None:
                    continue
                finding = self._finding(
                    name,
                    self._kind(left_side, left, right),
                    moment,
                    f"the orders correlate by {result.strength:+.2f} over"
                    f" {result.people} people (p = {result.p:.1g})",
                )
                yield name, finding, result.p

    def _kind(self, side: Side, left: str, right: str) -> Kind:
        names = (left, right)
        if self.engine == "postgresql" and any(
            n.startswith("log of changes") for n in names
        ):
            return Kind.ORDER_IN_LOG
        if not all(name.endswith(PHYSICAL) for name in names):
            return Kind.LINK
        return Kind.ORDER_OF_ROWS if side is Side.ARRIVAL else Kind.LINK_BY_ORDER

    def _test_groups(
        self, moment: Moment, orders: Sequence[Orders]
    ) -> Iterator[tuple[str, Finding, float]]:
        pooled: dict[str, list[tuple[list[int], list[int]]]] = defaultdict(list)
        for each in orders:
            for column, strata in each.groups.items():
                pooled[column] += strata
        for number, (column, strata) in enumerate(pooled.items()):
            name = f"groups by {column} values"
            self.attacks.add(name)
            p = measure_partition(strata, number)
            if p is not None:
                sentence = (
                    f"{column} values part the rows of a released group, or of a wave,"
                    f" by voting team (p = {p:.1g})"
                )
                yield name, self._finding(name, Kind.FINER_GROUP, moment, sentence), p

    def _judge_claims(self) -> Iterator[Finding]:
        for (moment, rule), claims in self.claims.items():
            name = f"conclusion from {rule}"
            self.attacks.add(name)
            chance = sum(log10(each.chance) if each.chance else -inf for each in claims)
            if all(each.is_true for each in claims) and chance < log10(MAX_CHANCE):
                yield self._finding(
                    name,
                    claims[0].kind if len({c.kind for c in claims}) == 1 else Kind.LINK,
                    moment,
                    f"the conclusion was right in all of {len(claims)} cases",
                )

    def _finding(self, name: str, kind: Kind, moment: Moment, sentence: str) -> Finding:
        return Finding(name, kind, moment, sentence, self.engine, "all seeds")


def _pool(sides: Iterable[Mapping[str, Places]]) -> Pooled:
    pooled: Pooled = defaultdict(dict)
    for side in sides:
        for name, places in side.items():
            pooled[name] |= places
    return pooled


def _distinct(orders: Pooled) -> Pooled:
    """Leave out orders that equal another one: the same key under another name."""
    by_places = {repr(sorted(places.items())): name for name, places in orders.items()}
    return {name: orders[name] for name in by_places.values()}


def _strata(
    left: Mapping[tuple[str, ...], Sequence[int | None]],
    right: Mapping[tuple[str, ...], Sequence[int | None]],
) -> Iterator[tuple[Floats, Floats]]:
    """Ranks of the people of each stratum who have a place in both orders."""
    for number, key in enumerate(sorted(left.keys() & right.keys())):
        both = [
            (own, its)
            for own, its in zip(left[key], right[key], strict=True)
            if own is not None and its is not None
        ]
        if len(both) > 1:
            yield (
                break_ties([own for own, _ in both], 2 * number),
                break_ties([its for _, its in both], 2 * number + 1),
            )
