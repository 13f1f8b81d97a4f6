"""The results of a sync's windows as one result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FIRST, _LAST = "from_date", "to_date"
_SHOWN = 20


# What every window says alike, or the first one best.
_OF_THE_SOURCE = ("mapping", "mapping_source", "unclear_columns", "preview", "suggested_mapping", "questions")


def joined(before: Mapping[str, Any], window: Mapping[str, Any]) -> dict[str, Any]:
    """What was reported until now and what the next window reports, in one.

    Counts add up, examples are put together up to 20, the range of days spans both. Orphans may be the same ones in
    both: as many as the examples tell apart, at least those of the larger.
    """
    if not before:
        return dict(window)
    both: dict[str, Any] = {**before, **window}
    for name in before.keys() & window.keys():
        both[name] = before[name] if name in _OF_THE_SOURCE else _joined(name, before[name], window[name])
    return both


def _joined(name: str, before: Any, after: Any) -> Any:
    if before is None or after is None:
        return after if before is None else before
    if name in (_FIRST, _LAST):
        return min(before, after) if name == _FIRST else max(before, after)
    if name == "orphans":
        examples = sorted({*before["examples"], *after["examples"]})
        return {"count": max(before["count"], after["count"], len(examples)), "examples": examples[:_SHOWN]}
    if isinstance(before, bool):
        return after
    if isinstance(before, int | float):
        return before + after
    if isinstance(before, Mapping):
        return {key: before.get(key, 0) + after.get(key, 0) for key in {**before, **after}}
    if isinstance(before, list):
        return list({str(each): each for each in [*before, *after]}.values())[:_SHOWN]
    return after
