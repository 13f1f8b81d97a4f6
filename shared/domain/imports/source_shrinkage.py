"""A source that replaces what is stored must not have lost most of it: a broken-off export looks just like that."""

from __future__ import annotations

from shared.domain.errors import Invalid


def refuse_shrunken(now: int, before: int, what: str) -> None:
    """Raises Invalid when `now` records would replace more than twice as many, or when there are none at all."""
    if now == 0:
        raise Invalid("source_empty", f"the source holds no {what} that can be accepted; nothing was replaced")
    if now * 2 < before:
        raise Invalid(
            "source_shrunken",
            f"the source holds {now} {what}, the last run left {before}; a source that shrank by more than half is "
            "taken for a broken export, nothing was replaced",
        )
