"""What a question is answered with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.tools.call import ApiCall
from shared.tools.platform import CallMade
from shared.tools.showing import Figure, Link, Table


@dataclass(frozen=True)
class CallSeen:
    """A call that was made, as it is shown."""

    method: str
    path: str
    status: int | None


@dataclass(frozen=True)
class PlannedCall:
    """A call that would be made, as it is shown."""

    method: str
    path: str
    body: Mapping[str, Any] | None


@dataclass(frozen=True)
class ProposalShown:
    """A plan with the token that confirms it."""

    token: str
    summary: str
    calls: tuple[PlannedCall, ...]
    figures: tuple[Figure, ...]
    table: Table | None
    expires_at: dt.datetime


@dataclass(frozen=True)
class ChatAnswer:
    """An answer; schemas.py describes it."""

    answer: str
    understood: bool
    figures: tuple[Figure, ...]
    table: Table | None
    calls: tuple[CallSeen, ...]
    links: tuple[Link, ...]
    suggestions: tuple[str, ...]
    proposal: ProposalShown | None
    model: str


def seen(made: Iterable[CallMade]) -> tuple[CallSeen, ...]:
    return tuple(CallSeen(each.call.method, each.call.address, each.status) for each in made)


def planned(calls: Sequence[ApiCall]) -> tuple[PlannedCall, ...]:
    return tuple(PlannedCall(call.method, call.address, call.body) for call in calls)
