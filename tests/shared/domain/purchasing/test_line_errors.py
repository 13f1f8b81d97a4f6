"""Items that a request names twice."""

from __future__ import annotations

from shared.domain.purchasing.line_errors import duplicate_errors


def test_an_item_named_again_is_found_wherever_it_is() -> None:
    assert [error.pointer for error in duplicate_errors(["a", "b", "a", "a"], "/items")] == [
        "/items/2/item_id",
        "/items/3/item_id",
    ]
    assert duplicate_errors(["a", "b"], "/items") == []
