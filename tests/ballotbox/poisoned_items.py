"""Malformed and forged items, each with the result that it must get."""

from typing import Any

from rapport_service.blindsign.ballot import signing_input
from rapport_service.encoding import base64url
from tests.support.ballots import envelope_digest, hash_of
from tests.support.http_phone import content, item, withdrawal

UNKNOWN_KID = "nobody." + "A" * 43


def expected_echoes(ballot: str | None, envelope: str | None) -> dict[str, str | None]:
    """The echoes of what could be read."""
    return {
        "hash": None if ballot is None else hash_of(ballot),
        "digest": None if envelope is None else envelope_digest(envelope),
    }


def under_unknown_key(ballot_factory, kid: str) -> str:
    """A ballot that names a key which no organization has."""
    signed = signing_input(UNKNOWN_KID, bytes(32))
    return f"{signed.decode()}.{base64url.encode(ballot_factory.sign(kid, signed))}"


def poisoned_items(ballot_factory, kid: str) -> list[tuple[Any, dict[str, str | None]]]:
    """Bad items, each with the result it must get; none of them may be stored."""
    good = ballot_factory.ballot(kid)
    sealed = content().envelope(good)
    cut, signature = good.rsplit(".", 1)
    other = f"{cut}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    unknown = under_unknown_key(ballot_factory, kid)
    invalid = {"reason": "ballot_invalid"}
    no_key = {"reason": "ballot_unknown_key"} | expected_echoes(unknown, sealed)
    forged = [
        ("e30.e30.e30", invalid | expected_echoes(None, sealed)),
        ("..", invalid | expected_echoes(None, sealed)),
        (other, invalid | expected_echoes(good, sealed)),
        (f"{cut}.", invalid | expected_echoes(good, sealed)),
        (unknown, no_key),
    ]
    undecodable: list[Any] = [
        *(None, True, 7, "submit", [], [good], {}),
        {"op": "submit"},
        {"op": "withdraw", "ballot": good},
        {"ballot": good, "envelope": sealed},
        {"op": 7, "ballot": good, "envelope": sealed},
        {"op": "submit", "ballot": None, "envelope": sealed},
        {"op": "submit", "ballot": good, "envelope": {"form": 0}},
        item(good, sealed) | {"at": "2027-03-01T12:00:00Z"},
        withdrawal(good) | {"reason": None},
        *(
            item(ballot, sealed)
            for ballot in (
                *("", "é.é.é", cut, good + ".", good + "==", good + "\n"),
                "A" * 1025,
            )
        ),
        withdrawal(cut),
        withdrawal("A" * 1025),
        *(item(good, envelope) for envelope in misshapen(sealed)),
        *(withdrawal(good) | {"envelope": text} for text in misshapen(sealed)),
    ]
    op_unknown = [
        {"op": "withdrawn", "ballot": good},
        {"op": "SUBMIT", "ballot": good, "envelope": sealed},
    ]
    items: list[tuple[Any, dict[str, str | None]]] = [
        *(
            (raw, {"reason": "undecodable"} | expected_echoes(None, None))
            for raw in undecodable
        ),
        *(
            (raw, {"reason": "op_unknown"} | expected_echoes(None, None))
            for raw in op_unknown
        ),
        *((item(ballot, sealed), result) for ballot, result in forged),
        *(
            (withdrawal(ballot) | {"envelope": sealed}, result)
            for ballot, result in forged
        ),
    ]
    return [(raw, {"status": "rejected"} | result) for raw, result in items]


def misshapen(sealed: str) -> list[str]:
    """Texts that are no envelope: another length, or no base64url without padding."""
    data = base64url.decode(sealed)
    return [
        "",
        "\ud800",
        "\ud800" * len(sealed),
        base64url.encode(data[:-1]),
        base64url.encode(data + b"\0"),
        sealed[:-1] + "=",
        sealed[:-1] + "é",
        sealed[:-1] + "B",  # an unused bit that is not zero
        sealed[:-2] + "+" + sealed[-1],
        sealed[:-1] + "\n",
        " " + sealed[:-1],
        sealed + "==",
        "x" * 4097,
    ]
