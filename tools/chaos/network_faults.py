"""Network faults of a request and of its reply."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from random import Random
from typing import Any

from tools.chaos.messages import Message

SUBMISSIONS = "/v1/submissions"
DATE = "date"


class Fault(StrEnum):
    """Kind of network fault, named as in the table of a run."""

    LOST_REQUEST = "request dropped"
    LOST_REPLY = "reply dropped after the commit"
    CUT_REPLY = "reply truncated"
    CORRUPT_REPLY = "reply corrupted"
    SLOW_REPLY = "reply delayed past the timeout"
    TWICE = "request sent twice"
    AGAIN_LATER = "request sent again later"
    OVERTAKEN = "requests reordered"
    ELSEWHERE = "request routed to another Rapport"
    PERMUTED = "results permuted"
    OTHER_ECHO = "hash of another answer echoed"
    CACHED = "old reply served again"
    UNDATED = "Date stripped"
    WRONG_DATE = "Date forged"
    PORTAL = "captive portal's 200"
    NO_CONTENT = "empty 204"
    FOREIGN = "foreign JSON"
    EXPIRED = "token called expired"
    TOO_LARGE = "413"
    TOO_MANY = "429"
    UNAVAILABLE = "503"


FabricatedReply = Callable[[Random], Message]

PORTAL_PAGE = (
    b"<!doctype html><title>Welcome</title><p>Accept our terms to go on the net."
)
DATE_ERROR_DAYS = (-18_000, -800, -30, -1, 1, 30, 800, 18_000)
"""Days by which a forged ``Date`` is wrong: never so few that a clock may be so."""

RETRY_AFTER_SECONDS = (0, 1, 2)
"""``Retry-After`` of an overload, in seconds; short, since a run is short."""


def _problem(status: HTTPStatus, code: str, **headers: str) -> Message:
    document = {"type": "about:blank", "title": code, "status": status, "code": code}
    return Message.reply(
        status, "application/problem+json", json.dumps(document).encode(), **headers
    )


def _overload_reply(status: HTTPStatus) -> FabricatedReply:
    return lambda rng: _problem(
        status, "overloaded", retry_after=str(rng.choice(RETRY_AFTER_SECONDS))
    )


def _foreign_reply(rng: Random) -> Message:
    document = rng.choice(
        [
            {"ok": True},
            [],
            {"protocol": 1, "batch": "", "results": []},
            {"protocol": 1, "batch": "b", "results": [{"status": "accepted"}]},
        ]
    )
    return Message.reply(
        HTTPStatus.OK, "application/json", json.dumps(document).encode()
    )


FABRICATED_REPLIES: Mapping[Fault, FabricatedReply] = {
    Fault.PORTAL: lambda _: Message.reply(HTTPStatus.OK, "text/html", PORTAL_PAGE),
    Fault.NO_CONTENT: lambda _: Message.reply(
        HTTPStatus.NO_CONTENT, "application/json", b""
    ),
    Fault.FOREIGN: _foreign_reply,
    Fault.EXPIRED: lambda _: _problem(HTTPStatus.UNAUTHORIZED, "token-expired"),
    Fault.TOO_LARGE: lambda _: _problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large"
    ),
    Fault.TOO_MANY: _overload_reply(HTTPStatus.TOO_MANY_REQUESTS),
    Fault.UNAVAILABLE: _overload_reply(HTTPStatus.SERVICE_UNAVAILABLE),
}
"""Replies of an intermediary; the service never receives the request."""

AUTHENTICATED_ONLY = frozenset({Fault.EXPIRED})
MANY_RESULTS_ONLY = frozenset({Fault.PERMUTED, Fault.TOO_LARGE})
RESULTS_ONLY = MANY_RESULTS_ONLY | {Fault.OTHER_ECHO, Fault.AGAIN_LATER}


@dataclass(frozen=True)
class FaultRates:
    """Probabilities that a request meets a fault.

    Faults that fit the request are equally likely among each other.

    Attributes:
        read_probability: of a request that only reads.
        post_probability: of a submission, a draw, an enrolment or a refresh.
        faults: the possible faults; all of them if empty.
    """

    read_probability: float = 0.0
    post_probability: float = 0.0
    faults: tuple[Fault, ...] = ()

    def fault_for(self, request: Message, rng: Random) -> Fault | None:
        """Draws the fault of a request, if any."""
        probability = (
            self.post_probability if request.method == "POST" else self.read_probability
        )
        if rng.random() >= probability:
            return None
        fitting = [
            fault for fault in self.faults or Fault if _is_applicable(fault, request)
        ]
        return rng.choice(fitting) if fitting else None


NO_FAULTS = FaultRates()


def _is_applicable(fault: Fault, request: Message) -> bool:
    if fault in RESULTS_ONLY:
        if request.path != SUBMISSIONS:
            return False
        return fault not in MANY_RESULTS_ONLY or len(read_items(request)) > 1
    return fault not in AUTHENTICATED_ONLY or "authorization" in request.headers


def read_items(request: Message) -> list[dict[str, Any]]:
    """The items of a submission request; none where they cannot be read."""
    document = request.document()
    items = document.get("items", []) if isinstance(document, dict) else []
    return [item for item in items if isinstance(item, dict)]


def read_results(reply: Message) -> list[dict[str, Any]]:
    """The results of a submission reply; none where they cannot be read."""
    document = reply.document()
    results = document.get("results", []) if isinstance(document, dict) else []
    return [result for result in results if isinstance(result, dict)]


def distort_reply(
    fault: Fault, reply: Message, older: Message | None, rng: Random
) -> Message:
    """The reply as it arrives after a fault that changes replies.

    Args:
        fault: one of those; any other leaves the reply as it is.
        reply: the service's.
        older: an earlier reply to a request for the same path.
        rng: chooses the byte that is corrupted, and the error of a date.
    """
    match fault:
        case Fault.CORRUPT_REPLY if reply.body:
            at = rng.randrange(len(reply.body))
            corrupted = bytearray(reply.body)
            corrupted[at] ^= 1 << rng.randrange(8)
            return replace(reply, body=bytes(corrupted))
        case Fault.PERMUTED if len(read_results(reply)) > 1:
            document = reply.document()
            results = document["results"]
            document["results"] = [*results[1:], results[0]]
            return reply.with_document(document)
        case Fault.OTHER_ECHO if read_results(reply) and older and read_results(older):
            document = reply.document()
            document["results"][0]["hash"] = read_results(older)[0].get("hash")
            return reply.with_document(document)
        case Fault.CACHED if older is not None:
            return older
        case Fault.UNDATED | Fault.WRONG_DATE if DATE in reply.headers:
            headers = dict(reply.headers)
            date = parsedate_to_datetime(headers.pop(DATE))
            if fault == Fault.WRONG_DATE:
                date += timedelta(days=rng.choice(DATE_ERROR_DAYS))
                headers[DATE] = format_datetime(date, usegmt=True)
            return replace(reply, headers=headers)
        case _:
            return reply
