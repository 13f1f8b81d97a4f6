"""Types are not converted: only what the document calls a value of a field is one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel

from shared.http.exact_types import differences


class Colour(StrEnum):
    RED = "red"


class Line(BaseModel):
    count: int
    cost: Decimal = Decimal(0)


class Body(BaseModel):
    count: int | None = None
    share: float | None = None
    flag: bool = False
    day: dt.date | None = None
    at: dt.datetime | None = None
    colour: Colour = Colour.RED
    lines: list[Line] = []
    by_colour: dict[Colour, tuple[int, ...]] = {}


TAKEN: list[dict[str, Any]] = [
    {},
    {"count": None, "share": None},
    {"count": 3, "share": 3, "flag": True},
    {"count": Decimal("3.0"), "share": Decimal("0.5")},
    {"day": "2024-06-03", "at": "2024-06-03T12:00:00Z"},
    {"at": "2024-06-03T12:00:00.123+05:30"},
    {"colour": "red", "lines": [{"count": 1, "cost": Decimal("1.50")}], "by_colour": {"red": [1, 2]}},
]
REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"count": "12"}, "/count", "int_type"),
    ({"count": True}, "/count", "int_type"),
    ({"share": "0.5"}, "/share", "decimal_type"),
    ({"flag": 1}, "/flag", "bool_type"),
    ({"flag": "yes"}, "/flag", "bool_type"),
    ({"day": 0}, "/day", "string_type"),
    ({"day": "0"}, "/day", "date_type"),
    ({"day": "2024-06-03T00:00:00"}, "/day", "date_type"),
    ({"at": 0}, "/at", "string_type"),
    ({"at": "2024-06-03"}, "/at", "datetime_type"),
    ({"at": "2024-06-03T12:00:00"}, "/at", "datetime_type"),
    ({"lines": [{"count": 1}, {"count": "2"}]}, "/lines/1/count", "int_type"),
    ({"lines": [{"count": 1, "cost": "1.50"}]}, "/lines/0/cost", "decimal_type"),
    ({"by_colour": {"red": ["1"]}}, "/by_colour/red/0", "int_type"),
]


@pytest.mark.parametrize("value", TAKEN)
def test_a_value_of_the_type_is_taken(value: dict[str, Any]) -> None:
    Body.model_validate(value)
    assert differences(Body, value, "") == []


@pytest.mark.parametrize(("value", "pointer", "code"), REFUSED)
def test_what_would_have_to_be_converted_is_not(value: dict[str, Any], pointer: str, code: str) -> None:
    Body.model_validate(value)  # pydantic converts it
    (error,) = differences(Body, value, "")
    assert (error.pointer, error.code) == (pointer, code)
    assert "given: " in error.detail


@pytest.mark.parametrize(
    "value", [{"count": "12"}, {"count": "-3"}, {"share": "1e-3"}, {"flag": "true"}, {"day": "2024-06-03"}]
)
def test_a_query_spells_its_values(value: dict[str, str]) -> None:
    assert differences(Body, value, "query", spelled=True) == []


@pytest.mark.parametrize(
    "value", [{"count": "1_2"}, {"count": " 3"}, {"count": "3.0"}, {"share": "1_0.5"}, {"flag": "1"}, {"day": "0"}]
)
def test_it_spells_them_in_one_way(value: dict[str, str]) -> None:
    Body.model_validate(value)
    (error,) = differences(Body, value, "query", spelled=True)
    assert error.pointer == f"query/{next(iter(value))}"
