"""Whether new revisions may take more traffic: pure rules over what was counted since the last step."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

STEPS = (5, 25, 100)  # percent of the traffic that new revisions take, each step watched before the next


@dataclass(frozen=True)
class Counts:
    """Requests of a revision since a step began; `p95_ms` is None where nothing was measured."""

    requests: int = 0
    errors: int = 0  # answers of 5xx
    p95_ms: float | None = None

    @property
    def error_rate(self) -> float:
        return self.errors / self.requests if self.requests else 0.0


@dataclass(frozen=True)
class Limits:
    """What a new revision may do, beside the one that served before."""

    sample: int = 20  # fewer requests than this tell nothing
    errors: int = 1  # so many errors are chance, in however few requests
    error_rate: float = 0.01
    error_ratio: float = 2.0  # times the rate of the revision before
    slow_ms: float = 1_000.0  # below this nobody minds
    slow_ratio: float = 2.0  # times the 95th percentile of the revision before
    watch_s: float = 600.0  # each step lasts at least this long: Cloud Run's metrics come up to 3 minutes late
    patience_s: float = 1_800.0  # and at most this long


class Health(Enum):
    UNKNOWN = "too few requests"
    GOOD = "good"
    WORSE = "worse"


@dataclass(frozen=True)
class Judgement:
    health: Health
    reason: str


class Move(Enum):
    WAIT = "wait"
    FORWARD = "forward"  # to the next step; after the last one the rollout is done
    BACK = "back"


def judged(new: Counts, old: Counts, limits: Limits) -> Judgement:
    """How the new revision of a function does. Errors count in any sample; to be good takes one that says something."""
    usual = old.error_rate if old.requests >= limits.sample else 0.0
    allowed = max(limits.errors, math.floor(new.requests * max(limits.error_rate, limits.error_ratio * usual)))
    if new.errors > allowed:
        return Judgement(Health.WORSE, f"{new.errors} errors in {new.requests} requests, at most {allowed} are allowed")
    if new.requests < limits.sample:
        return Judgement(Health.UNKNOWN, f"{new.requests} requests, at least {limits.sample} are needed")
    if new.p95_ms is not None and old.p95_ms is not None and old.requests >= limits.sample:
        slowest = max(limits.slow_ms, limits.slow_ratio * old.p95_ms)
        if new.p95_ms > slowest:
            return Judgement(Health.WORSE, f"p95 is {new.p95_ms:.0f} ms, at most {slowest:.0f} ms are allowed")
    return Judgement(Health.GOOD, f"{new.errors} errors in {new.requests} requests")


def next_move(judgements: Iterable[Judgement], waited_s: float, limits: Limits) -> Move:
    """What to do `waited_s` after a step began: back at the first revision that is worse, forward when all are good.

    Who does not get a sample in time goes back: traffic is never left divided.
    """
    healths = {judgement.health for judgement in judgements}
    if Health.WORSE in healths:
        return Move.BACK
    if Health.UNKNOWN in healths:
        return Move.BACK if waited_s >= limits.patience_s else Move.WAIT
    return Move.FORWARD if waited_s >= limits.watch_s else Move.WAIT
