"""Calls that many resources make: read, list, create, act."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid4

from rapport_client._json import JsonObject, read
from rapport_client._protocol import replies
from rapport_client._resources.operation import Call, Exchange
from rapport_client.errors import UnexpectedReply

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

D = TypeVar("D", bound="DataclassInstance")

NO_MEMBERS: Mapping[str, object] = MappingProxyType({})

MAX_ENTRIES = "500"
"""The longest page that the service gives."""


def get(path: str, what: str, **query: str | None) -> Exchange[JsonObject]:
    """Reads a document.

    Args:
        path: after ``/v1/``, quoted.
        what: the name of the document in error messages.
        **query: parameters; those that are None are left out.
    """
    response = yield Call("GET", f"/v1/{path}", query, is_repeatable=True)
    return replies.read_document(response, what)


def get_pages(path: str, what: str, **query: str | None) -> Exchange[list[JsonObject]]:
    """Reads every page of a list, in their order.

    Args:
        path: after ``/v1/``, quoted.
        what: the name of a page in error messages.
        **query: parameters; those that are None are left out.
    """
    pages: list[JsonObject] = []
    after: str | None = None
    while True:
        page = yield from get(path, what, limit=MAX_ENTRIES, after=after, **query)
        pages.append(page)
        last, after = after, page.text_or_none("next")
        if after is None:
            return pages
        if after == last:
            raise UnexpectedReply(f"{what} goes round in a circle")


def list_all(
    cls: type[D], path: str, member: str, **query: str | None
) -> Exchange[tuple[D, ...]]:
    """Lists every entry, page by page.

    Args:
        cls: the data class of an entry.
        path: after ``/v1/``.
        member: the member of the reply that has the entries.
        **query: parameters; those that are None are left out.
    """
    pages = yield from get_pages(path, f"the list of {member}", **query)
    return tuple(read(cls, entry) for page in pages for entry in page.objects(member))


def create(
    path: str,
    what: str,
    client_id: UUID | str | None,
    *,
    nullable: Mapping[str, object] = NO_MEMBERS,
    **members: object,
) -> Exchange[JsonObject]:
    """Creates something, under an id of the caller's making.

    A repetition with the same id and content gives what the first one made. So the call
    is safe to repeat.

    Args:
        path: after ``/v1/``, quoted.
        what: the name of the reply in error messages.
        client_id: a UUID; a new one if None.
        nullable: members of the body that go out also where they are None.
        **members: the other ones; those that are None are left out.
    """
    given = {name: value for name, value in members.items() if value is not None}
    new_id = str(uuid4() if client_id is None else client_id)
    document = {"id": new_id, **nullable, **given}
    response = yield Call("POST", f"/v1/{path}", body=document, is_repeatable=True)
    return replies.read_document(response, what, status=HTTPStatus.CREATED)


def act(path: str, what: str, **members: object) -> Exchange[JsonObject]:
    """Acts on something, which the service then returns.

    Args:
        path: after ``/v1/``, quoted.
        what: the name of the reply in error messages.
        **members: the body; there is none without members.
    """
    response = yield Call("POST", f"/v1/{path}", body=members or None)
    return replies.read_document(response, what)
