"""Malformed and forged items, each with the result that it must get."""

from typing import Any

from rapport_service.blindsign.ballot import signing_input
from rapport_service.encoding import base64url
from tests.support.ballots import digest_of, hash_of
from tests.support.http_phone import content, item, withdrawal

UNKNOWN_KID = "nobody." + "A" * 43


def expected_echoes(ballot: str | None, frozen: str | None) -> dict[str, str | None]:
    """The echoes of what could be read."""
    return {
        "hash": None if ballot is None else hash_of(ballot),
        "digest": None if frozen is None else digest_of(frozen),
    }


def under_unknown_key(ballot_factory, kid: str) -> str:
    """A ballot that names a key which no organization has."""
    signed = signing_input(UNKNOWN_KID, bytes(32))
    return f"{signed.decode()}.{base64url.encode(ballot_factory.sign(kid, signed))}"


def poisoned_items(ballot_factory, kid: str) -> list[tuple[Any, dict[str, str | None]]]:
    """Bad items, each with the result it must get; none of them may be stored."""
    good, frozen = ballot_factory.ballot(kid), content()
    cut, signature = good.rsplit(".", 1)
    other = f"{cut}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    unknown = under_unknown_key(ballot_factory, kid)
    invalid = {"reason": "ballot_invalid"}
    undecodable = {"reason": "undecodable", **expected_echoes(None, None)}
    too_large = {"reason": "too_large", **expected_echoes(None, None)}
    op_unknown = {"reason": "op_unknown", **expected_echoes(None, None)}
    no_key = {"reason": "ballot_unknown_key"} | expected_echoes(unknown, frozen)
    items: list[tuple[Any, dict[str, str | None]]] = [
        *((raw, undecodable) for raw in (None, True, 7, "submit", [], [good], {})),
        ({"op": "submit"}, undecodable),
        ({"ballot": good, "content": frozen}, undecodable),
        ({"op": 7, "ballot": good, "content": frozen}, undecodable),
        ({"op": "submit", "ballot": None, "content": frozen}, undecodable),
        ({"op": "submit", "ballot": good, "content": {"form": 0}}, undecodable),
        (item("", frozen), undecodable),
        (item("é.é.é", frozen), undecodable),
        (item(cut, frozen), undecodable),
        (item(good + ".", frozen), undecodable),
        (item(good + "==", frozen), undecodable),
        (item(good + "\n", frozen), undecodable),
        (item(good, "\ud800"), undecodable),
        (item(good, "x" * 4097), too_large),
        (item(good, "é" * 2049), too_large),
        (item("A" * 1025, frozen), too_large),
        ({"op": "withdraw"}, undecodable),
        ({"op": "withdraw", "ballot": 7}, undecodable),
        (withdrawal(cut), undecodable),
        (withdrawal("A" * 1025), too_large),
        (withdrawal("e30.e30.e30"), invalid | expected_echoes(None, None)),
        (withdrawal(other), invalid | expected_echoes(good, None)),
        (
            withdrawal(unknown),
            {"reason": "ballot_unknown_key"} | expected_echoes(unknown, None),
        ),
        ({"op": "withdrawn", "ballot": good}, op_unknown),
        ({"op": "SUBMIT", "ballot": good, "content": frozen}, op_unknown),
        (item("e30.e30.e30", frozen), invalid | expected_echoes(None, frozen)),
        (item("..", frozen), invalid | expected_echoes(None, frozen)),
        (item(other, frozen), invalid | expected_echoes(good, frozen)),
        (item(f"{cut}.", frozen), invalid | expected_echoes(good, frozen)),
        (item(unknown, frozen), no_key),
    ]
    return [(raw, {"status": "rejected"} | result) for raw, result in items]
