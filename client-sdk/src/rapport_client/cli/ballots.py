"""The commands of ``rapport-field ballot``: files go in, what to send comes out."""

import json
from dataclasses import asdict

from rapport_client.cli import by_hand
from rapport_client.cli.by_hand import ByHand
from rapport_client.cli.files import must_exist, read
from rapport_client.cli.options import Options
from rapport_client.cli.outcome import Exit, Outcome

_COUNTED = frozenset({"accepted", "duplicate", "late"})


def check(options: Options) -> Outcome:
    """Checks a charter and names the documents to fetch next."""
    checked = by_hand.check(options.wave, read(options.sync), read(options.charter))
    return Outcome(asdict(checked), f"{checked.key}\n{checked.instrument}")


def blind(options: Options) -> Outcome:
    """Makes a ballot and prints the request that has it signed."""
    documents = (options.sync, options.charter, options.key, options.instrument)
    sync, charter, key, instrument = map(read, documents)
    with ByHand(options.outbox, options.person, options.key_file) as device:
        return _body(device.blind(options.wave, sync, charter, key, instrument))


def finish(options: Options) -> Outcome:
    """Finishes a ballot and prints it."""
    reply = read(options.reply)
    must_exist(options.outbox)
    with ByHand(options.outbox, options.person, options.key_file) as device:
        ballot = device.finish(options.wave, reply)
    return Outcome({"wave": options.wave, "ballot": ballot}, ballot)


def submission(options: Options) -> Outcome:
    """Prints the request that sends the answers."""
    must_exist(options.outbox)
    with ByHand(options.outbox, options.person, options.key_file) as device:
        return _body(device.submission(options.wave))


def settle(options: Options) -> Outcome:
    """Notes what the service said of the answers."""
    sent, reply = read(options.submission), read(options.reply)
    must_exist(options.outbox)
    with ByHand(options.outbox, options.person, options.key_file) as device:
        verdict = device.settle(options.wave, sent, reply)
    told = (verdict.status, verdict.reason)
    return Outcome(
        {"wave": options.wave, **asdict(verdict)},
        "  ".join(word for word in told if word is not None),
        Exit.DONE if verdict.status in _COUNTED else Exit.REFUSED,
    )


def _body(body: bytes) -> Outcome:
    return Outcome(json.loads(body), body.decode())
