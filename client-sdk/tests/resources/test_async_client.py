"""The asynchronous client: the same calls, awaited; over httpx and over any carrier."""

import asyncio
import inspect
import json
from dataclasses import replace

import httpx
import pytest
from fake_service.faults import PORTAL, drop_request, on_path, reply_with
from fake_service.http_server import serve
from fake_service.phone import SERVER
from fake_service.service import CODE

from rapport_client import (
    AsyncClient,
    Client,
    Team,
    TeamNotFound,
    TransportFailure,
    UnexpectedReply,
    Unreachable,
)
from rapport_client._resources.operation import Operation, Resource
from rapport_client.httpx_transport import HttpxTransport


class AsyncService:
    """The fake service as an asynchronous carrier."""

    def __init__(self, service):
        self.service = service

    async def send(self, request):
        await asyncio.sleep(0)
        return self.service.send(request)


def run(service, use, **options):
    """Runs a coroutine with a client of the service in memory."""

    async def go():
        carrier = AsyncService(service)
        async with AsyncClient(
            SERVER, "acme-client", "s3cret", transport=carrier, **options
        ) as client:
            return await use(client)

    return asyncio.run(go())


def test_an_asynchronous_call_gives_what_a_synchronous_one_gives(service, client):
    assert run(service, lambda each: each.teams.list()) == client.teams.list()


def test_tasks_share_one_token(service):
    async def use(client):
        return await asyncio.gather(*(client.teams.list() for _ in range(5)))

    lists = run(service, use)

    assert [team.name for teams in lists for team in teams] == ["North"] * 5
    assert service.paths().count("/v1/token") == 1


def test_failures_are_repeated_and_raised_alike(service):
    service.intercept = on_path("/v1/teams", drop_request)

    with pytest.raises(TransportFailure):
        run(service, lambda client: client.teams.list())

    assert service.paths().count("/v1/teams") == 3


def test_refusals_have_the_same_classes(service):
    with pytest.raises(TeamNotFound):
        run(service, lambda client: client.teams.score("south"))

    service.intercept = on_path("/v1/teams", reply_with(PORTAL))
    with pytest.raises(UnexpectedReply):
        run(service, lambda client: client.teams.list())


def test_the_last_response_is_there(service):
    async def use(client):
        await client.teams.list()
        return client.last_response

    assert run(service, use).status == 200


class SlowService(AsyncService):
    """A carrier that takes the longer for tokens the earlier they are asked for."""

    def __init__(self, service):
        super().__init__(service)
        self.seconds = [0.3, 0.2, 0.1]

    async def send(self, request):
        response = self.service.send(request)
        if request.url.endswith(("/token", "/enrolments")) and self.seconds:
            await asyncio.sleep(self.seconds.pop(0))
        return response


def test_readers_in_one_loop_get_tokens_one_after_the_other(service, tmp_path):
    service.scope = "supervisor"
    file = tmp_path / "tokens.json"

    async def go():
        carrier = SlowService(service)
        async with (
            AsyncClient.from_reading_code(SERVER, CODE, file, transport=carrier) as a,
            AsyncClient.from_reading_code(SERVER, CODE, file, transport=carrier) as b,
        ):
            await asyncio.gather(a.teams.list(), a.teams.list(), b.teams.list())

    asyncio.run(asyncio.wait_for(go(), 20))

    assert service.paths().count("/v1/enrolments") == 1
    kept = json.loads(file.read_text())["refresh_token"]
    assert kept in service.valid_refresh_tokens


def test_a_task_that_is_cancelled_lets_go_of_the_file(service, tmp_path):
    service.scope = "supervisor"
    file = tmp_path / "tokens.json"

    async def go():
        carrier = SlowService(service)
        async with AsyncClient.from_reading_code(
            SERVER, CODE, file, transport=carrier
        ) as client:
            task = asyncio.create_task(client.teams.list())
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as kept:
                await task
            return await asyncio.wait_for(client.teams.list(), 20), kept

    teams, _ = asyncio.run(go())

    assert [team.name for team in teams] == ["North"]


def test_the_own_client_keeps_no_cookie(service):
    answer = service.send

    def send_with_cookie(request):
        response = answer(request)
        return replace(response, headers={**response.headers, "set-cookie": "sid=abc"})

    service.send = send_with_cookie

    async def go(origin):
        async with AsyncClient(origin, "acme-client", "s3cret") as client:
            await client.teams.list()
            await client.teams.list()

    with serve(service) as front:
        asyncio.run(go(front.origin))

    assert not any("cookie" in map(str.lower, each.headers) for each in service.log)


def test_httpx_carries_requests(service):
    async def go(origin):
        async with AsyncClient(origin, "acme-client", "s3cret") as client:
            return await client.teams.list()

    with serve(service) as front:
        teams = asyncio.run(go(front.origin))

    assert [team.name for team in teams] == ["North"]


def test_a_client_of_ones_own_is_left_open(service):
    async def go(origin):
        async with httpx.AsyncClient() as own:
            transport = HttpxTransport(own)
            async with AsyncClient(
                origin, "acme-client", "s3cret", transport=transport
            ) as client:
                await client.teams.list()
            await transport.close()
            return own.is_closed

    with serve(service) as front:
        assert asyncio.run(go(front.origin)) is False


def test_a_closed_client_says_so(service):
    async def go(origin):
        async with AsyncClient(origin, "acme-client", "s3cret") as client:
            pass
        await client.teams.list()

    with serve(service) as front, pytest.raises(TransportFailure, match="is closed"):
        asyncio.run(go(front.origin))


def test_no_connection_is_unreachable():
    async def go():
        async with AsyncClient(
            "http://127.0.0.1:1", "c", "s3cret", max_retries=0
        ) as client:
            await client.teams.list()

    with pytest.raises(Unreachable):
        asyncio.run(go())


def list_operations(client):
    """The operations of a client, by resource and name."""
    return {
        f"{resource}.{name}": getattr(owner, name)
        for resource, owner in vars(client).items()
        if isinstance(owner, Resource)
        for name, member in vars(type(owner)).items()
        if isinstance(member, Operation)
    }


def test_both_clients_have_the_same_methods(service):
    with Client(SERVER, "c", "s3cret", transport=service) as sync_client:
        methods = list_operations(sync_client)
    twins = list_operations(
        AsyncClient(SERVER, "c", "s3cret", transport=AsyncService(service))
    )

    assert methods.keys() == twins.keys()
    assert all(inspect.getdoc(each) for each in methods.values())
    assert inspect.signature(methods["teams.get"]).return_annotation is Team
