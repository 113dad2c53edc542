"""All promises that a run checks, numbered as the documentation has them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.chaos import fates, manners, scores
from tests.chaos.evidence import Evidence, Moments
from tests.chaos.probes import Probes

Check = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True)
class Invariant:
    """One promise of the protocol.

    Attributes:
        name: as the documentation numbers it.
        promise: what is promised, in a few words.
        check: yields what breaks it.
        asked: whether anything happened in the run that could break it.
    """

    name: str
    promise: str
    check: Check
    asked: bool = True


def invariants(probes: Probes, moments: Moments) -> tuple[Invariant, ...]:
    """All of them.

    Args:
        probes: ask the running service once more.
        moments: when what happened, if it did.
    """
    listed: tuple[tuple[str, Check], ...] = (
        ("no answer is lost", fates.no_loss),
        ("none is counted twice", fates.no_double),
        ("what was acknowledged is so", fates.truthful),
        ("sent again, nothing changes", probes.replayed),
        ("cut and ordered otherwise, nothing changes", probes.recut),
        ("poison harms no neighbour", probes.isolated),
        ("the first content wins, two others are kept", fates.first_wins),
        ("of identical requests one is accepted, and none breaks", fates.races),
        ("lost replies cost requests, nothing else", fates.one_acceptance),
        ("wrong clocks change no fate and no order", manners.clocks),
        ("what is withdrawn never comes back", fates.withdrawals),
        ("a phone that was replaced or revoked still hands in", manners.revoked),
        ("a form that was never issued is held", fates.unknown_forms),
        ("who is asked for patience has it", manners.polite),
        ("a backlog drains in few requests", manners.drains),
        ("only answers that were taken are sent, and none crashes", manners.only_taken),
        ("only the service lets a phone let go", manners.nobody_else_lets_go),
        ("scores are those of the answers given", scores.honest),
        ("nobody makes a ballot of their own", probes.unforgeable),
        ("what was rolled back is there again", fates.restored),
        ("no log names anybody", manners.nothing_identifies),
        ("requests and replies are small", manners.small_requests),
    )
    return tuple(
        Invariant(
            f"I{number}",
            promise,
            check,
            asked=check is not fates.restored or moments.restored is not None,
        )
        for number, (promise, check) in enumerate(listed, start=1)
    )
