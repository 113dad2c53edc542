"""Every operation of the published document has a method in the SDK."""

import json

from rapport_client import Client, FieldDevice
from rapport_client._resources.operation import Operation, Resource
from rapport_schemas import openapi

OF_A_PHONE = {
    "get_jwks": FieldDevice.move,
    "create_enrolment": FieldDevice.enrol,
    "create_token": FieldDevice.sync,
    "sync": FieldDevice.sync,
    "draw_ballots": FieldDevice.sync,
    "create_submissions": FieldDevice.sync,
}
"""Operations that the methods of a phone call; those of programs name theirs."""


DOCUMENTED = {
    operation["operationId"]
    for path in json.loads(openapi.document())["paths"].values()
    for operation in path.values()
}


def list_called_operations():
    """The operations that the methods of a program's client call."""
    with Client("http://rapport.test", "client", "secret") as client:
        resources = [
            each for each in vars(client).values() if isinstance(each, Resource)
        ]
    return {
        operation_id
        for resource in resources
        for method in vars(type(resource)).values()
        if isinstance(method, Operation)
        for operation_id in method.operation_ids
    }


def test_every_operation_has_a_method_in_the_sdk():
    assert list_called_operations() | OF_A_PHONE.keys() == DOCUMENTED


def test_a_method_belongs_to_programs_or_to_phones():
    assert not list_called_operations() & OF_A_PHONE.keys()
