"""Lines of a request that name an item twice."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.errors import InvalidField


class DuplicateItem(InvalidField):
    """An item is named twice in one request."""

    code = "duplicate_item"


def duplicate_errors(item_ids: Sequence[str], pointer: str) -> list[InvalidField]:
    """An error for every further place below `pointer` at which an item is named again."""
    seen: set[str] = set()
    errors: list[InvalidField] = []
    for number, item_id in enumerate(item_ids):
        if item_id in seen:
            errors.append(duplicate_error(item_id, f"{pointer}/{number}"))
        seen.add(item_id)
    return errors


def duplicate_error(item_id: str, line: str) -> DuplicateItem:
    """The error of the line at this JSON pointer, whose item an earlier one names."""
    return DuplicateItem(f"{line}/item_id", f"{item_id!r} is named before: an item has one line; add the quantities up")
