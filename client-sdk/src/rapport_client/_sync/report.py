"""Counter of a sync: collects results and notices, and makes the report of them."""

import math
from dataclasses import dataclass, field

from rapport_client._status_messages import describe_result
from rapport_client._wording import Wording, bilingual_wording
from rapport_client.errors import RapportError, TransportFailure, UnexpectedReply
from rapport_client.models import SyncReport

_OF_PERSON = bilingual_wording("{}: {}", "{}: {}")
_ACCEPTED_STATUSES = frozenset({"accepted", "duplicate"})


@dataclass
class SyncCounter:
    """Results of a sync so far; each part of the sync adds its own."""

    statuses: list[str] = field(default_factory=list)
    drawn: int = 0
    notices: list[Wording] = field(default_factory=list)
    problem: RapportError | None = None
    needs_code: bool = False

    def record_result(self, op: str, status: str, reason: str | None) -> None:
        """Records the result of an item, and a notice if the person should know.

        Args:
            op: ``submit`` or ``withdraw``.
            status: the service's word.
            reason: why, where the service gave a reason.
        """
        self.statuses.append(status)
        self._add_notice(op, status, reason)

    def record_dead(self, op: str, reason: str) -> None:
        """Records that an item was refused for good without a result of its own."""
        self._add_notice(op, "rejected", reason)

    def record_code_needed(self, notice: Wording) -> None:
        """Records why the person must enrol with a new code to draw ballots."""
        self.needs_code = True
        self.notices.append(notice)

    def record_problem(self, problem: RapportError) -> None:
        """Records the problem that stopped a part; the first one is reported."""
        self.problem = self.problem or problem

    def include(self, part: "SyncCounter", person_name: str | None) -> None:
        """Adds the results of a part.

        Args:
            part: one person's share of the sync.
            person_name: put before the notices, where there are many people.
        """
        self.statuses += part.statuses
        self.drawn += part.drawn
        self.notices += [
            notice if person_name is None else _OF_PERSON.format(person_name, notice)
            for notice in part.notices
        ]
        self.problem = self.problem or part.problem
        self.needs_code = self.needs_code or part.needs_code

    def report(
        self, waiting: int, dead: int, seconds_left: float, language: str
    ) -> SyncReport:
        """Makes the report.

        Args:
            waiting: items still to be sent.
            dead: items refused for good.
            seconds_left: how long the service asked not to be asked again.
            language: of its messages.
        """
        return SyncReport(
            accepted=sum(status in _ACCEPTED_STATUSES for status in self.statuses),
            withdrawn=self.statuses.count("withdrawn"),
            waiting=waiting,
            dead=dead,
            drawn=self.drawn,
            notices=tuple(notice.in_language(language) for notice in self.notices),
            problem=(
                None if self.problem is None else self.problem.in_language(language)
            ),
            offline=isinstance(self.problem, TransportFailure | UnexpectedReply),
            retry_after=math.ceil(seconds_left) or None,
            needs_code=self.needs_code,
            language=language,
        )

    def _add_notice(self, op: str, status: str, reason: str | None) -> None:
        notice = describe_result(op, status, reason)
        if notice is not None:
            self.notices.append(notice)
