"""Invariants that a run checks, numbered as in ``docs/chaos.md``."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tools.chaos import (
    answer_checks,
    device_checks,
    operation_checks,
    score_checks,
)
from tools.chaos.evidence import Evidence
from tools.chaos.replay_checks import ReplayChecks
from tools.chaos.restore_checks import RestoreChecks
from tools.chaos.token_checks import TokenChecks

Check = Callable[[Evidence], Iterator[str]]


@dataclass(frozen=True)
class Invariant:
    """One promise of the protocol.

    Attributes:
        name: its number in the documentation.
        promise: in a few words.
        check: yields each violation.
        lacking: why the run could not break it at all; None if it could.
    """

    name: str
    promise: str
    check: Check
    lacking: str | None = None


def list_invariants(
    replay_checks: ReplayChecks,
    restore_checks: RestoreChecks,
    token_checks: TokenChecks,
    lacking: Mapping[str, str],
) -> tuple[Invariant, ...]:
    """Lists all invariants.

    Args:
        replay_checks: send every item to the running service again.
        restore_checks: restore an old database, after everything else.
        token_checks: enrol devices of their own, after that.
        lacking: why the run could not break a promise, by the name of its check.
    """
    listed: tuple[tuple[str, Check], ...] = (
        ("no answer is lost", answer_checks.check_no_loss),
        ("no answer is counted twice", answer_checks.check_no_double),
        ("an acknowledgement is true", answer_checks.check_acknowledgements),
        ("a replay changes nothing", replay_checks.check_replay),
        (
            "another order or another cut changes nothing",
            replay_checks.check_regrouping,
        ),
        ("a bad item harms no neighbour", replay_checks.check_poison_isolation),
        (
            "the first envelope under a ballot stands",
            answer_checks.check_first_envelope,
        ),
        (
            "of identical requests one is accepted, and none fails",
            answer_checks.check_races,
        ),
        (
            "lost replies cost requests, nothing else",
            answer_checks.check_single_acceptance,
        ),
        ("wrong clocks change no result and no order", device_checks.check_clocks),
        ("a withdrawn answer never comes back", answer_checks.check_withdrawals),
        (
            "a phone that was replaced or revoked can still send",
            device_checks.check_ended_devices,
        ),
        (
            "nonsense is taken like any envelope, and never counted",
            answer_checks.check_nonsense,
        ),
        ("Retry-After is kept", device_checks.check_retry_after),
        ("a backlog drains in few requests", device_checks.check_backlog_requests),
        (
            "only accepted answers are sent, and no session crashes",
            device_checks.check_sent_answers,
        ),
        ("only the service settles an item", device_checks.check_settlement),
        ("scores are those of the answers given", score_checks.check_scores),
        ("a ballot cannot be forged", replay_checks.check_forgery),
        (
            "data that a restore rolled back is there again",
            answer_checks.check_restored,
        ),
        ("no log identifies a person", device_checks.check_anonymity),
        ("requests and replies are small", device_checks.check_message_sizes),
        (
            "no answer and no token goes to a wrong address",
            operation_checks.check_wrong_address,
        ),
        ("a wrong date hides no open pulse", operation_checks.check_dates),
        ("a clock that leaps moves no wave", operation_checks.check_wave_times),
        ("a roster that was cut off removes nobody", operation_checks.check_rosters),
        (
            "a release that is out comes again byte for byte",
            restore_checks.check_release,
        ),
        (
            "an administrator who was removed is let in no more",
            operation_checks.check_rights,
        ),
        ("a thief and the owner never both go on", token_checks.check_thief),
        ("a restore ends no device", token_checks.check_restored_devices),
    )
    return tuple(
        Invariant(f"I{number}", promise, check, lacking.get(check.__name__))
        for number, (promise, check) in enumerate(listed, start=1)
    )
