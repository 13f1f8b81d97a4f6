"""BigQuery's events of orders, brought back to what Firestore holds after a crash that cost its latest writes.

Nothing else needs it. An import that is lost may be repeated and changes nothing; metrics of today are written anew by
the next refresh; forecasts are read by the run that Firestore names.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable

from google.cloud.bigquery import ArrayQueryParameter, QueryJobConfig, ScalarQueryParameter

from shared.bigquery.client import bigquery_client
from shared.bigquery.dataset import create_missing
from shared.bigquery.tables import ORDER_EVENTS
from shared.config import Config
from shared.domain.purchasing.purchase_order import PurchaseOrder
from shared.firestore.driver import database
from shared.firestore.purchase_orders import PurchaseOrders
from shared.firestore.tenant import Tenant

_EVENT = re.compile(r"/(?P<of>[hr])(?P<number>\d+)(/|$)")


def remove_lost_events(config: Config, since: dt.datetime) -> int:
    """Remove the events since then of which the orders know nothing; returns how many.

    (Of a pending order whose change is lost the quantities are right again with its next event, which writes all.)
    """
    create_missing(config)
    bigquery = bigquery_client(config)
    table = f"{config.project_id}.{config.dataset}.{ORDER_EVENTS.name}"
    query = f"SELECT client_id, order_id, event_id FROM `{table}` WHERE occurred_at >= @since"  # noqa: S608
    wanted = QueryJobConfig(query_parameters=[ScalarQueryParameter("since", "TIMESTAMP", since)])
    events: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for client_id, order_id, event_id in bigquery.query_and_wait(query, job_config=wanted):
        events[client_id].append((order_id, event_id))
    removed = 0
    for client_id, of_client in events.items():
        orders = PurchaseOrders(Tenant(database(config), client_id)).get_many({order_id for order_id, _ in of_client})
        lost = lost_events(of_client, orders)
        removed += len(lost)
        statement = f"DELETE FROM `{table}` WHERE client_id = @client_id AND event_id IN UNNEST(@lost)"  # noqa: S608
        parameters = [
            ScalarQueryParameter("client_id", "STRING", client_id),
            ArrayQueryParameter("lost", "STRING", lost),
        ]
        bigquery.query_and_wait(statement, job_config=QueryJobConfig(query_parameters=parameters))
    return removed


def lost_events(events: Iterable[tuple[str, str]], orders: Iterable[PurchaseOrder]) -> list[str]:
    """Of these ids, each behind the id of its order, those of orders, steps and receipts that there are not."""
    by_id = {order.id: order for order in orders}
    return [event_id for order_id, event_id in events if not _is_of(by_id.get(order_id), event_id)]


def _is_of(order: PurchaseOrder | None, event_id: str) -> bool:
    if order is None:
        return False
    event = _EVENT.match(event_id.removeprefix(order.id))
    if event is None:
        return False
    number = int(event["number"])
    return number < len(order.history) if event["of"] == "h" else number <= order.receipt_count
