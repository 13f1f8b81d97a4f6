"""What a rejected row of a stock list may be about keeps its stock, and nothing else does."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.imports.stock_list import Unread, is_lot_column

ITEMS = st.sampled_from("abc")
PLACES = st.sampled_from(["LONDON", "DUBLIN", "CORK"])
LEVELS = st.dictionaries(PLACES, st.integers(0, 99).map(Decimal))
ROWS = st.lists(st.tuples(st.none() | ITEMS, st.none() | PLACES))


@given(rows=ROWS, nameless=st.integers(0, 1), item=ITEMS, stored=LEVELS, listed=LEVELS)
def test_only_what_a_rejected_row_may_be_about_is_kept(
    rows: list[tuple[str | None, str | None]],
    nameless: int,
    item: str,
    stored: dict[str, Decimal],
    listed: dict[str, Decimal],
) -> None:
    kept = Unread.of(rows, nameless).kept(item, stored, listed)
    assert not kept.keys() & listed.keys()
    assert kept.items() <= stored.items()
    for place in stored.keys() - listed.keys():
        about = any(name in (None, item) and (name is None or where in (None, place)) for name, where in rows)
        assert (place in kept) == (nameless > 0 or about)


def test_columns_that_split_stock_are_known_however_they_are_written() -> None:
    assert all(is_lot_column(name) for name in ("LOT", "Batch-No.", "charge", "Lagerplatz", "Numéro de lot", "Lote"))
    assert not any(is_lot_column(name) for name in ("item_id", "stock", "counted_at", "remark", ""))
