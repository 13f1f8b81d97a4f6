"""What a mapping leaves out, and which exclusions it may name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from shared.domain.imports.exclusion_checks import excluded_check, fault_of
from shared.domain.imports.exclusions import Exclusion
from shared.domain.imports.record_checks import check_records
from shared.domain.imports.record_fields import INVOICE_LINE_FIELDS

LINES = pl.DataFrame(
    [
        (2, "1", "POST", "4", Decimal(1), Decimal(18)),
        (3, "1", "S-100", None, Decimal(1), Decimal(0)),
        (4, "C1", "S-100", "4", Decimal(-1), Decimal(2)),
        (5, "2", "S-100", None, Decimal(-1), None),
    ],
    schema={
        "row_number": pl.Int64(),
        "invoice_no": pl.String(),
        "item_id": pl.String(),
        "customer_id": pl.String(),
        "units_sold": pl.Decimal(38, 3),
        "price": pl.Decimal(38, 6),
    },
    orient="row",
).with_columns(record=pl.lit("{}"))


def excluded(where: dict[str, Any]) -> list[int]:
    exclusion = Exclusion.model_validate({"reason": "not sold", "where": where})
    assert fault_of(exclusion, INVOICE_LINE_FIELDS) is None
    _, rejects = check_records(LINES, [excluded_check(exclusion)])
    assert set(rejects["code"]) <= {"excluded"}
    return rejects["row_number"].to_list()


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({"item_id": {"matches": "^(POST|DOT)$"}}, [2]),
        ({"item_id": {"matches": "(?i)^post"}}, [2]),
        ({"item_id": {"not_matches": "^S"}}, [2]),
        ({"customer_id": {"empty": True}}, [3, 5]),
        ({"customer_id": {"empty": False}}, [2, 4]),
        ({"customer_id": {"empty": True}, "price": {"equals": 0}}, [3]),
        ({"units_sold": {"below": 0}, "invoice_no": {"not_matches": "^C"}}, [5]),
        ({"price": {"below": 1}}, [3]),
        ({"price": {"empty": True}}, [5]),
        ({"customer_id": {"not_matches": "9"}}, [2, 4]),
    ],
)
def test_every_condition_has_to_hold_and_an_empty_field_only_is_empty(where: dict[str, Any], rows: list[int]) -> None:
    assert excluded(where) == rows


def test_the_reject_says_what_the_mapping_says() -> None:
    exclusion = Exclusion.model_validate({"reason": "postage", "where": {"item_id": {"matches": "POST"}}})
    _, rejects = check_records(LINES, [excluded_check(exclusion)])
    assert rejects["message"].to_list() == ["POST is excluded by the mapping: postage"]


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ({"colour": {"empty": True}}, "unknown field 'colour'; allowed: invoice_no, item_id"),
        ({"item_id": {"below": 3}}, "item_id is no number"),
        ({"price": {"matches": "1"}}, "price is no text"),
    ],
)
def test_fields_can_be_asked_what_they_hold(where: dict[str, Any], fault: str) -> None:
    exclusion = Exclusion.model_validate({"reason": "x", "where": where})
    assert (fault_of(exclusion, INVOICE_LINE_FIELDS) or "").startswith(fault)


@pytest.mark.parametrize("where", [{}, {"item_id": {}}, {"item_id": {"matches": "("}}, {"item_id": {"like": "x"}}])
def test_an_exclusion_says_something_that_can_be_looked_for(where: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Exclusion.model_validate({"reason": "x", "where": where})
