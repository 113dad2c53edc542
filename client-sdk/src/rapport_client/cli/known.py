"""The outbox that a command names, and what it holds of the people on it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime

from rapport_client.cli.files import must_exist
from rapport_client.cli.options import Options
from rapport_client.cli.outcome import RefusedError
from rapport_client.errors import DocumentRefused, OutboxDamaged, TransportFailure
from rapport_client.store import space
from rapport_client.sync.device_file import DeviceFile
from rapport_client.sync.person import Person
from rapport_client.wire import Transport


@dataclass(frozen=True)
class Asked:
    """Which pulse it is, in words that its people know.

    Attributes:
        group: the name of the group that was asked.
        closes_at: from when it can no longer be answered.
    """

    group: str
    closes_at: datetime


@contextmanager
def known(
    options: Options,
    server: str,
    ballot_box: str | None = None,
    transport: Transport | None = None,
) -> Iterator[DeviceFile]:
    """The outbox of somebody who has used it before.

    Raises:
        RefusedError: there is no outbox, or nobody of that name on it.
    """
    must_exist(options.outbox)
    file = DeviceFile(
        options.outbox, server, ballot_box, transport=transport, key=options.key_file
    )
    with closing(file):
        _must_know(file, options.person)
        yield file


def asked(person: Person, wave: str) -> Asked | None:
    """Which pulse a wave is; None where this device does not know it any more."""
    try:
        held = person.draws.ballot(wave)
        if held is None:
            return None
        charter = person.charter(held)
    except (DocumentRefused, OutboxDamaged, TransportFailure):
        return None
    return Asked(charter.groups[held.team].name, charter.closes_at)


def _must_know(file: DeviceFile, name: str) -> None:
    people = space.people(file.database)
    if name in people or Person(file, name).pollbook.knows_us:
        return
    if not people:
        raise RefusedError("nobody uses this outbox yet: run `rapport-field enrol`")
    # Whose enrolment failed left a name here, and nothing else.
    using = [each for each in people if _holds_anything(Person(file, each))]
    raise RefusedError(
        f"nobody called {name} uses this outbox; say who with --person;"
        f" people on this device: {', '.join(using) or 'nobody yet'}"
    )


def _holds_anything(person: Person) -> bool:
    return bool(
        person.pollbook.knows_us
        or person.outbox.entries()
        or person.draws.ballots()
        or person.draws.all_pending()
    )
