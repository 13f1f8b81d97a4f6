"""What is wrong with the lines of a request, all of it in one refusal."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.errors import FieldError, Invalid

_SHOWN = 3


def invalid_lines(errors: Sequence[FieldError]) -> Invalid:
    """One refusal for everything that is wrong: with the code that all errors share, else `invalid_lines`."""
    codes = {one.code for one in errors}
    code = codes.pop() if len(codes) == 1 else "invalid_lines"
    shown = "; ".join(one.detail for one in errors[:_SHOWN])
    more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    return Invalid(code, f"{shown}{more}", errors=tuple(errors))


def duplicate_errors(item_ids: Sequence[str], pointer: str) -> list[FieldError]:
    """An error for every further place below `pointer` at which an item is named again."""
    seen: set[str] = set()
    errors = []
    for number, item_id in enumerate(item_ids):
        if item_id in seen:
            detail = f"{item_id!r} is named before: an item has one line; add the quantities up"
            errors.append(FieldError(f"{pointer}/{number}/item_id", "duplicate_item", detail))
        seen.add(item_id)
    return errors
