"""Opens the outbox and reads the files that a command line names."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rapport_client._cli.outcome import Options, RefusedError, UsageError
from rapport_client._http import Transport
from rapport_client._outbox import namespace
from rapport_client._sync.account import Account, DeviceFile
from rapport_client._wording import bilingual_wording
from rapport_client.errors import DocumentRefused, OutboxDamaged, TransportFailure

STDIN = "-"

_NO_OUTBOX = bilingual_wording(
    "there is no outbox {}: say where it is with --outbox, or make one with"
    " `rapport-field enrol CODE --server URL`",
    "no existe el archivo {}: diga dónde está con --outbox, o cree uno con"
    " `rapport-field enrol CODE --server URL`",
)
_NO_PERSON = bilingual_wording(
    "no person uses this outbox yet: enrol one with"
    " `rapport-field enrol CODE --server URL`",
    "nadie usa todavía este archivo: inscriba a una persona con"
    " `rapport-field enrol CODE --server URL`",
)
_UNKNOWN_PERSON = bilingual_wording(
    "no person called {} uses this outbox; choose a name with --person; people on this"
    " device: {}",
    "nadie que se llame {} usa este archivo; elija un nombre con --person; personas en"
    " este dispositivo: {}",
)
_NONE_YET = bilingual_wording("none yet", "ninguna por ahora")


def read_file(name: str) -> bytes:
    """The bytes of a file; ``-`` is the standard input.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        if name == STDIN:
            return sys.stdin.buffer.read()
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {name}: {error.strerror}") from error


def read_answers(name: str) -> tuple[dict[str, object], str | None]:
    """The answers and the context in a file of JSON.

    Only its outer form is checked here: the questions decide what a good answer is.

    Raises:
        UsageError: it cannot be read, or is of another form.
    """
    try:
        document = json.loads(read_file(name).decode())
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON") from error
    match document:
        case {"answers": dict(answers)} if document.keys() <= {"answers", "context"}:
            context = document.get("context")
        case _:
            raise UsageError(f'{name} is not like {{"answers": ..., "context": ...}}')
    if not isinstance(context, str | None):
        raise UsageError(f"{name}: the context is neither a text nor null")
    return answers, context


def require_file(outbox: str) -> None:
    """Refuses a mistyped name, which would make a new device.

    Raises:
        RefusedError: there is no such file.
    """
    if not Path(outbox).exists():
        raise RefusedError(_NO_OUTBOX.format(outbox))


@dataclass(frozen=True)
class PulseLabel:
    """The label of a pulse for people: its group and closing time.

    Attributes:
        group: the name of the group that was asked.
        closes_at: from when it can no longer be answered.
    """

    group: str
    closes_at: datetime


@contextmanager
def open_outbox(
    options: Options,
    server: str | None,
    ballot_box: str | None = None,
    transport: Transport | None = None,
) -> Iterator[DeviceFile]:
    """Opens the outbox of a person who has used it before.

    Raises:
        RefusedError: there is no outbox, or no person of that name on it.
    """
    require_file(options.outbox)
    file = DeviceFile(
        options.outbox, server, ballot_box, transport=transport, key=options.key_file
    )
    with closing(file):
        _require_person(file, options.person)
        yield file


def label_pulse(person: Account, wave_id: str) -> PulseLabel | None:
    """The label of a wave; None where this device does not know it any more."""
    try:
        ballot = person.draws.ballot(wave_id)
        if ballot is None:
            return None
        charter = person.charter(ballot)
    except (DocumentRefused, OutboxDamaged, TransportFailure):
        return None
    return PulseLabel(charter.groups[ballot.voting_team_id].name, charter.closes_at)


def _require_person(file: DeviceFile, name: str) -> None:
    people = namespace.list_people(file.database)
    if name in people or Account(file, name).pollbook.is_enrolled:
        return
    if not people:
        raise RefusedError(_NO_PERSON)
    # A person whose enrolment failed left a name here, and nothing else.
    names = [each for each in people if _has_data(Account(file, each))]
    raise RefusedError(_UNKNOWN_PERSON.format(name, ", ".join(names) or _NONE_YET))


def _has_data(person: Account) -> bool:
    return bool(
        person.pollbook.is_enrolled
        or person.outbox.entries()
        or person.draws.ballots()
        or person.draws.all_pending()
    )
