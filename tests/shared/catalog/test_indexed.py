"""Pages of a frame: filtered, sorted and cut as plain Python would."""

from __future__ import annotations

from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.indexed import IndexedFrame, SortKey
from shared.domain.folding import folded, sorting_key
from tests.support.catalogs import catalog_rows

_COLUMNS = ("category", "dir", "stockout_risk", "lead_time_days", "sku")
_row = st.fixed_dictionaries(
    {
        "category": st.sampled_from(["A", "B", "b", "ä"]),
        "dir": st.none() | st.sampled_from([0.0, 1.5, 7.0, 90.0]),
        "stockout_risk": st.none() | st.floats(0, 1),
        "lead_time_days": st.integers(0, 3),
        "sku": st.none() | st.text(max_size=3),
    }
)
_sort = st.lists(
    st.builds(SortKey, st.sampled_from(_COLUMNS), st.booleans()), max_size=3, unique_by=lambda key: key.column
)
_conditions = st.sampled_from(
    [
        (None, lambda row: True),
        (pl.col("dir") >= 1.5, lambda row: row["dir"] is not None and row["dir"] >= 1.5),
        (pl.col("category").is_in(["B", "ä"]), lambda row: row["category"] in ("B", "ä")),
        (pl.col("sku") == "", lambda row: row["sku"] == ""),
        (pl.col("category") == "C", lambda row: False),
    ]
)


def ordered(rows: list[dict[str, Any]], sort: list[SortKey]) -> list[dict[str, Any]]:
    """By the keys, nulls last whatever the direction, then by item_id ascending."""
    result = sorted(rows, key=lambda row: row["item_id"])
    for key in reversed(sort):
        known = [row for row in result if row[key.column] is not None]
        known.sort(key=lambda row: _key(row[key.column]), reverse=key.descending)
        result = known + [row for row in result if row[key.column] is None]
    return result


def _key(value: Any) -> Any:
    """Names as people sort them, those that are alike by their characters."""
    return (sorting_key(value).encode(), value.encode()) if isinstance(value, str) else value


@given(st.lists(_row, max_size=25), _conditions, _sort, st.integers(0, 30), st.integers(1, 30))
def test_a_page_is_what_plain_python_gives(
    rows: list[dict[str, Any]], condition: Any, sort: list[SortKey], offset: int, size: int
) -> None:
    expression, holds = condition
    named = [{"item_id": f"{number:03d}", **row} for number, row in enumerate(rows)]
    frame = IndexedFrame(catalog_rows(*named))
    total, page = frame.page(expression, sort, offset, size)
    expected = ordered([row for row in named if holds(row)], sort)
    assert total == len(expected)
    assert page["item_id"].to_list() == [row["item_id"] for row in expected][offset : offset + size]
    assert page.select("item_id", *_COLUMNS).to_dicts() == expected[offset : offset + size]


@given(st.lists(_row, min_size=1, max_size=25), _sort, st.integers(1, 7))
def test_the_pages_of_a_list_hold_every_row_once(rows: list[dict[str, Any]], sort: list[SortKey], size: int) -> None:
    frame = IndexedFrame(catalog_rows(*({"item_id": str(number), **row} for number, row in enumerate(rows))))
    pages = [frame.page(None, sort, start, size)[1] for start in range(0, len(rows), size)]
    assert sorted(item for page in pages for item in page["item_id"]) == sorted(frame.frame["item_id"])


@given(st.lists(st.text(min_size=1, max_size=4), max_size=20, unique=True), st.text(min_size=1, max_size=4))
def test_rows_of_an_item_are_found_and_no_others(items: list[str], wanted: str) -> None:
    places = [{"item_id": item, "location_id": place} for item in items for place in ("LONDON", "DUBLIN")]
    frame = IndexedFrame(catalog_rows(*places))
    for item in (*items, wanted):
        found = frame.rows_of(item)
        assert found["location_id"].to_list() == (["DUBLIN", "LONDON"] if item in items else [])
        assert set(found["item_id"]) <= {item}


def test_search_text_holds_every_name_folded() -> None:
    frame = IndexedFrame(
        catalog_rows(
            {"item_id": "A-1", "sku": "SKU", "product_name": "Größe ÉTÉ", "category": "Licht"}, {"item_id": "b"}
        )
    )
    assert frame.search_text.to_list() == ["a-1\nsku\ngrosse ete\nlicht", "b\n\nsomething\nuncategorized"]


@given(st.lists(_row, min_size=1, max_size=25), st.data(), _conditions, _sort)
def test_a_frame_with_changed_rows_is_that_frame_made_anew(
    rows: list[dict[str, Any]], data: st.DataObject, condition: Any, sort: list[SortKey]
) -> None:
    """Rows change, come and go; orders and texts are made before that, as those of a snapshot are."""
    named = {f"{number:03d}": row for number, row in enumerate(rows)}
    places = st.sampled_from([*named, "0005", "zzz"])
    edits: dict[str, Any] = data.draw(st.dictionaries(places, st.none() | _row, max_size=6))
    before = IndexedFrame(catalog_rows(*({"item_id": item, **row} for item, row in named.items())))
    before.page(None, sort, 0, 1)
    assert before.search_text.len() == len(named)
    assert before.categories.keys() == {folded(row["category"]) for row in rows}

    left = {item: row for item, row in (named | edits).items() if row is not None}
    changed = catalog_rows(*({"item_id": item, **row} for item, row in edits.items() if row is not None))
    after = before.with_rows(changed, edits)
    anew = IndexedFrame(catalog_rows(*({"item_id": item, **row} for item, row in left.items())))

    assert after.frame.equals(anew.frame)
    assert after.search_text.equals(anew.search_text)
    assert all(set(names) <= set(after.categories[form]) for form, names in anew.categories.items())
    total, page = after.page(condition[0], sort, 0, 25)
    expected_total, expected_page = anew.page(condition[0], sort, 0, 25)
    assert total == expected_total
    assert page.equals(expected_page)
