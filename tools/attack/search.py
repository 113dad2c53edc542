"""Plaintext search: answers in readable form, and private keys, in every file."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_pem_private_key,
)

from tools.attack.capture import Capture, StoredFile
from tools.attack.findings import Finding, Kind
from tools.attack.phones import Sent
from tools.attack.stored import (
    ENCODED_PARTS,
    encodings,
    find_parts,
    stored_answers,
)

MIN_KEY_BYTES = 24
_PEM_LINE = re.compile(rb"[A-Za-z0-9+/]{40,64}={0,2}")


def search_plaintext(
    copy: Capture, sent: Sequence[Sent], earlier: Collection[Sent]
) -> Iterator[Finding]:
    """Search all files for the answers of a wave.

    Mid-wave there must be none. After the seal they may stand in the rows of answers,
    in a dump of them, and where the database's own log writes these rows: as stored,
    never as they were sent.

    Args:
        copy: the operator's.
        sent: the truth of the wave.
        earlier: what was sent in waves that are sealed; equal texts prove nothing.
    """
    old = {stored_answers(each.answers) for each in earlier}
    stored = {stored_answers(each.answers) for each in sent} - old
    kept = Counter(str(row["answers"]) for row in copy.tables["answers"])
    for file in copy.files:
        if places := find_parts(file.content):
            yield _finding(
                copy, file, f"questions with answers at {len(places)} places"
            )
        if any(form in file.content for form in ENCODED_PARTS):
            yield _finding(copy, file, "encoded parts of answers")
        for text in stored:
            count = sum(file.content.count(form) for form in encodings(text.encode()))
            if count > _allowed(copy, file, kept[text]):
                yield _finding(copy, file, f"answers as they are stored, {count} times")
                break


def _allowed(copy: Capture, file: StoredFile, rows: int) -> float:
    if not copy.moment.is_sealed:
        return 0
    if file.kind in {"log of changes", "dump"}:
        return float("inf")
    is_single_file = not file.relation and file.kind == "database"
    return rows if file.relation == "answers" or is_single_file else 0


def _finding(copy: Capture, file: StoredFile, what: str) -> Finding:
    name = file.relation or file.name
    return Finding(
        "plaintext search",
        Kind.PLAINTEXT,
        copy.moment,
        f"{file.kind} {name} holds {what}",
    )


def search_keys(copy: Capture, private_keys: Collection[bytes]) -> Iterator[Finding]:
    """Search all files for the private half of a sealing key.

    Args:
        copy: the operator's, without the sealing folders.
        private_keys: contents of the files in these folders.
    """
    secrets = {part for key in private_keys for part in parts_of_key(key)}
    for file in copy.files:
        if any(secret in file.content for secret in secrets):
            yield Finding(
                "search for sealing keys",
                Kind.KEY_MATERIAL,
                copy.moment,
                f"{file.kind} {file.relation or file.name} holds a private sealing key",
            )


def parts_of_key(content: bytes) -> Iterator[bytes]:
    """Yield what tells a stored key: all of its file, its lines, its bytes."""
    lines = _PEM_LINE.findall(content)
    if lines:
        # The first line of each PEM block of this kind is the same.
        yield from (line for line in lines[1:] if len(line) >= MIN_KEY_BYTES)
    for secret in scalars(content):
        yield from encodings(secret)


def scalars(content: bytes) -> Iterator[bytes]:
    """Yield the private scalar of an elliptic-curve key in a file of any usual form."""
    for load in (load_pem_private_key, load_der_private_key):
        try:
            key = load(content, None)
        except ValueError:
            continue
        if isinstance(key, EllipticCurvePrivateKey):
            yield key.private_numbers().private_value.to_bytes(32)


def search_text_logs(copy: Capture, sent: Sequence[Sent]) -> Iterator[Finding]:
    """Search text logs for hashes, digests and keys of what was submitted."""
    for file in copy.files:
        if file.kind != "text log":
            continue
        for each in sent:
            traces = [
                form
                for value in (each.ballot_hash, each.digest)
                for form in encodings(value)
            ]
            if any(trace in file.content for trace in [*traces, each.kid.encode()]):
                yield Finding(
                    "search of text logs",
                    Kind.LOG_LINE,
                    copy.moment,
                    f"{file.name} names a ballot, an envelope or a ballot key",
                )
                break
