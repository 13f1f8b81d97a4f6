"""A source that replaces stored data must not have lost most of it: an incomplete export looks just like that."""

from __future__ import annotations

from shared.domain.errors import Invalid

_MEANT = "accept_shrinkage=true says that it is meant"


class SourceEmpty(Invalid):
    """The source holds nothing that can be accepted; nothing was replaced."""

    code = "source_empty"


class SourceShrunken(Invalid):
    """The source has shrunk by more than half since the last run."""

    code = "source_shrunken"


def refuse_shrunken(now: int, before: int, what: str) -> None:
    """Raises Invalid when `now` records would replace more than twice as many, or when there are none at all."""
    if now == 0:
        raise SourceEmpty(f"the source holds no {what} that can be accepted; nothing was replaced. {_MEANT}")
    if now * 2 < before:
        raise SourceShrunken(
            f"the source holds {now} {what}, the last run left {before}; a source that shrank by more than half is "
            f"taken for a broken export, nothing was replaced. {_MEANT}"
        )
