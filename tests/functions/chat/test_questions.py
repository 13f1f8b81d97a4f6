"""The table of questions: what each calls, and that what comes out is what the endpoints say."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.support.tenants import TestClient

FOLDER = Path(__file__).parent
FLOOR = {"outside": 0.9, "here": 0.95}  # the shares of questions that are answered rightly, at least
_ASKED = re.compile(r"^\d+\. \*\*[^*]+\*\*: (.+)$", re.MULTILINE)


@cache
def table() -> tuple[Mapping[str, Any], ...]:
    return tuple(yaml.safe_load((FOLDER / "questions.yaml").read_text()))


def ask(client: TestClient, question: str) -> dict[str, Any]:
    response = client.post("/chat", json={"question": question})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def wrong(client: TestClient, expected: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """What of the answer is not as expected."""
    checks = {
        "calls": _wrong_calls,
        "refused": _wrong_refusal,
        "says": _wrong_words,
        "proposal": _wrong_proposal,
        "values": _wrong_values,
        "rows": _wrong_rows,
        "row_values": _wrong_row_values,
    }
    found = [
        each for name, check in checks.items() if name in expected for each in check(client, expected[name], answer)
    ]
    if answer["proposal"] is not None and "proposal" not in expected:
        found.append("a proposal that nobody asked for")
    if "refused" not in expected and not answer["understood"]:
        found.append(f"not understood: {answer['answer']}")
    if len(answer["calls"]) > 6 or any(call["method"] != "GET" for call in answer["calls"]):
        found.append(f"calls {answer['calls']}")
    return found


def _wrong_calls(_: TestClient, expected: Sequence[str], answer: Mapping[str, Any]) -> list[str]:
    made = [f"{call['method']} {call['path']}" for call in answer["calls"] if call["status"] == 200]
    return [f"{wanted} is not among {made}" for wanted in expected if not any(_is(call, wanted) for call in made)]


def _is(made: str, wanted: str) -> bool:
    """Whether it is that call, with at least those parameters."""
    (method, address), (wanted_method, wanted_address) = made.split(" ", 1), wanted.split(" ", 1)
    call, other = urlsplit(address), urlsplit(wanted_address)
    query, needed = parse_qs(call.query), parse_qs(other.query)
    right = all(
        sorted(map(_number, query.get(name, ()))) == sorted(map(_number, values))
        or set(values) < set(query.get(name, ()))
        for name, values in needed.items()
    )
    return method == wanted_method and fnmatch.fnmatchcase(call.path, other.path) and right


def _number(text: str) -> str:
    return str(float(text)) if re.fullmatch(r"-?\d+(\.\d+)?", text) else text


def _wrong_refusal(_: TestClient, words: str, answer: Mapping[str, Any]) -> list[str]:
    if answer["understood"] or answer["proposal"] is not None or words not in answer["answer"]:
        return [f"not refused with {words!r}: {answer['answer']}"]
    return []


def _wrong_words(_: TestClient, words: str, answer: Mapping[str, Any]) -> list[str]:
    return [] if re.search(words, answer["answer"]) else [f"{words!r} is not in {answer['answer']!r}"]


def _wrong_proposal(_: TestClient, expected: Sequence[Any], answer: Mapping[str, Any]) -> list[str]:
    if answer["proposal"] is None:
        return [f"no proposal: {answer['answer']}"]
    (call,) = answer["proposal"]["calls"]
    wanted, body = expected
    if f"{call['method']} {call['path']}" != wanted or not body.items() <= (call["body"] or {}).items():
        return [f"proposes {call}"]
    return []


def _wrong_values(client: TestClient, expected: Sequence[Sequence[str]], answer: Mapping[str, Any]) -> list[str]:
    shown = {figure["label"]: figure["value"] for figure in answer["figures"]}
    shown |= {figure["label"]: figure["value"] for figure in (answer["proposal"] or {}).get("figures", ())}
    found = []
    for label, source, take in expected:
        value = taken(client, source, take)
        if shown.get(label) != pytest.approx(value):
            found.append(f"{label} is {shown.get(label)}, not {value}")
    return found


def _wrong_rows(client: TestClient, expected: Sequence[str], answer: Mapping[str, Any]) -> list[str]:
    source, take = expected
    values = taken(client, source, take)
    return _wrong_row_values(client, (take.rpartition(".")[2], values), answer)


def _wrong_row_values(_: TestClient, expected: Sequence[Any], answer: Mapping[str, Any]) -> list[str]:
    column, values = expected
    table = answer["table"] or (answer["proposal"] or {}).get("table")
    if table is None:
        return [f"no table: {answer['answer']}"] if values else []
    names = [each["name"] for each in table["columns"]]
    if column not in names:
        return [f"no column {column}: {names}"]
    at = names.index(column)
    shown = [row[at] for row in table["rows"]]
    return [] if sorted(shown) == sorted(values) else [f"{column} of the rows: {shown}, not {values}"]


def taken(client: TestClient, source: str, take: str) -> Any:
    """A value of what an endpoint answers: `metrics.x`, `sum items.x`, or the list of `items.x`."""
    response = client.get(source)
    assert response.status_code == 200, response.text
    values = [response.json()]
    is_list = False
    for name in take.removeprefix("sum ").split("."):
        values = [value[name] for value in values]
        if any(isinstance(value, list) for value in values):
            values, is_list = [each for value in values for each in value], True
    if take.startswith("sum "):
        return sum(values)
    return values if is_list else values[0]


def test_the_questions_of_others_stand_as_they_were_asked() -> None:
    asked = _ASKED.findall((FOLDER / "questions_as_asked.md").read_text())
    outside = [row["question"] for row in table() if row["asked"] == "outside"]
    assert outside == asked
    assert len(table()) >= 80
    assert len(outside) >= len(table()) / 3
    assert all("first_contact" in row for row in table() if row["asked"] == "outside")


@pytest.fixture(scope="module")
def verdicts(asked_shop: TestClient) -> list[tuple[Mapping[str, Any], list[str]]]:
    """Each question with what is wrong with its answer."""
    return [(row, wrong(asked_shop, row, ask(asked_shop, row["question"]))) for row in table()]


@pytest.mark.parametrize("row", table(), ids=lambda row: row["question"][:60])
def test_a_question_is_answered_as_the_table_says(row: Mapping[str, Any], verdicts: list[Any]) -> None:
    (found,) = [found for each, found in verdicts if each is row]
    assert found == []


@pytest.mark.parametrize("asked", FLOOR)
def test_so_many_are_answered_rightly(asked: str, verdicts: list[tuple[Mapping[str, Any], list[str]]]) -> None:
    """What an asker wanted and did not get counts as wrong."""
    shares = share_of(asked, verdicts)
    assert shares >= FLOOR[asked], shares
    page = (FOLDER.parents[2] / "docs" / "chat.md").read_text()
    right = Counter("gap" not in row and not found for row, found in verdicts if row["asked"] == asked)
    assert f"{right[True]} of {right.total()}" in page
    if asked == "outside":
        first = sum(row["first_contact"] for row, _ in verdicts if row["asked"] == asked)
        assert f"{first} of {right.total()}" in page


def share_of(asked: str, verdicts: Sequence[tuple[Mapping[str, Any], list[str]]]) -> float:
    right = ["gap" not in row and not found for row, found in verdicts if row["asked"] == asked]
    return sum(right) / len(right)
