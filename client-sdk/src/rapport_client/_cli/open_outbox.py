"""The outbox that a command names, and what it holds of the people on it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

from rapport_client._cli.files import require_file
from rapport_client._cli.options import Options
from rapport_client._cli.outcome import RefusedError
from rapport_client._http import Transport
from rapport_client._outbox import namespace
from rapport_client._sync.account import Account
from rapport_client._sync.device_file import DeviceFile
from rapport_client.errors import DocumentRefused, OutboxDamaged, TransportFailure


@dataclass(frozen=True)
class PulseLabel:
    """Which pulse it is, in words that its people know.

    Attributes:
        group: the name of the group that was asked.
        closes_at: from when it can no longer be answered.
    """

    group: str
    closes_at: datetime


@contextmanager
def open_outbox(
    options: Options,
    server: str,
    ballot_box: str | None = None,
    transport: Transport | None = None,
) -> Iterator[DeviceFile]:
    """The outbox of somebody who has used it before.

    Raises:
        RefusedError: there is no outbox, or nobody of that name on it.
    """
    require_file(options.outbox)
    file = DeviceFile(
        options.outbox, server, ballot_box, transport=transport, key=options.key_file
    )
    with closing(file):
        _require_person(file, options.person)
        yield file


def label_pulse(person: Account, wave: str) -> PulseLabel | None:
    """Which pulse a wave is; None where this device does not know it any more."""
    try:
        held = person.draws.ballot(wave)
        if held is None:
            return None
        charter = person.charter(held)
    except (DocumentRefused, OutboxDamaged, TransportFailure):
        return None
    return PulseLabel(charter.groups[held.team].name, charter.closes_at)


def _require_person(file: DeviceFile, name: str) -> None:
    people = namespace.list_people(file.database)
    if name in people or Account(file, name).pollbook.is_enrolled:
        return
    if not people:
        raise RefusedError("nobody uses this outbox yet: run `rapport-field enrol`")
    # Whose enrolment failed left a name here, and nothing else.
    using = [each for each in people if _holds_anything(Account(file, each))]
    raise RefusedError(
        f"nobody called {name} uses this outbox; say who with --person;"
        f" people on this device: {', '.join(using) or 'nobody yet'}"
    )


def _holds_anything(person: Account) -> bool:
    return bool(
        person.pollbook.is_enrolled
        or person.outbox.entries()
        or person.draws.ballots()
        or person.draws.all_pending()
    )
