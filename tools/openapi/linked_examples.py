"""The examples inside the document, each at its request and at its response.

They are there as values, not as addresses: readers such as Swagger UI show no
``externalValue``, and a saved document stays whole. A request that only comes before
refusals is left out, and the same body is shown once.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tools.openapi.descriptions import Node, list_operation_nodes
from tools.openapi.example_files import Example

WITHOUT_EXAMPLE = {"get_openapi"}
"""Operations without an example: the document would hold itself."""

REQUEST_MEDIA = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/csv",
}
"""Content types of a request, by the member of the example that has its body."""


def link_examples(document: Node, examples: Mapping[str, Example]) -> None:
    """Puts each example where the document describes what it shows."""
    operations = {each["operationId"]: each for each in list_operation_nodes(document)}
    for name, example in examples.items():
        operation = operations[example.operation]
        label = name.partition(".")[2]
        status, reply = example.response["status"], example.response
        if status < 400:
            content = operation.get("requestBody", {}).get("content", {})
            for member, media in REQUEST_MEDIA.items():
                if member in example.request:
                    _add(content[media], label, example.about, example.request[member])
        body = reply.get("json", reply.get("text"))
        if body is not None:
            media = reply["headers"]["Content-Type"].partition(";")[0]
            content = operation["responses"][str(status)]["content"]
            _add(content[media], label, example.about, body)


def list_missing_examples(document: Node) -> list[str]:
    """Requests, and responses to requests that were not refused, without an example."""
    return [
        f"{operation['operationId']} has no example of {place} in {media}"
        for operation in list_operation_nodes(document)
        if operation["operationId"] not in WITHOUT_EXAMPLE
        for place, media, content in _list_bodies(operation)
        if "examples" not in content
    ]


def _add(content: Node, label: str, about: str, body: object) -> None:
    shown = content.setdefault("examples", {})
    if all(example["value"] != body for example in shown.values()):
        shown[label] = {"summary": about, "value": body}


def _list_bodies(operation: Node) -> Iterator[tuple[str, str, Any]]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield "a request", media, content
    for status, response in operation["responses"].items():
        if status < "400":
            for media, content in response.get("content", {}).items():
                yield "a response", media, content
