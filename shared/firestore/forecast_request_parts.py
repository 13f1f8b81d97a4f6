"""The lists of a forecast request as pieces that each fit a document: 10,000 long item ids would not fit one."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Iterable

from shared.domain.forecast_request import ForecastRequest, FutureDay

_PIECE_BYTES = 900 * 1024  # a document holds 1 MiB


def parts(wanted: ForecastRequest) -> list[bytes]:
    """The request's items and future days, compressed and cut; none when it has neither."""
    if wanted.item_ids is None and not wanted.future:
        return []
    days = [vars(day) | {"date_local": day.date_local.isoformat()} for day in wanted.future]
    packed = zlib.compress(json.dumps({"item_ids": wanted.item_ids, "future": days}).encode())
    return [packed[start : start + _PIECE_BYTES] for start in range(0, len(packed), _PIECE_BYTES)]


def joined(pieces: Iterable[bytes]) -> tuple[tuple[str, ...] | None, tuple[FutureDay, ...]]:
    """(item ids, future days) of what `parts` made; no piece: every item, nothing known."""
    packed = b"".join(pieces)
    if not packed:
        return None, ()
    found = json.loads(zlib.decompress(packed))
    days = (FutureDay(**{**day, "date_local": dt.date.fromisoformat(day["date_local"])}) for day in found["future"])
    return None if found["item_ids"] is None else tuple(found["item_ids"]), tuple(days)
