"""Walks through the API along the links of its document, with schemathesis' cases and checks.

To follow a link, what it comes from is made or fetched anew: `POST /campaigns`, then `PUT /campaigns/{campaign_id}`
with the id and the version of that answer.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import HypothesisDeprecationWarning
from schemathesis.core.result import Ok

from tests.support.contract import Answer, contract_of
from tests.support.fuzz_bodies import with_narrower_bodies

if TYPE_CHECKING:
    from schemathesis import APIOperation, Response

    Operation = APIOperation[Any, Any, Any, Any]

_BODIES = 6  # that are generated for an operation
_EXAMPLES = 0.5  # the share of bodies that are the document's example
_WAYS = 3  # to an operation that are tried
_EXPRESSION = re.compile(r"\$(?:request\.path\.(\w+)|response\.header\.([\w-]+)|response\.body#/(.+))")
_GOOD = range(200, 300)


@dataclass(frozen=True)
class Link:
    """`parameters` are the target's, each with the expression that says where its value is."""

    source: str
    status: str
    target: str
    parameters: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.source} {self.status} -> {self.target}"


@dataclass(frozen=True)
class _Answered:
    """A request's path parameters, and what was answered."""

    path: dict[str, str]
    status: int
    body: Any
    headers: dict[str, str]

    def values(self, link: Link) -> dict[str, str] | None:
        """What the link hands on, by the names of its parameters; None where the answer lacks some of it."""
        values = {name: self._value(expression) for name, expression in link.parameters}
        return None if None in values.values() else {name: str(value) for name, value in values.items()}

    def _value(self, expression: str) -> Any:
        parts = _EXPRESSION.fullmatch(expression)
        assert parts, f"a link has an expression that is unknown here: {expression}"
        in_path, in_header, in_body = parts.groups()
        if in_path:
            return self.path[in_path]
        if in_header:
            return self.headers.get(in_header.lower())
        value = self.body
        for step in in_body.split("/"):
            try:
                value = value[int(step) if isinstance(value, list) else step]
            except (IndexError, KeyError):
                return None
        return value


class Walk:
    """Follows the links of a running API, and holds each answer to the document. `left_out` are not called."""

    def __init__(self, base_url: str, token: str, random: Random, left_out: Collection[str] = ()) -> None:
        document = requests.get(f"{base_url}/openapi.json", timeout=60).json()
        schema = schemathesis.openapi.from_dict(with_narrower_bodies(document))
        operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
        self.links = [link for link in _links(document) if not {link.source, link.target} & set(left_out)]
        self.calls: Counter[tuple[str, int]] = Counter()  # by operation and status
        self.followed: Counter[Link] = Counter()
        self.accepted: Counter[Link] = Counter()  # those of them that were answered with 2xx
        self._base_url, self._token, self._random = base_url, token, random
        self._operations = {operation.definition.raw["operationId"]: operation for operation in operations}
        self._bodies: dict[str, list[Any]] = {}
        self._ways: defaultdict[str, list[Link]] = defaultdict(list)
        for link in self.links:
            self._ways[link.target].append(link)

    def start(self, name: str) -> None:
        """Call the operation as the document's example does."""
        raw = self._operations[name].definition.raw
        (content,) = raw["requestBody"]["content"].values()
        path = {f"path.{parameter['name']}": parameter["example"] for parameter in raw["parameters"]}
        self._call(name, path, content["example"])

    def follow(self, links: Sequence[Link]) -> None:
        """Each of them once in any order, those that delete at last.

        An AssertionError or schemathesis' FailureGroup tells what is wrong.
        """
        shuffled = self._random.sample(links, len(links))
        for link in sorted(shuffled, key=lambda link: self._operations[link.target].method == "delete"):
            self._follow(link, frozenset())

    def _follow(self, link: Link, passed: frozenset[str]) -> _Answered | None:
        """What its target answered; None if what it comes from could not be had."""
        answered = self._reach(link.source, passed | {link.target})
        values = None if answered is None or str(answered.status) != link.status else answered.values(link)
        if values is None:
            return None
        target = self._call(link.target, values)
        self.followed[link] += 1
        self.accepted[link] += target.status in _GOOD
        return target

    def _reach(self, name: str, passed: frozenset[str]) -> _Answered | None:
        """A good answer of the operation, by any way that does not lead through those that were passed."""
        if "{" not in self._operations[name].path:
            tries = (self._call(name, {}) for _ in range(_WAYS))
            return next((answered for answered in tries if answered.status in _GOOD), None)
        ways = [way for way in self._ways[name] if way.source not in passed]
        ways = self._random.sample(ways, min(_WAYS, len(ways)))
        for way in sorted(ways, key=lambda way: not self.accepted[way]):
            answered = self._follow(way, passed)
            if answered and answered.status in _GOOD:
                return answered
        return None

    def _call(self, name: str, values: dict[str, str], body: Any = None) -> _Answered:
        operation = self._operations[name]
        path = {key.removeprefix("path."): value for key, value in values.items() if key.startswith("path.")}
        headers = {key.removeprefix("header."): value for key, value in values.items() if key.startswith("header.")}
        case = operation.Case(
            path_parameters={key: quote(value, safe="") for key, value in path.items()}, headers=headers
        )
        if operation.body:
            case.body, case.media_type = body or self._body(name), operation.body[0].media_type
        response = case.call(self._base_url, headers={"Authorization": f"Bearer {self._token}"})
        self.calls[name, response.status_code] += 1
        assert response.status_code < 500, f"{name} with {values}, {case.body!r}: {response.text}"
        case.validate_response(response)
        received = {key: ", ".join(lines) for key, lines in response.headers.items()}
        self._hold_to_the_contract(operation, response, received)
        is_json = received.get("content-type") == "application/json"
        return _Answered(path, response.status_code, response.json() if is_json else None, received)

    def _hold_to_the_contract(self, operation: Operation, response: Response, headers: dict[str, str]) -> None:
        method, sent_to = operation.method.upper(), response.request.path_url.removeprefix("/api/v1")
        answer = Answer.of(str(response.request.url), response.status_code, headers, response.content)
        contract_of(self._base_url).check_answer(method, sent_to, answer)

    def _body(self, name: str) -> Any:
        operation = self._operations[name]
        (content,) = operation.definition.raw["requestBody"]["content"].values()
        if "example" in content and self._random.random() < _EXAMPLES:
            return content["example"]
        if name not in self._bodies:
            self._bodies[name] = _generated(operation, self._random.randrange(2**32))
        return self._random.choice(self._bodies[name])


def _links(document: dict[str, Any]) -> Iterator[Link]:
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                for link in response.get("links", {}).values():
                    yield Link(operation["operationId"], status, link["operationId"], tuple(link["parameters"].items()))


def _generated(operation: Operation, start: int) -> list[Any]:
    bodies: list[Any] = []

    @seed(start)
    @settings(max_examples=_BODIES, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def collect(case: Any) -> None:
        bodies.append(case.body)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisDeprecationWarning)  # schemathesis uses `random` within strategies
        collect()
    return bodies
