"""The rules of a client as data, which the phone app's tests read, too."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fake_service import documents
from fake_service.documents import to_bytes

from rapport_client import AnswersInvalid, RapportError, Response
from rapport_client._protocol import base64url, send
from rapport_client._protocol.replies import to_exception
from rapport_client._protocol.send import SubmissionItem, SubmissionResult
from rapport_client._pulses import charter, instrument
from rapport_client._pulses.answers import write_plaintext
from rapport_client._pulses.promises import build_promises
from rapport_client._sync.gated_transport import read_pause
from rapport_client._sync.pacing import (
    NextStep,
    Pace,
    RequestOutcome,
    classify_error,
    compute_backoff,
    next_pace,
)
from rapport_client._sync.time_evidence import (
    ANY_TIME,
    TimeSource,
    TimeWindow,
    build_window,
    choose_time,
)
from rapport_client.errors import RetryLater, TimedOut, TransportFailure

FILE = Path(__file__).parents[2] / "schemas/examples/v1/client_rules.json"
RULES = json.loads(FILE.read_text())
REPLIES = RULES["replies"]
WAVE = "acme.5b0e9d7e-3f35-4f0b-8a43-0d6f7a3b2c11"
PROBLEM = "application/problem+json"
FAILURES = {
    "no_reply": TransportFailure("no reply"),
    "timed_out": TimedOut("no reply in time"),
    "retry_later": RetryLater(60.0),
}


def name_of(case):
    return case.get("name")


@pytest.mark.parametrize("case", RULES["backoff"])
def test_backoff_has_its_length(case):
    waits = compute_backoff(case["failures"], case["jitter"])

    assert waits == pytest.approx(case["seconds"])


@pytest.mark.parametrize("case", RULES["pacing"])
def test_outcome_of_one_item_decides_step_and_wait(case):
    pace = Pace(
        max_size=1,
        size=1,
        failures=case["failures"],
        server_errors=case["server_errors"],
    )

    pace, step = next_pace(
        pace, RequestOutcome[case["outcome"].upper()], 1, 1000.0, case["jitter"]
    )

    assert step is NextStep[case["step"].upper()]
    assert pace.failures == case["failures_after"]
    assert max(0.0, pace.not_before - 1000.0) == pytest.approx(case["wait"])


@pytest.mark.parametrize("case", RULES["connected"], ids=name_of)
def test_connection_that_comes_back_allows_early_tries(case):
    def limit(value):
        return -math.inf if value is None else float(value)

    pace = Pace(
        max_size=1,
        not_before=limit(case["not_before"]),
        last_early_at=limit(case["last_early_at"]),
    ).connected(case["now"])

    assert pace.not_before == limit(case["not_before_after"])


@pytest.mark.parametrize("case", RULES["outcomes"])
def test_error_of_a_request_has_its_outcome(case):
    if "failure" in case:
        error = FAILURES[case["failure"]]
    else:
        problem = {"code": case["problem"], "status": case["status"]}
        media_type = "text/html" if case["problem"] is None else PROBLEM
        headers = {"content-type": media_type}
        error = to_exception(Response(case["status"], headers, to_bytes(problem)))

    assert classify_error(error) is RequestOutcome[case["outcome"].upper()]


@pytest.mark.parametrize("case", RULES["retry_after"])
def test_retry_after_is_read(case):
    sent = {"retry-after": case["retry_after"], "date": case["date"]}
    headers = {name: text for name, text in sent.items() if text is not None}
    problem = {"code": case["problem"], "status": case["status"]}
    headers["content-type"] = "text/html" if case["problem"] is None else PROBLEM
    response = Response(case["status"], headers, to_bytes(problem))

    assert read_pause(response) == case["seconds"]


@pytest.mark.parametrize("case", REPLIES["cases"], ids=name_of)
def test_exact_reply_alone_has_a_result(case):
    item = SubmissionItem("submit", "a.b.c", envelope=bytes(337), **REPLIES["item"])
    body = case["body"]
    data = body.encode() if isinstance(body, str) else to_bytes(body)
    headers = {"content-type": case["content_type"]}
    response = Response(case["status"], headers, data)

    if case["result"] is None:
        with pytest.raises(RapportError):
            send.read_reply(response, [item], REPLIES["batch"])
        return
    assert send.read_reply(response, [item], REPLIES["batch"]) == [
        SubmissionResult(**case["result"])
    ]


@pytest.mark.parametrize("case", RULES["time"], ids=name_of)
def test_most_supported_evidence_is_believed(case):
    window = ANY_TIME if case["window"] is None else TimeWindow(*case["window"])

    believed = choose_time(window, case["date"], case["corrected"], case["wall"])

    assert believed is TimeSource[case["believed"].upper()]


@dataclass
class Dates:
    """The dates of a charter."""

    announces_at: datetime
    opens_at: datetime
    closes_at: datetime


@pytest.mark.parametrize("case", RULES["windows"], ids=name_of)
def test_list_gives_a_window(case):
    listed = [
        (
            Dates(
                *(
                    datetime.fromtimestamp(wave[name], UTC)
                    for name in ("announces_at", "opens_at", "closes_at")
                )
            ),
            wave["is_open"],
        )
        for wave in case["listed"]
    ]

    expected = ANY_TIME if case["window"] is None else TimeWindow(*case["window"])
    assert build_window(listed) == expected


@pytest.mark.parametrize("case", RULES["plain_language"], ids=name_of)
def test_sentence_is_filled_in_for_a_person(case):
    document = documents.charter(
        WAVE,
        "acme." + "e" * 43,
        "d" * 42 + "A",
        ec.generate_private_key(ec.SECP256R1()),
    ) | {
        "tree": case["tree"],
        "min_pool": 6,
        "min_respondents": case["min_respondents"],
        "plain_language": {"en": [], case["language"]: [case["line"]]},
    }
    body = to_bytes(document)
    terms = charter.parse_charter(body, base64url.digest(body), WAVE)

    filled = build_promises(terms, case["team_id"], case["language"])

    assert filled == (() if case["expected"] is None else (case["expected"],))


@pytest.mark.parametrize("case", RULES["answers"], ids=name_of)
def test_answers_are_checked(case):
    body = to_bytes(documents.instrument())
    questions = instrument.parse_instrument(body, base64url.digest(body))
    asked = (questions, case["form"], case["answers"], case["context"])

    if case["is_valid"]:
        assert len(write_plaintext(*asked)) == 256
        return
    with pytest.raises(AnswersInvalid):
        write_plaintext(*asked)
