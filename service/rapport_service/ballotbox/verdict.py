"""Reading content: whatever is wrong inside is held, never bounced back to a phone."""

from typing import TypedDict

from rapport_service.ballotbox.models import StoredStatus
from rapport_service.ballotbox.parsing import Reason
from rapport_service.instrument.answers import (
    AnswersInvalid,
    FormUnknown,
    parse_content,
)
from rapport_service.instrument.bank import Instrument


class Verdict(TypedDict):
    """What is stored beside content: how it stands, and its answers if it has any."""

    status: StoredStatus
    reason: str | None
    form: int | None
    answers: str | None


NOTHING_SAID: Verdict = {
    "status": StoredStatus.WITHDRAWN,
    "reason": None,
    "form": None,
    "answers": None,
}
"""What stands beside no content: its ballot was withdrawn."""


def judge(instrument: Instrument, content: bytes, *, late: bool) -> Verdict:
    """How content stands by itself.

    Args:
        instrument: the one that the wave's charter names.
        content: the frozen text.
        late: whether the wave's seal has begun.
    """
    try:
        read = parse_content(instrument, content)
    except FormUnknown:
        return _held(Reason.FORM_UNKNOWN)
    except AnswersInvalid:
        return _held(Reason.ANSWERS_INVALID)
    return {
        "status": StoredStatus.LATE if late else StoredStatus.ACCEPTED,
        "reason": None,
        "form": read.form,
        "answers": read.dump_values(),
    }


def _held(reason: Reason) -> Verdict:
    return {
        "status": StoredStatus.HELD,
        "reason": reason.value,
        "form": None,
        "answers": None,
    }
