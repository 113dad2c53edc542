"""Network faults, for ``FakeService.intercept``."""

import json
from urllib.parse import urlsplit

from fake_service import documents
from rapport_client import Response, TransportFailure

PORTAL = Response(200, {"content-type": "text/html"}, b"<html>Welcome! Log in</html>")


def no_fault(_, answer):
    """The exchange without a fault."""
    return answer()


def on_path(path, fault):
    """Applies a fault to the requests whose path begins so; others go through."""

    def interfere(request, answer):
        if urlsplit(request.url).path.startswith(path):
            return fault(request, answer)
        return answer()

    return interfere


def drop_request(_, __):
    raise TransportFailure("dropped on the way there")


def lose_reply(_, answer):
    answer()
    raise TransportFailure("lost on the way back")


def reply_with(response):
    """Another response in place of the service, which never sees the request."""
    return lambda *_: response


def edit_reply(edit):
    """The service's reply with its document changed on the way back."""

    def fault(_, answer):
        response = answer()
        document = json.loads(response.body)
        edited_document = edit(document)
        body = documents.to_bytes(
            document if edited_document is None else edited_document
        )
        return Response(response.status, response.headers, body)

    return fault
