"""The commands of ``rapport-field ballot``: files go in, what to send comes out."""

import json
from dataclasses import asdict

from rapport_client._cli import manual_transport
from rapport_client._cli.manual_transport import ManualDevice
from rapport_client._cli.open_outbox import read_file, require_file
from rapport_client._cli.outcome import Exit, Options, Outcome

_SUCCESSFUL_STATUSES = frozenset({"accepted", "duplicate"})


def check(options: Options) -> Outcome:
    """Checks a charter and names the documents to fetch next."""
    checked = manual_transport.check_charter(
        options.wave_id, read_file(options.sync), read_file(options.charter)
    )
    return Outcome(asdict(checked), f"{checked.key}\n{checked.instrument}")


def blind(options: Options) -> Outcome:
    """Makes a ballot and prints the request that has it signed."""
    documents = (options.sync, options.charter, options.key, options.instrument)
    sync, charter, key, instrument = map(read_file, documents)
    with ManualDevice(options.outbox, options.person, options.key_file) as device:
        return _body_outcome(
            device.blind(options.wave_id, sync, charter, key, instrument)
        )


def finish(options: Options) -> Outcome:
    """Finishes a ballot and prints it."""
    reply = read_file(options.reply)
    require_file(options.outbox)
    with ManualDevice(options.outbox, options.person, options.key_file) as device:
        ballot = device.finish(options.wave_id, reply)
    return Outcome({"wave_id": options.wave_id, "ballot": ballot}, ballot)


def submission(options: Options) -> Outcome:
    """Prints the request that sends the answers."""
    require_file(options.outbox)
    with ManualDevice(options.outbox, options.person, options.key_file) as device:
        return _body_outcome(device.submission(options.wave_id))


def settle(options: Options) -> Outcome:
    """Records the service's result for the answers."""
    sent, reply = read_file(options.submission), read_file(options.reply)
    require_file(options.outbox)
    with ManualDevice(options.outbox, options.person, options.key_file) as device:
        result = device.settle(options.wave_id, sent, reply)
    return Outcome(
        {"wave_id": options.wave_id, **asdict(result)},
        "  ".join(filter(None, (result.status, result.reason))),
        Exit.DONE if result.status in _SUCCESSFUL_STATUSES else Exit.REFUSED,
    )


def _body_outcome(body: bytes) -> Outcome:
    return Outcome(json.loads(body), body.decode())
