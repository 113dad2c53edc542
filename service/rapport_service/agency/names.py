"""Names and ids that come in by the command line, by the rules of the wire. Pure."""

from collections.abc import Callable, Iterable

from rapport_schemas.enums import MAX_NAME_LENGTH
from rapport_schemas.errors import (
    DocumentInvalidError,
    ErrorCode,
    FieldError,
    join_pointer,
)
from rapport_schemas.names import (
    clash_key,
    find_id_faults,
    find_name_faults,
    normalize_name,
)
from rapport_schemas.rules import Violation


def require_name(text: str, member: str) -> str:
    """A name in its one form.

    Args:
        text: as somebody wrote it.
        member: what it is the name of, for the error.

    Raises:
        DocumentInvalidError: it has characters that cannot be seen, or too many.
    """
    return _require(text, member, find_name_faults)


def require_external_id(text: str, member: str) -> str:
    """An external id in its one form, as ``require_name``.

    Raises:
        DocumentInvalidError: besides, no address or command could have it.
    """
    return _require(text, member, find_id_faults)


def require_unlike(name: str, member: str, others: Iterable[str]) -> None:
    """Checks that an id cannot be taken for another one.

    Raises:
        DocumentInvalidError: it can; names both.
    """
    for other in others:
        if other != name and clash_key(other) == clash_key(name):
            detail = f"is {name}, which is too like {other}"
            raise DocumentInvalidError(
                [FieldError(join_pointer(member), ErrorCode.REPEATED, detail)]
            )


def _require(
    text: str, member: str, find_faults: Callable[[str], list[Violation]]
) -> str:
    name = normalize_name(text)
    faults = find_faults(name)
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        length = f"must have from 1 to {MAX_NAME_LENGTH} characters"
        faults.append(Violation(ErrorCode.WRONG_LENGTH, length))
    if faults:
        raise DocumentInvalidError(
            FieldError(join_pointer(member), *fault) for fault in faults
        )
    return name
