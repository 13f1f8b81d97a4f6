"""Frames to bytes and back, in chunks that fit a document."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from shared.catalog.codec import CHUNK_BYTES, decode, encode, split
from shared.catalog.schema import ROW_SCHEMA
from tests.support.catalogs import catalog_rows

_names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(_names, st.none() | _names, st.decimals(0, 10**9, places=3)), max_size=30))
@settings(max_examples=50)
def test_a_frame_comes_back_as_it_was(rows: list[tuple[str, str | None, Decimal]]) -> None:
    frame = catalog_rows(*({"item_id": item, "sku": sku, "current_stock": stock} for item, sku, stock in rows))
    back = decode(encode(frame))
    assert back.schema == ROW_SCHEMA
    assert_frame_equal(back, frame)


@given(st.permutations([f"an item with a long name {number}" for number in range(6)]))
def test_the_same_rows_give_the_same_bytes_in_whatever_order_they_came(items: list[str]) -> None:
    shuffled = catalog_rows(*({"item_id": item} for item in items))
    assert encode(shuffled) == encode(catalog_rows(*({"item_id": item} for item in sorted(items))))


@given(st.binary(min_size=1, max_size=64), st.integers(0, 3), st.integers(-1, 1))
@settings(max_examples=20)
def test_chunks_join_to_the_whole_and_fit_a_document(pattern: bytes, chunks: int, more: int) -> None:
    data = (pattern * (chunks * CHUNK_BYTES // len(pattern) + 1))[: max(chunks * CHUNK_BYTES + more, 0)]
    parts = list(split(data))
    assert b"".join(part for _, part in parts) == data
    assert all(0 < len(part) <= CHUNK_BYTES < 1024 * 1024 for _, part in parts)
    assert parts == list(split(data))
    assert len(dict(parts)) == len({part for _, part in parts})
