"""A task that is to be handed to the queue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SYNC_PATH = "/internal/sync"  # of the function etl: reads a client's database


@dataclass(frozen=True)
class OutboxEntry:
    """A task to be created: POST `body` to `path` of `function`, and not before that time.

    `traceparent` names the trace that it was asked for in, and that it so belongs to.
    """

    id: str
    client_id: str
    function: str
    path: str
    body: Mapping[str, Any]
    created_at: dt.datetime
    not_before: dt.datetime | None = None
    traceparent: str | None = None

    @property
    def waits_for_a_source(self) -> bool:
        """Whether its work is to wait for a client's database."""
        return (self.function, self.path) == ("etl", SYNC_PATH)
