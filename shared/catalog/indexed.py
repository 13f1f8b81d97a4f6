"""A frame with what repeated lists over it share: sort orders and lower-cased search text, each made on first use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import polars as pl

_KEPT_ORDERS = 32


@dataclass(frozen=True)
class SortKey:
    column: str
    descending: bool = False


class IndexedFrame:
    """Rows sorted by their key, and lookups over them. Immutable; an edit makes a new one."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self._order = lru_cache(maxsize=_KEPT_ORDERS)(self._sorted)

    @cached_property
    def search_text(self) -> pl.Series:
        """What a search looks in, one text per row."""
        columns = [pl.col(name).fill_null("") for name in ("item_id", "sku", "product_name", "category")]
        return self.frame.select(pl.concat_str(columns, separator="\n").str.to_lowercase()).to_series()

    def rows_of(self, item_id: str) -> pl.DataFrame:
        """The item's rows: binary search, as the frame is sorted by it."""
        ids = self.frame["item_id"]
        start = ids.search_sorted(item_id, side="left")
        return self.frame[start : ids.search_sorted(item_id, side="right")]

    def page(
        self, condition: pl.Expr | None, sort: Sequence[SortKey], offset: int, size: int
    ) -> tuple[int, pl.DataFrame]:
        """How many rows meet the condition, and `size` of them from `offset` in the wanted order. Nulls come last."""
        order = self._order(tuple(sort)) if sort else None
        if condition is None:
            total = self.frame.height
            picked = self.frame[offset : offset + size] if order is None else self.frame[order[offset : offset + size]]
            return total, picked
        mask = self.frame.select(condition.fill_null(value=False)).to_series()
        found = mask.arg_true() if order is None else order.filter(mask.gather(order))
        return found.len(), self.frame[found[offset : offset + size]]

    def _sorted(self, sort: tuple[SortKey, ...]) -> pl.Series:
        return self.frame.select(
            pl.arg_sort_by(
                [pl.col(key.column) for key in sort],
                descending=[key.descending for key in sort],
                nulls_last=True,
                maintain_order=True,
            )
        ).to_series()
