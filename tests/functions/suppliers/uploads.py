"""Files sent to the imports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import requests

from tests.support.tenants import TestClient


def csv(*lines: str) -> bytes:
    return "\r\n".join(lines).encode()


def upload(client: TestClient, kind: str, content: bytes, **form: Any) -> requests.Response:
    """Send a file to /{kind}/import; `form` is the rest of the form, and may name the role and headers."""
    role, headers = form.pop("role", None), form.pop("headers", None)
    files = {"file": ("file.csv", content)}
    form = {name: str(value).lower() if isinstance(value, bool) else value for name, value in form.items()}
    return client.post(f"/{kind}/import", files=files, data=form, role=role, headers=headers)


def statuses(response: requests.Response) -> list[str]:
    """What became of each row."""
    assert response.status_code == 200, response.text
    return [row["status"] for row in response.json()["results"]]


# What is said of a row: field, code, detail.
Said = tuple[str | None, str, str]


def errors_of_rows(answer: dict[str, Any]) -> dict[int, list[Said]]:
    """The errors of each row of an accepted file."""
    return {
        result["row"]: [(error["field"], error["code"], error["detail"]) for error in result["errors"]]
        for result in answer["results"]
    }


def errors_of_problem(problem: dict[str, Any]) -> dict[int, list[Said]]:
    """The errors of each row of a refused file, by what they point to."""
    by_row: dict[int, list[Said]] = defaultdict(list)
    for error in problem["errors"]:
        _, _, row, *field = error["pointer"].split("/")
        by_row[int(row)].append((field[0] if field else None, error["code"], error["detail"]))
    return by_row


def is_said(expected: Sequence[str | None], error: Said) -> bool:
    """Whether this is the error that is expected; of the detail a part is."""
    field, code, detail = expected
    return error[:2] == (field, code) and str(detail) in error[2]


def found_errors(problem: dict[str, Any]) -> Sequence[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in problem["errors"]]
