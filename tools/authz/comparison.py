"""Comparison of the running service with the table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus

from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tools.authz.answers import describe_answer
from tools.authz.scenario import Scenario
from tools.authz.table import Combination, Table, fill_in, is_json
from tools.openapi.conformance import match_rule

NO_VIEWS = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Difference:
    """A combination that the service answers otherwise than declared."""

    combination: Combination
    answer: str

    def __str__(self) -> str:
        declared = self.combination.expected
        return f"{self.combination}: declared {declared}, answered {self.answer}"


def compare(
    scenario: Scenario,
    combinations: Iterable[Combination],
) -> Iterator[Difference]:
    """Asks the service for each combination; yields what differs."""
    labels = _list_labels(scenario)
    for combination in combinations:
        answer = _ask(scenario, combination, labels)
        if answer != combination.expected:
            yield Difference(combination, answer)


def list_unasked_views(scenario: Scenario, table: Table) -> list[str]:
    """The views of the service for which the table has no row."""
    app = scenario.service.app
    adapter = app.url_map.bind("localhost")
    asked = set()
    for row in table.rows:
        target = next(iter(row.answers))
        path = fill_in(row.path, scenario.names, target).partition("?")[0]
        try:
            endpoint, _ = adapter.match(path, method=row.method)
        except HTTPException:
            continue
        asked.add((row.method, endpoint))
    views = {
        (method, rule.endpoint)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - NO_VIEWS
    }
    return sorted(f"{method} {endpoint}" for method, endpoint in views - asked)


def _ask(scenario: Scenario, combination: Combination, labels: dict[str, str]) -> str:
    names, target = scenario.names, combination.target
    authorization = scenario.callers[combination.caller]
    headers = {} if authorization is None else {"Authorization": authorization}
    body = combination.body and fill_in(combination.body, names, target)
    if body is not None:
        form = "application/x-www-form-urlencoded"
        headers["Content-Type"] = "application/json" if is_json(body) else form
    path = fill_in(combination.path, names, target)
    reply = scenario.service.http.open(
        path,
        method=combination.method,
        headers=headers,
        data=body,
    )
    rule = match_rule(scenario.service.app, reply)
    answer = describe_answer(rule.endpoint if rule else "", reply, labels)
    leaks = _is_leaking(scenario, combination.caller, path + (body or ""), reply)
    return f"{answer} with another agency's data" if leaks else answer


def _is_leaking(
    scenario: Scenario, caller: str, request: str, reply: TestResponse
) -> bool:
    """Whether a reply has data of the other agency that were not in the request."""
    if reply.status_code >= HTTPStatus.BAD_REQUEST or scenario.callers[caller] is None:
        return False
    is_foreign = caller in scenario.foreign
    strange = scenario.ours if is_foreign else scenario.theirs
    return any(text in reply.text and text not in request for text in strange)


def _list_labels(scenario: Scenario) -> dict[str, str]:
    """The numbers of waves and the first letters of teams, by their ids."""
    labels = {
        scenario.names[f"wave.{name}"]: str(number)
        for number, name in enumerate(("first", "second", "third"), 1)
    }
    for name, team_id in scenario.names.items():
        kind, _, team = name.partition(".")
        if kind == "team":
            labels[team_id] = team[0]
    return labels
