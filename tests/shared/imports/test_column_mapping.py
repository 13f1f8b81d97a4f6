"""Which source column a field is read from."""

from __future__ import annotations

import json

import polars as pl
import pytest

from shared.domain.errors import Invalid
from shared.domain.imports.given_mapping import MappedColumn
from shared.domain.imports.import_errors import UnusableFile
from shared.domain.imports.record_fields import DAILY_SALES_FIELDS, STOCK_FIELDS
from shared.imports.column_mapping import bind, mapped, parse_mapping

HEADER = ("item_id", "location_id", "date", "quantity")
COUNTRIES = {"United Kingdom": "LONDON", "EIRE": "DUBLIN"}


def test_columns_are_found_by_known_names_and_mapping() -> None:
    mapping = parse_mapping('{"location_id": {"constant": "LONDON"}}', DAILY_SALES_FIELDS).bindings

    bound = bind(mapping, DAILY_SALES_FIELDS, HEADER)

    assert {name: binding.column or binding.constant for name, binding in bound.items()} == {
        "item_id": "item_id",
        "location_id": "LONDON",
        "date_local": "date",
        "units_sold": "quantity",
    }


@pytest.mark.parametrize(
    ("binding", "expected"),
    [
        ({"column": "country"}, ["EIRE", "Germany", "", None]),
        ({"column": "country", "default": "LONDON"}, ["EIRE", "Germany", "LONDON", "LONDON"]),
        ({"column": "country", "values": COUNTRIES}, ["DUBLIN", "Germany", "", None]),
        ({"column": "country", "values": COUNTRIES, "default": "R"}, ["DUBLIN", "R", "R", "R"]),
        ({"constant": "LONDON"}, ["LONDON"] * 4),
    ],
)
def test_values_are_translated(binding: dict[str, object], expected: list[str | None]) -> None:
    columns = pl.DataFrame({"country": [" EIRE", "Germany", "", None]})
    location = next(field for field in STOCK_FIELDS if field.name == "location_id")

    result = mapped(columns, {"location_id": MappedColumn.model_validate(binding)}, STOCK_FIELDS)

    assert result[f"raw_{location.name}"].to_list() == expected
    assert result["raw_current_stock"].to_list() == [None] * 4


@pytest.mark.parametrize(
    ("text", "pointer", "detail"),
    [
        ("{", None, "mapping is no valid JSON"),
        ("[" * 100_000, None, "mapping is no valid JSON"),
        ('["a"]', None, "must be a JSON object"),
        ('{"colour": "a"}', "form/mapping/colour", "unknown field 'colour'; allowed: item_id, location_id, date_local"),
        ('{"item_id": 3}', "form/mapping/item_id", "item_id: Input should be a valid dictionary"),
        ('{"item_id": {}}', "form/mapping/item_id", "give either `column` or `constant`"),
        ('{"item_id": {"column": "a", "constant": "b"}}', "form/mapping/item_id", "give either"),
        ('{"item_id": {"constant": "b", "default": "c"}}', "form/mapping/item_id", "go with `column`"),
        ('{"item_id": {"column": "a", "colour": "b"}}', "form/mapping/item_id", "Extra inputs are not permitted"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(text: str, pointer: str | None, detail: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_mapping(text, DAILY_SALES_FIELDS)

    assert refused.value.code == "invalid_mapping"
    assert detail in refused.value.detail
    assert [error.pointer for error in refused.value.errors] == ([pointer] if pointer else [])


def test_every_wrong_entry_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        parse_mapping(json.dumps({"a": "x", "b": "y", "item_id": "z"}), STOCK_FIELDS)

    assert [error.pointer for error in refused.value.errors] == ["form/mapping/a", "form/mapping/b"]


def test_missing_columns_are_named_with_what_is_there() -> None:
    mapping = parse_mapping('{"units_sold": "Menge"}', DAILY_SALES_FIELDS).bindings

    with pytest.raises(UnusableFile) as refused:
        bind(mapping, DAILY_SALES_FIELDS, ("item_id", "when"))

    assert refused.value.code == "missing_columns"
    assert refused.value.detail == (
        "the file has no column 'location_id', 'date_local', 'Menge' (for units_sold); it has 'item_id', 'when'; "
        'suggested mapping: {"item_id": "item_id"}'
    )
