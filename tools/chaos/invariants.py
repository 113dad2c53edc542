"""All promises that a run checks, numbered as the documentation has them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.chaos import answer_checks, device_checks, score_checks
from tools.chaos.evidence import Evidence, RunTimes
from tools.chaos.replay_checks import ReplayChecks

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
    is_exercised: bool = True


def list_invariants(probes: ReplayChecks, moments: RunTimes) -> tuple[Invariant, ...]:
    """All of them.

    Args:
        probes: ask the running service once more.
        moments: when what happened, if it did.
    """
    listed: tuple[tuple[str, Check], ...] = (
        ("no answer is lost", answer_checks.check_no_loss),
        ("none is counted twice", answer_checks.check_no_double),
        ("what was acknowledged is so", answer_checks.check_acknowledgements),
        ("sent again, nothing changes", probes.check_replay),
        ("cut and ordered otherwise, nothing changes", probes.check_regrouping),
        ("poison harms no neighbour", probes.check_poison_isolation),
        (
            "the first content wins, two others are kept",
            answer_checks.check_first_content,
        ),
        (
            "of identical requests one is accepted, and none breaks",
            answer_checks.check_races,
        ),
        (
            "lost replies cost requests, nothing else",
            answer_checks.check_single_acceptance,
        ),
        ("wrong clocks change no fate and no order", device_checks.check_clocks),
        ("what is withdrawn never comes back", answer_checks.check_withdrawals),
        (
            "a phone that was replaced or revoked still hands in",
            device_checks.check_ended_devices,
        ),
        ("a form that was never issued is held", answer_checks.check_unknown_forms),
        ("who is asked for patience has it", device_checks.check_retry_after),
        ("a backlog drains in few requests", device_checks.check_backlog_requests),
        (
            "only answers that were taken are sent, and none crashes",
            device_checks.check_sent_answers,
        ),
        ("only the service lets a phone let go", device_checks.check_settlement),
        ("scores are those of the answers given", score_checks.check_scores),
        ("nobody makes a ballot of their own", probes.check_forgery),
        ("what was rolled back is there again", answer_checks.check_restored),
        ("no log names anybody", device_checks.check_anonymity),
        ("requests and replies are small", device_checks.check_message_sizes),
    )
    return tuple(
        Invariant(
            f"I{number}",
            promise,
            check,
            is_exercised=check is not answer_checks.check_restored
            or moments.restored is not None,
        )
        for number, (promise, check) in enumerate(listed, start=1)
    )
