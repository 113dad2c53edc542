"""Calls, exchanges, and the decorator that makes methods of both clients of them.

An exchange is a generator that yields calls, is sent responses, and returns its result,
as a flow does. A call is a request without what the session adds: origin, credentials,
time-outs, retries. So a method of a resource is written once::

    @operation("get_team")
    def get(self, team: AnyTeam) -> Exchange[Team]: ...

``Client`` runs it and returns its result; ``AsyncClient`` returns an awaitable.
"""

import inspect
from collections.abc import Callable, Coroutine, Generator, Mapping
from dataclasses import dataclass, field
from functools import update_wrapper
from types import MethodType
from typing import (
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    Protocol,
    TypeVar,
    get_args,
    overload,
)

from rapport_client._http import Response

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One call of the API.

    Attributes:
        method: ``GET``, ``POST``, ``PUT`` or ``PATCH``.
        path: beginning with a slash, quoted.
        query: parameters; those that are None are left out.
        body: goes out as JSON, or as CSV if it is bytes; None for a call without one.
        headers: in addition to those of every call.
        is_anonymous: whether it goes without credentials.
        is_repeatable: whether a repetition does no harm after a lost reply.
        delay: seconds to wait before it.
        read_seconds: how long the service may take to reply, if longer than usual.
        max_reply_bytes: how long the reply may be, if longer than usual.
    """

    method: str
    path: str
    query: Mapping[str, str | None] = field(default_factory=dict)
    body: object = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    is_anonymous: bool = False
    is_repeatable: bool = False
    delay: float = 0.0
    read_seconds: float | None = None
    max_reply_bytes: int | None = None


Exchange = Generator[Call, Response, T]


class SyncRunner(Protocol):
    """Runner of exchanges that returns their results."""

    def run(self, exchange: Exchange[T]) -> T:
        """Runs an exchange to its end."""


class AsyncRunner(Protocol):
    """Runner of exchanges that returns awaitables of their results."""

    def run(self, exchange: Exchange[T]) -> Coroutine[Any, Any, T]:
        """Runs an exchange to its end."""


R_co = TypeVar("R_co", covariant=True)
"""``SyncRunner`` or ``AsyncRunner``."""


class Resource(Generic[R_co]):
    """Calls of one kind of thing, such as teams.

    Args:
        runner: of the client that this belongs to.
    """

    def __init__(self, runner: R_co) -> None:
        self._runner = runner


class Operation(Generic[P, T]):
    """A method of a resource; which client the resource belongs to says how it runs.

    Attributes:
        operation_ids: the operations of the published document that it calls.
    """

    def __init__(
        self,
        exchange: Callable[Concatenate[Any, P], Exchange[T]],
        operation_ids: tuple[str, ...],
    ) -> None:
        self._exchange = exchange
        self.operation_ids = operation_ids
        self.__doc__ = exchange.__doc__

    @overload
    def __get__(
        self, resource: Resource[SyncRunner], owner: type
    ) -> Callable[P, T]: ...

    @overload
    def __get__(
        self, resource: Resource[AsyncRunner], owner: type
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...

    @overload
    def __get__(
        self, resource: None, owner: type
    ) -> Callable[Concatenate[Any, P], Exchange[T]]: ...

    def __get__(self, resource: Resource[Any] | None, owner: type) -> Any:
        """The method, bound to its resource."""
        if resource is None:
            return self._exchange
        bound = MethodType(self._exchange, resource)
        runner = resource._runner  # noqa: SLF001 - of our own class

        def method(*args: P.args, **kwargs: P.kwargs) -> object:
            return runner.run(bound(*args, **kwargs))

        update_wrapper(method, bound)
        signature = inspect.signature(bound)
        result = get_args(signature.return_annotation)[-1]
        vars(method)["__signature__"] = signature.replace(return_annotation=result)
        return method


def operation(
    *operation_ids: str,
) -> Callable[[Callable[Concatenate[Any, P], Exchange[T]]], Operation[P, T]]:
    """Makes a method of both clients of an exchange.

    Args:
        *operation_ids: the operations of the published document that it calls.
    """

    def decorate(
        exchange: Callable[Concatenate[Any, P], Exchange[T]],
    ) -> Operation[P, T]:
        return Operation(exchange, operation_ids)

    return decorate
