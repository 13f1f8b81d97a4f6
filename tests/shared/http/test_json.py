"""JSON: decimals keep their digits, times are UTC, what has no JSON form is an error."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from shared.domain.planning.stock_status import StockStatus
from shared.http.json import DecimalJSON
from shared.http.operation_fields import CountsView
from shared.http.refusals import InvalidInput

_json = DecimalJSON(Flask("probe"))


@dataclass(frozen=True, slots=True)
class Amount:
    value: Decimal
    currency: str = "EUR"


class Change(BaseModel):
    from_: Any = Field(alias="from")
    to: Any


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("12.50"), "12.50"),
        (Decimal("0.00"), "0.00"),
        (Decimal("12345678901234.567"), "12345678901234.567"),
        (float("nan"), "null"),
        (float("inf"), "null"),
        (dt.date(2024, 6, 3), '"2024-06-03"'),
        (dt.datetime(2024, 6, 3, 12, 30, 1, 999, tzinfo=dt.UTC), '"2024-06-03T12:30:01.000Z"'),
        (dt.datetime(2024, 6, 3, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))), '"2024-06-02T23:00:00.000Z"'),
        (StockStatus.NORMAL, '"normal"'),
        (CountsView(read=1, accepted=1, rejected=0), '{"read":1,"accepted":1,"rejected":0}'),
        ([Amount(Decimal("1.50"))], '[{"value":1.50,"currency":"EUR"}]'),
        (
            Change(**{"from": Amount(Decimal("1.0")), "to": [StockStatus.NORMAL, Change(**{"from": None, "to": 2})]}),
            '{"from":{"value":1.0,"currency":"EUR"},"to":["normal",{"from":null,"to":2}]}',
        ),
        ("</script>\u2028", '"</script>\\u2028"'),
    ],
)
def test_values_as_they_are_sent(value: object, text: str) -> None:
    assert _json.dumps(value) == text


def test_what_has_no_json_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="object has no JSON form"):
        _json.dumps(object())


@given(st.decimals(-(10**12), 10**12, places=3))
def test_decimals_survive_to_the_last_digit(value: Decimal) -> None:
    assert str(_json.loads(_json.dumps(value))) == str(value)


@pytest.mark.parametrize(
    "number", ["1E+5000000", "-1e400", "1e-400", "9" * 51, "0." + "9" * 900_000, "9" * 900_000, "0e999"]
)
def test_a_number_that_would_hold_the_process_is_refused_at_once(number: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(InvalidInput, match="holds the number"):
        _json.loads(f'{{"a": [{number}]}}')
    assert time.perf_counter() - begun < 0.5


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_usual_number_is_taken(number: float) -> None:
    assert float(_json.loads(repr(number))) == number


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (r'{"a": ["b", "\u0000"]}', "/a/1"),
        (r'{"a": {"b": "x\ud800y"}}', "/a/b"),
        (r'{"a": {"\uDFFF": 1}}', "/a"),
        (r'"\ude00\ud83d"', ""),
    ],
)
def test_a_text_that_no_database_stores_is_refused_where_it_is(text: str, pointer: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        _json.loads(text)
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_a_surrogate_pair_is_one_character() -> None:
    assert _json.loads(r'"\ud83d\ude00"') == "😀"
