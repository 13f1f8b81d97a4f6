"""Scoring frozen forecasts once their days are over: the daily task of each client.

What was scored so far is read from `forecast_accuracy` itself, and every batch of days is one MERGE of the totals whose
windows ended on them, then one of the days' forecasts, the earliest days first. So a task that is killed leaves whole
batches, the next one goes on behind them, and another one changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from shared.bigquery.accuracy_queries import ACCURACY_PROGRESS, HISTORY_DAYS, SCORE_FORECASTS
from shared.bigquery.tables import ACCURACY_LAGS
from shared.bigquery.total_accuracy_queries import COST_DAYS, SCORE_TOTALS, TOTALS_HISTORY_DAYS
from shared.bigquery.warehouse import Parameter, Warehouse
from shared.config import Config
from shared.domain.forecast_run import ForecastRun
from shared.domain.outbox_entry import OutboxEntry
from shared.firestore.clients import Clients
from shared.firestore.driver import database
from shared.firestore.forecast_runs import ForecastRuns
from shared.firestore.outbox import Outbox
from shared.firestore.tenant import Tenant
from shared.tasks.delivery import deliver

# The last days that were scored are looked at again: sales are corrected and imported late.
REOPENED_DAYS = 2
# So far back the first scoring of a client goes, and one after a long pause.
BACKFILL_DAYS = 91
# A usual night is one batch, which reads the forecasts of 12 run dates: of a client with 1,000,000 series about 190 GB.
_BATCH_DAYS = 3
_DAY = dt.timedelta(1)
_LONGEST_LAG = dt.timedelta(max(ACCURACY_LAGS) - 1)


@dataclass(frozen=True)
class ScoringOutcome:
    """What a scoring did: days that it looked at, and rows of forecast_accuracy and total_accuracy that it wrote or
    changed."""

    days: int
    rows_changed: int


def start_scoring(config: Config, now: dt.datetime) -> int:
    """Queue the scoring of every active client; returns of how many.

    A client's task of a day has one name: a repeated call, after one that was killed, starts none of them again.
    """
    clients = Clients(database(config)).active()
    for client in clients:
        tenant = Tenant(database(config), client.client_id)
        entry = OutboxEntry(
            id=f"accuracy-{client.client_id}-{now:%Y%m%d}",
            client_id=client.client_id,
            function="analytics",
            path="/internal/accuracy",
            body={"client_id": client.client_id},
            created_at=now,
        )
        _keep(tenant, entry)
        deliver(config, entry)
    return len(clients)


def score_forecasts(config: Config, tenant: Tenant, now: dt.datetime) -> ScoringOutcome:
    """Score every published forecast of the days that have come to an end since the last time."""
    yesterday = Clients(database(config)).get(tenant.client_id).today(now) - _DAY
    earliest = yesterday - BACKFILL_DAYS * _DAY
    warehouse = Warehouse(config, tenant.client_id)
    (progress,) = warehouse.rows(
        ACCURACY_PROGRESS, first=earliest, last=yesterday, first_run=earliest - _LONGEST_LAG - _DAY
    )
    last, scored_until = progress.known_until, progress.scored_until
    if last is None:
        return ScoringOutcome(0, 0)
    first = earliest if scored_until is None else max(earliest, scored_until - (REOPENED_DAYS - 1) * _DAY)
    runs = ForecastRuns(tenant).published_between(first - _LONGEST_LAG, last)
    days = changed = 0
    for batch_first, batch_last in _batches(first, last):
        due = [run for run in runs if _is_due(run, batch_first, batch_last)]
        if not due:
            continue
        first_run = batch_first - _LONGEST_LAG
        days += (batch_last - batch_first).days + 1
        parameters: dict[str, Parameter] = {
            "first": batch_first,
            "last": batch_last,
            "first_run": first_run,
            "run_ids": [run.run_id for run in due],
        }
        # First, for it is the second that tells what has been done; what it needs of that is of earlier batches.
        changed += warehouse.change(
            SCORE_TOTALS,
            history=first_run - TOTALS_HISTORY_DAYS * _DAY,
            costs_from=batch_last - COST_DAYS * _DAY,
            costs_until=batch_last + _DAY,
            **parameters,
        )
        changed += warehouse.change(SCORE_FORECASTS, history=first_run - HISTORY_DAYS * _DAY, **parameters)
    return ScoringOutcome(days, changed)


def _batches(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    while first <= last:
        end = min(first + (_BATCH_DAYS - 1) * _DAY, last)
        yield first, end
        first = end + _DAY


def _is_due(run: ForecastRun, first: dt.date, last: dt.date) -> bool:
    """Whether one of its lags falls on one of these days."""
    return any(first <= run.run_date + (lag - 1) * _DAY <= last for lag in ACCURACY_LAGS)


def _keep(tenant: Tenant, entry: OutboxEntry) -> None:
    tenant.transact(lambda transaction: Outbox(tenant).add_once(transaction, entry))
