"""Pages of lists on the wire: ``limit`` and ``after`` come in, ``next`` goes out."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flask import request

from rapport_schemas.errors import DocumentInvalidError, ErrorCode, FieldError
from rapport_service.core.dependencies import dependencies
from rapport_service.core.paging import PageRequest
from rapport_service.encoding.cursor import (
    CursorInvalidError,
    SortKey,
    open_cursor,
    seal_cursor,
)

PAGE_PARAMETERS = ("limit", "after")
"""Query parameters that say which page is wanted; the others are filters."""


def read_page_request(
    arguments: Mapping[str, Any], organization_id: str
) -> PageRequest:
    """The page that the request asks for.

    Raises:
        DocumentInvalidError: ``after`` is no cursor of this list with these filters.
    """
    cursor = arguments.get("after")
    if cursor is None:
        return PageRequest(arguments["limit"])
    try:
        after = open_cursor(
            dependencies().keyring.cursors, _name_listing(organization_id), cursor
        )
    except CursorInvalidError as error:
        raise DocumentInvalidError(
            [
                FieldError(
                    None,
                    ErrorCode.WRONG_FORMAT,
                    "must be the next of an earlier page of this list",
                    parameter="after",
                )
            ]
        ) from error
    return PageRequest(arguments["limit"], after)


def write_cursor(last_key: SortKey | None, organization_id: str) -> str | None:
    """The ``next`` of a page: what ``after`` has to be; None at the end of the list.

    Args:
        last_key: the sort key of the page's last row, where more rows follow.
        organization_id: whose list it is.
    """
    if last_key is None:
        return None
    return seal_cursor(
        dependencies().keyring.cursors, _name_listing(organization_id), last_key
    )


def next_link(cursor: str) -> str:
    """The header ``Link`` with the address of the next page (RFC 8288)."""
    path = quote(f"{request.script_root}{request.path}")
    query = urlencode({**request.args.to_dict(), "after": cursor})
    return f'<{path}?{query}>; rel="next"'


def _name_listing(organization_id: str) -> bytes:
    """The list that the request is about: whose, which, and with which filters."""
    filters = sorted(
        (name, value)
        for name, value in request.args.items()
        if name not in PAGE_PARAMETERS
    )
    names = [organization_id, request.endpoint, request.view_args, filters]
    return json.dumps(names, default=str, sort_keys=True).encode()
