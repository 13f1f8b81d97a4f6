"""Where a page of a list by token starts, as the page before said it; anything else is refused by the same words."""

from __future__ import annotations

import datetime as dt

from shared.domain.errors import Invalid, invalid_field


def moment_and_id(position: str) -> tuple[dt.datetime, str]:
    """The two parts of a position "<time> <id>"; raises Invalid for anything else."""
    text, _, identifier = position.partition(" ")
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise unknown_position() from None
    if moment.tzinfo is None or not identifier:
        raise unknown_position()
    return moment, identifier


def unknown_position() -> Invalid:
    """The refusal of a position that no page gave."""
    detail = "page_token is not one that a page of these gave as next_page_token"
    return invalid_field("query/page_token", "invalid_page_token", detail)
