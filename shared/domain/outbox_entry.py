"""A task that is to be handed to the queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OutboxEntry:
    """A task to be created: POST `body` to `path` of `function`, and not before that time."""

    id: str
    client_id: str
    function: str
    path: str
    body: Mapping[str, Any]
    created_at: dt.datetime
    not_before: dt.datetime | None = None
