"""Validation of content: invalid content is held, never sent back to a phone."""

from typing import TypedDict

from rapport_schemas.enums import SubmissionReason
from rapport_service.ballotbox.models import StoredStatus
from rapport_service.instrument.answers import (
    AnswersInvalid,
    FormUnknown,
    parse_content,
)
from rapport_service.instrument.bank import Instrument


class Verdict(TypedDict):
    """Columns stored with content: its status, and its answers if it has any."""

    status: StoredStatus
    reason: str | None
    form: int | None
    answers: str | None


WITHDRAWN_VERDICT: Verdict = {
    "status": StoredStatus.WITHDRAWN,
    "reason": None,
    "form": None,
    "answers": None,
}
"""The verdict on a withdrawal, which has no content."""


def judge(instrument: Instrument, content: bytes, *, late: bool) -> Verdict:
    """The verdict on content, whatever its ballot was used for.

    Args:
        instrument: the one that the wave's charter names.
        content: the frozen bytes.
        late: whether the wave's seal has begun.
    """
    try:
        read = parse_content(instrument, content)
    except FormUnknown:
        return _held(SubmissionReason.FORM_UNKNOWN)
    except AnswersInvalid:
        return _held(SubmissionReason.ANSWERS_INVALID)
    return {
        "status": StoredStatus.LATE if late else StoredStatus.ACCEPTED,
        "reason": None,
        "form": read.form,
        "answers": read.dump_values(),
    }


def _held(reason: SubmissionReason) -> Verdict:
    return {
        "status": StoredStatus.HELD,
        "reason": reason.value,
        "form": None,
        "answers": None,
    }
