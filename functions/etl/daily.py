"""The scheduler's call: start the daily run of every client whose day has come, and wait for none of them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from zoneinfo import ZoneInfoNotFoundError

from functions.etl import chain
from shared.config import Config
from shared.domain.access.client import Client
from shared.domain.errors import Unavailable
from shared.domain.etl_run import EtlRunRequest, RunInProgress, daily_run_id, due
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.tasks.etl_runs import start_run
from shared.tasks.operations import existing_operations
from shared.tasks.starting import delivered
from shared.telemetry.logs import log
from shared.telemetry.threads import Threads

_AT_ONCE = 16  # starts, each a few calls to Firestore and one to Cloud Tasks
_LOOKED_UP_AT_ONCE = 300


class DailyRunsNotStarted(Unavailable):
    """Some clients' daily runs could not be started; the next call tries again."""

    code = "daily_runs_not_started"


class _Outcome(StrEnum):
    STARTED = "started"
    WAITS = "waits"
    FAILED = "failed"


@dataclass(frozen=True)
class DailyRuns:
    """Of how many clients the day's run is due, has been there before, was started now, or waits for another run."""

    due: int
    there: int
    started: int
    waiting: int


def start_due(config: Config, now: dt.datetime) -> DailyRuns:
    """Start the runs that are due and not there; raises DailyRunsNotStarted, behind all others, where one failed."""
    clients = Clients(database(config)).active()
    days = [each for each in (_due(client, now) for client in clients) if each is not None]
    missing = list(_missing(config, days))
    with Threads(_AT_ONCE) as pool:
        outcomes = Counter(pool.map(partial(_start, config, now), missing))
    if failures := outcomes[_Outcome.FAILED]:
        raise DailyRunsNotStarted(f"{failures} of {len(missing)} daily runs could not be started; the log says why")
    there = len(days) - len(missing)
    log("INFO", "daily runs", due=len(days), there=there, started=outcomes[_Outcome.STARTED])
    return DailyRuns(len(days), there, outcomes[_Outcome.STARTED], outcomes[_Outcome.WAITS])


def _due(client: Client, now: dt.datetime) -> tuple[Client, dt.date] | None:
    """The client with the day that is due, if any; one whose zone is none has the day of UTC, and fails by itself."""
    try:
        day = due(client, now)
    except (ZoneInfoNotFoundError, ValueError):
        day = now.date()
    return None if day is None else (client, day)


def _missing(config: Config, days: Sequence[tuple[Client, dt.date]]) -> Iterator[tuple[Client, dt.date]]:
    """Those whose run of the day is not there; a read each."""
    for start in range(0, len(days), _LOOKED_UP_AT_ONCE):
        part = days[start : start + _LOOKED_UP_AT_ONCE]
        wanted = [(Tenant(database(config), each.client_id), daily_run_id(day)) for each, day in part]
        found = existing_operations(database(config), wanted)
        yield from (each for each in part if each[0].client_id not in found)


def _start(config: Config, now: dt.datetime, client_and_day: tuple[Client, dt.date]) -> _Outcome:
    """Start one client's run; whatever is wrong with it is no other client's concern."""
    client, day = client_and_day
    tenant = Tenant(database(config), client.client_id)
    try:
        request = EtlRunRequest(daily_run_id(day), client.today(now), chain.steps_of(tenant), "scheduler", now)
        delivered(config, start_run(tenant, request))
    except RunInProgress as error:
        log("INFO", "daily run waits for another one", client_id=client.client_id, reason=error.detail)
        return _Outcome.WAITS
    except Exception as error:  # noqa: BLE001 - of any kind: the others are to be started
        log("ERROR", "daily run not started", error=error, client_id=client.client_id)
        return _Outcome.FAILED
    return _Outcome.STARTED
